/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Spellings of logs, papers, shops and bills (tests/data/names.csv): each is understood as its row, spans the variants it
 * leaves open, or is asked back; none is taken for another. R-CAT-20 to R-CAT-29.
 */
#include "base/csv.h"
#include "catalogue/catalogue.h"
#include "tap.h"

struct verdict {
    const char *word; /* "is", "several", "ask" */
    char row[128];    /* that it was taken for */
    const struct jb_candidates *candidates;
};

static struct jb_accelerator board;

static struct verdict judge_accelerator(const char *name)
{
    struct verdict verdict = {.word = "ask"};
    if (jb_catalogue_find_accelerator(name, &board, NULL) < 0)
        return verdict;
    verdict.word = board.match == JB_MATCH_EXACT ? "is" : "several";
    verdict.candidates = &board.candidates;
    (void)snprintf(verdict.row, sizeof verdict.row, "%s", board.name);
    return verdict;
}

static struct verdict judge_instance(const char *name)
{
    struct verdict verdict = {.word = "ask"};
    struct jb_instance instance;
    if (jb_catalogue_find_instance(NULL, name, &instance, NULL) < 0)
        return verdict;
    verdict.word = "is";
    (void)snprintf(verdict.row, sizeof verdict.row, "%s/%s", instance.provider, instance.type);
    return verdict;
}

static struct verdict judge_region(const char *name)
{
    struct verdict verdict = {.word = "ask"};
    struct jb_region region;
    if (jb_catalogue_find_region(NULL, name, 0, &region, NULL) < 0)
        return verdict;
    verdict.word = "is";
    (void)snprintf(verdict.row, sizeof verdict.row, "%s/%s", region.provider, region.region);
    return verdict;
}

static struct verdict judge_grid(const char *name)
{
    struct verdict verdict = {.word = "ask"};
    struct jb_grid_intensity grid;
    if (jb_catalogue_find_grid(name, 0, NULL, &grid, NULL) < 0)
        return verdict;
    verdict.word = "is";
    (void)snprintf(verdict.row, sizeof verdict.row, "%s", grid.zone);
    return verdict;
}

/* A processor that is not exactly known is answered with a band that says so. */
static struct verdict judge_cpu(const char *name)
{
    struct verdict verdict = {.word = "ask"};
    struct jb_cpu_power cpu;
    if (jb_catalogue_find_cpu(name, 0, &cpu, NULL) < 0 || cpu.name[0] == '\0')
        return verdict;
    verdict.word = cpu.match == JB_CPU_EXACT ? "is" : "ask";
    (void)snprintf(verdict.row, sizeof verdict.row, "%s", cpu.name);
    return verdict;
}

static const struct {
    const char *kind;
    struct verdict (*judge)(const char *name);
} judges[] = {
    {"accelerator", judge_accelerator},
    {"instance", judge_instance},
    {"region", judge_region},
    {"grid", judge_grid},
    {"cpu", judge_cpu},
};

static bool has_candidate(const struct jb_candidates *candidates, const char *row)
{
    for (size_t i = 0; candidates && i < candidates->n; i++)
        if (strcmp(candidates->names[i], row) == 0)
            return true;
    return false;
}

static void check(const struct jb_csv_field *fields, size_t *n_silent)
{
    const char *const kind = fields[0].text, *const want = fields[2].text;
    const char *const row = fields[3].text;
    struct verdict got = {.word = "no such kind"};

    for (size_t i = 0; i < sizeof judges / sizeof judges[0]; i++)
        if (strcmp(judges[i].kind, kind) == 0)
            got = judges[i].judge(fields[1].text);
    bool is_right = strcmp(got.word, want) == 0;
    if (is_right && strcmp(want, "is") == 0)
        is_right = strcmp(got.row, row) == 0;
    if (is_right && strcmp(want, "several") == 0)
        is_right = has_candidate(got.candidates, row);
    *n_silent += !is_right && strcmp(got.word, "is") == 0;
    if (!ok(is_right, "%s '%s' %s %s", kind, fields[1].text, want, row))
        diag("names.csv:%lld: it %s '%s'", (long long)fields[0].line, got.word, got.row);
}

static char *read_file(const char *path, size_t *ret_len)
{
    FILE *const file = fopen(path, "re");
    char *const bytes = malloc(1 << 20);
    *ret_len = file && bytes ? fread(bytes, 1, 1 << 20, file) : 0;
    if (file)
        (void)fclose(file);
    return bytes;
}

static void spellings(void)
{
    static const struct jb_csv_rules rules = {',', true, 4, 512};
    JB_AUTO(jb_csv_free_auto) struct jb_csv *csv = NULL;
    const struct jb_csv_field *fields = NULL;
    enum jb_csv_got got = JB_CSV_RECORD;
    size_t len = 0, n = 0, n_names = 0, n_silent = 0;
    JB_AUTO(jb_free_auto) char *bytes = read_file("tests/data/names.csv", &len);

    if (!ok(bytes && len > 0 && jb_csv_new(&rules, &csv, NULL) == JB_OK, "the spellings are read"))
        return;
    jb_csv_feed(csv, bytes, len, true);
    while (jb_csv_next(csv, "names.csv", &got, &fields, &n, NULL) == JB_OK &&
           got == JB_CSV_RECORD && n == 4)
        if (fields[0].line > 1) {
            check(fields, &n_silent);
            n_names++;
        }
    is_i64(got, JB_CSV_END, "to the end of the file");
    ok(n_names >= 250, "there are %zu spellings", n_names);
    is_i64((int64_t)n_silent, 0, "none is silently taken for another");
}

static void counts(void)
{
    static const struct {
        const char *name;
        int64_t milli;
    } told[] = {{"8x A100 80GB", 8000},
                {"8\xc3\x97"
                 "A100",
                 8000},
                {"half a K80", 500},
                {"1/2 K80", 500},
                {"0.5 x K80", 500},
                {"A100 x8", 8000},
                {"gpu:v100:2", 2000},
                {"384 A100", 384000},
                {"dual RTX 3090", 2000},
                {"TPU v3-8", 4000},
                {"TPU v5litepod-8", 8000},
                {"A100", 0},
                {"RTX 2080 Ti", 0},
                {"2080 Ti", 0},
                {"2 2080 Ti", 2000}};
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++)
        is_i64(jb_catalogue_find_accelerator(told[i].name, &board, NULL) == JB_OK
                   ? board.n_told_milli
                   : -1,
               told[i].milli, "'%s' tells its count", told[i].name);
}

static void figures(void)
{
    struct jb_error err = {0};

    if (ok(jb_catalogue_find_accelerator("A100", &board, &err) == JB_OK, "A100 is known")) {
        ok(board.match == JB_MATCH_SEVERAL && board.candidates.n_all == 4, "as four variants");
        ok(board.board_mw.low == 250000 && board.board_mw.high == 400000,
           "whose power spans 250 to 400 W");
        is_i64(board.memory_mib.low, 40 * 1024, "and whose memory begins at 40 GiB");
    }
    if (ok(jb_catalogue_find_accelerator("K80", &board, &err) == JB_OK, "K80 is known")) {
        is_i64(board.dies_per_board, 2, "as a board of two devices");
        is_i64(board.board_mw.best, 300000, "of 300 W together");
        ok(board.source[0] != '\0', "with its source");
    }
    ok(jb_catalogue_find_accelerator("RTX 3O90", &board, &err) == JB_E_INPUT &&
           strstr(err.hint, "RTX 3090"),
       "a typo is answered with what is near it");
    ok(jb_catalogue_find_accelerator("", &board, &err) == JB_E_INPUT &&
           jb_catalogue_find_accelerator(NULL, &board, &err) == JB_E_INPUT &&
           jb_catalogue_find_accelerator("  ", &board, &err) == JB_E_INPUT,
       "no name is no accelerator");
    char name[2000];
    memset(name, 'A', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    ok(jb_catalogue_find_accelerator(name, &board, &err) == JB_E_INPUT, "nor is an endless one");
    memcpy(name, "NVIDIA A100 SXM4 80GB ", 22);
    ok(jb_catalogue_find_accelerator(name, &board, &err) == JB_E_INPUT,
       "what comes behind the first bytes is not left out");
}

/* What one function hands out another must take. */
static void own_names(void)
{
    size_t n = 0;
    struct jb_instance instance;

    for (size_t i = 0; i < jb_catalogue_n_tables(); i++)
        if (strcmp(jb_catalogue_table_at(i).name, "accelerators") == 0)
            n = jb_catalogue_table_at(i).n_rows;
    ok(n > 100, "there are accelerators");
    ok(jb_catalogue_find_instance("AWS", "p2.xlarge", &instance, NULL) == JB_OK &&
           instance.n_accelerators_milli == 500 &&
           jb_catalogue_find_accelerator(instance.accelerator, &board, NULL) == JB_OK &&
           board.match == JB_MATCH_EXACT,
       "a p2.xlarge has half a K80, which is found by the name it has there");
    ok(jb_catalogue_find_instance("Microsoft", "Standard_NC6", &instance, NULL) == JB_OK &&
           instance.n_vcpus == 6 && instance.memory_mib == 56 * 1024,
       "a provider by its name on a bill");
    ok(jb_catalogue_find_instance("no such shop", "p3.2xlarge", &instance, NULL) == JB_E_INPUT,
       "a provider that nobody knows is asked back");
}

/* R-CAT-20: best is of the variant that most machine types have, not of the middle of a list. */
static void usual_variant(void)
{
    ok(jb_catalogue_find_accelerator("A100 80GB", &board, NULL) == JB_OK &&
           strcmp(board.usual, "NVIDIA A100 SXM4 80GB") == 0 && board.board_mw.best == 400000 &&
           board.board_mw.low == 300000,
       "an A100 80GB is most often the SXM4 board of 400 W");
    ok(jb_catalogue_find_accelerator("V100", &board, NULL) == JB_OK &&
           board.board_mw.low == 250000 && board.board_mw.best == 300000 &&
           board.board_mw.high == 350000,
       "a V100 is no board of half its power unless that is told");
    ok(jb_catalogue_find_accelerator("V100 FHHL", &board, NULL) == JB_OK &&
           board.match == JB_MATCH_EXACT && board.board_mw.best == 150000,
       "told, it is");
    ok(jb_catalogue_find_accelerator("GTX 1060", &board, NULL) == JB_OK && board.usual[0] == '\0',
       "where no machine type has any, none is the usual one");
    struct jb_error err = {0};
    ok(jb_catalogue_find_accelerator("V10", &board, &err) == JB_E_INPUT &&
           strncmp(err.hint, "did you mean 'NVIDIA Tesla V100", 31) == 0,
       "R-CAT-25: what begins alike is named first");
}

/* R-CAT-29: AWS disclosed 1.30 for Tokyo in 2022 and 1.27 in 2024. */
static void pue_by_year(void)
{
    struct jb_region region;
    ok(jb_catalogue_find_region("aws", "ap-northeast-1", 2022, &region, NULL) == JB_OK &&
           region.pue_milli.best == 1300 && region.pue_year == 2022,
       "a region's PUE is of the year asked for");
    ok(jb_catalogue_find_region("aws", "ap-northeast-1", 0, &region, NULL) == JB_OK &&
           region.pue_milli.best == 1270 && region.pue_year == 2024,
       "else the newest");
    ok(jb_catalogue_find_region("aws", "ap-northeast-1", 1999, &region, NULL) == JB_OK &&
           region.pue_year == 2024,
       "which year it is of is told");
}

int main(void)
{
    usual_variant();
    pue_by_year();
    spellings();
    counts();
    figures();
    own_names();
    return done_testing();
}
