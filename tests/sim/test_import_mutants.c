/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every importer against thousands of files that were right and went wrong: each is refused with file and place and leaves
 * the book as it was to the bit, or it is taken and the book balances and the same file again changes nothing. None takes
 * a second or more memory than an importer may have. JB_MUTANTS is how many of each (make nightly: 10,000);
 * JB_MUTANT=NAME tries one importer, NAME:NUMBER makes one file alone and leaves it where it tells. R-IMPORT-10.
 */
#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <time.h>

#include "../book.h"
#include "../mutate.h"

#include "base/num.h"
#include "case/case_account.h"
#include "cli/estimate_order.h"
#include "estimate/estimate.h"
#include "import/bill.h"
#include "pipeline/history_run.h"
#include "pipeline/import_bill.h"
#include "pipeline/import_book.h"
#include "pipeline/import_run.h"

#define USUAL_MUTANTS   300
#define NIGHTLY_MUTANTS 10000
#define SAMPLE          50  /* of those taken, each so manieth is proven */
#define RUNS_A_BOOK     200 /* then a new one: no mutant shall be slow because of those before it */
#define CPU_LIMIT_NS    JB_NS_PER_S
#define MEMORY_KIB      (192 * 1024) /* of the whole test, the seeds and the mutant among them */
#define SEEDS_MAX       32
#define SEED_BYTES      65536
#define TOLD_MAX        6

#if defined(__SANITIZE_ADDRESS__)
#define IS_INSTRUMENTED true
#else
#define IS_INSTRUMENTED false
#endif

struct seed {
    size_t len;
    char text[SEED_BYTES];
};

/* What is taken is entered in the book where the importer has one. */
struct world {
    struct book_folder folder;
    struct jb_ledger *ledger;
    char path[600]; /* of the mutant */
    size_t n_seeds;
    struct seed seeds[SEEDS_MAX];
    struct mutate mutate;
};

struct importer {
    const char *name;
    const char *folder; /* of valid inputs */
    const char *part;   /* which its file names hold; "" all */
    const char *ending; /* of the mutant's file */
    bool has_book;
    bool refuses_again; /* a file that is in the book is refused (R-IMPORT-08) */
    jb_rc (*take)(struct world *world, const char *name, bool *ret_is_new, struct jb_error *err);
};

static const struct jb_run no_facts = {
    .pue_milli = -1,
    .market_mgco2e_per_kwh = -1,
    .tariff_micro_per_kwh = -1,
};

/* --- the importers ----------------------------------------------------------------------------------------------- */

static jb_rc take_power(struct world *world, const char *name, bool *ret_is_new,
                        struct jb_error *err)
{
    char *paths[] = {world->path};
    const struct jb_import_order order = {
        .format = jb_import_format_find(name),
        .paths = paths,
        .n_paths = 1,
        .scope = JB_SCOPE_NODE,
        .accuracy_ppm = -1,
        .facts = &no_facts,
        .clock = &jb_clock_system,
    };
    struct jb_import_result result = {0};
    const jb_rc rc = jb_import_run(world->ledger, &order, &result, err);

    *ret_is_new = rc == JB_OK;
    jb_import_result_release(&result);
    return rc;
}

/* Answers of a server that were saved in a file. */
static jb_rc take_history(struct world *world, const char *name, bool *ret_is_new,
                          struct jb_error *err)
{
    char *paths[] = {world->path};
    const struct jb_history_order order = {
        .paths = paths,
        .n_paths = 1,
        .match = "",
        .accuracy_ppm = -1,
        .credentials = "",
        .ca_file = "",
        .facts = &no_facts,
        .clock = &jb_clock_system,
    };
    struct jb_history_result result = {.channels = NULL};
    const jb_rc rc = jb_history_run(world->ledger, &order, &result, err);

    (void)name;
    *ret_is_new = rc == JB_OK;
    jb_history_result_release(&result);
    return rc;
}

static jb_rc take_book(struct world *world, const char *name, bool *ret_is_new,
                       struct jb_error *err)
{
    const struct jb_import_asked asked = {.facts = &no_facts, .utc_offset_s = INT64_MIN};
    const struct jb_import_book_order order = {
        .book = jb_import_book_find(name),
        .path = world->path,
        .asked = &asked,
        .clock = &jb_clock_system,
        .command = "joulebook import",
    };
    struct jb_import_book_result result = {0};
    const jb_rc rc = jb_import_book_enter(world->ledger, &order, &result, err);

    *ret_is_new = result.n_new > 0 || result.n_superseded > 0;
    return rc;
}

static jb_rc take_bill(struct world *world, const char *name, bool *ret_is_new,
                       struct jb_error *err)
{
    JB_AUTO(jb_bill_free_auto) struct jb_bill *bill = NULL;
    const struct jb_bill_rule rule = {JB_BILL_BY_ACCOUNT, NULL};
    struct jb_import_bill_result result = {0};
    struct jb_import_bill_order order = {
        .source = name,
        .rule = rule,
        .facts = &no_facts,
        .file = world->path,
        .command = "joulebook import",
        .clock = &jb_clock_system,
    };
    jb_rc rc = jb_bill_new(jb_bill_format_find(name), &rule, &bill, err);

    if (rc == JB_OK)
        rc = jb_bill_read(bill, world->path, NULL, err);
    if (rc == JB_OK)
        rc = jb_bill_finish(bill, err);
    order.bill = bill;
    if (rc == JB_OK)
        rc = jb_import_bill(world->ledger, &order, &result, err);
    *ret_is_new = result.n_new > 0 || result.n_superseded > 0;
    if (rc == JB_OK && result.n_rows_entered + result.n_rows_left != jb_bill_n_rows(bill))
        bail_out("a row of a bill is neither in a run nor left (R-BILL-17)");
    jb_import_bill_release(&result);
    return rc;
}

static jb_rc take_case(struct world *world, const char *name, bool *ret_is_new,
                       struct jb_error *err)
{
    JB_AUTO(jb_case_free_auto) struct jb_case *one = NULL;
    JB_AUTO(jb_case_account_free_auto) struct jb_case_account *account = NULL;
    struct jb_error unknown = {.code = JB_OK};
    const jb_rc rc = jb_case_read(world->path, &one, err);

    (void)name;
    *ret_is_new = false;
    /* A name that the catalogue does not know is the case's, not the file's: that it is told is enough. */
    if (rc == JB_OK && jb_case_account_make(one, &account, &unknown) < 0 &&
        unknown.message[0] == '\0')
        bail_out("a case is refused without a word");
    return rc;
}

static jb_rc take_estimate(struct world *world, const char *name, bool *ret_is_new,
                           struct jb_error *err)
{
    static struct jb_estimate_order order;
    static struct jb_estimate estimate;
    struct jb_error unknown = {.code = JB_OK};
    jb_rc rc;

    (void)name;
    *ret_is_new = false;
    memset(&order, 0, sizeof order);
    rc = jb_estimate_order_read(world->path, &order, err);
    if (rc == JB_OK && jb_estimate_make(&order.work, &estimate, &unknown) < 0 &&
        unknown.message[0] == '\0')
        bail_out("an estimate is refused without a word");
    return rc;
}

static const struct importer importers[] = {
    {"mlperf-power", "tests/fuzz/corpus/import_mlperf_power", "", ".txt", true, true, take_power},
    {"csv-power", "tests/fuzz/corpus/import_csv_power", "", ".csv", true, true, take_power},
    {"prometheus", "tests/fuzz/corpus/prometheus", "valid", ".json", true, true, take_history},
    {"sacct", "tests/fuzz/corpus/book_sacct", "", ".txt", true, false, take_book},
    {"codecarbon", "tests/fuzz/corpus/book_codecarbon", "", ".csv", true, false, take_book},
    {"carbontracker", "tests/fuzz/corpus/book_carbontracker", "", "_carbontracker.log", true, false,
     take_book},
    {"impact-tracker", "tests/fuzz/corpus/book_impact_tracker", "", ".json", true, false,
     take_book},
    {"green-algorithms", "tests/fuzz/corpus/book_green_algorithms", "", ".csv", true, false,
     take_book},
    {"boamps", "tests/fuzz/corpus/book_boamps", "", ".json", true, false, take_book},
    {"hf-card", "tests/fuzz/corpus/book_hf_card", "", ".md", true, false, take_book},
    {"focus", "tests/data/bills", "focus", ".csv", true, false, take_bill},
    {"aws-cur", "tests/data/bills", "aws", ".csv", true, false, take_bill},
    {"azure", "tests/data/bills", "azure", ".csv", true, false, take_bill},
    {"gcp", "tests/data/bills", "gcp", ".csv", true, false, take_bill},
    {"case", "tests/fuzz/corpus/case", "", ".yaml", false, false, take_case},
    {"estimate", "tests/data/estimates", "", ".yaml", false, false, take_estimate},
};

/* An importer's own table may lag behind this one, never the other way. */
static bool is_there(const struct importer *importer)
{
    if (importer->take == take_power)
        return jb_import_format_find(importer->name) != NULL;
    if (importer->take == take_book)
        return jb_import_book_find(importer->name) != NULL;
    return importer->take != take_bill || jb_bill_format_find(importer->name) != NULL;
}

static bool is_here(const char *name)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(importers); i++)
        if (strcmp(importers[i].name, name) == 0)
            return true;
    return false;
}

static void test_all_are_here(void)
{
    for (size_t i = 0; jb_import_formats[i]; i++)
        ok(is_here(jb_import_formats[i]->name), "'%s' is tried", jb_import_formats[i]->name);
    for (size_t i = 0; jb_import_books[i]; i++)
        ok(is_here(jb_import_books[i]->name), "'%s' is tried", jb_import_books[i]->name);
    for (size_t i = 0; i < jb_bill_n_formats(); i++)
        ok(is_here(jb_bill_format_at(i).name), "'%s' is tried", jb_bill_format_at(i).name);
}

/* --- valid inputs ------------------------------------------------------------------------------------------------ */

static void add_seed(struct world *world, const char *folder, const char *name)
{
    struct seed *const seed = &world->seeds[world->n_seeds];
    char path[512];
    FILE *file;

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "re");
    if (!file)
        bail_out("cannot read '%s'", path);
    seed->len = fread(seed->text, 1, sizeof seed->text, file);
    (void)fclose(file);
    world->n_seeds++;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void add_seeds(struct world *world, const struct importer *importer)
{
    struct dirent **list = NULL;
    const int n = scandir(importer->folder, &list, NULL, by_name);

    world->n_seeds = 0;
    for (int i = 0; i < n; i++) {
        if (list[i]->d_name[0] != '.' && strstr(list[i]->d_name, importer->part) &&
            world->n_seeds < SEEDS_MAX)
            add_seed(world, importer->folder, list[i]->d_name);
        free(list[i]);
    }
    free(list);
}

/* What the corpora hold of power logs is short. */
static void add_long_log(struct world *world, const char *name)
{
    struct seed *const seed = &world->seeds[world->n_seeds];
    const bool is_csv = strcmp(name, "csv-power") == 0;
    FILE *file;

    if (!is_csv && strcmp(name, "mlperf-power") != 0)
        return;
    file = fmemopen(seed->text, sizeof seed->text, "we");
    if (!file)
        bail_out("no memory");
    if (is_csv)
        (void)fputs("unix_s,mean_watts\n", file);
    for (int i = 0; i < 120; i++)
        (void)fprintf(file,
                      is_csv ? "%d.5,%d.25\n"
                             : ":::MLLOG {\"namespace\": \"\", \"time_ms\": %d500, \"event_type\": "
                               "\"POINT_IN_TIME\", \"key\": \"power_reading\", \"value\": %d}\n",
                      1715341080 + i, 400 + i % 7 * 13);
    seed->len = (size_t)ftell(file);
    (void)fclose(file);
    world->n_seeds++;
}

/* --- what a refusal tells ---------------------------------------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* " line 12", ":12:3:", or what is meant within a file that has no lines, in quotes. */
static bool has_place(const char *behind)
{
    static const char *const words[] = {"line ", "series "};

    for (size_t i = 0; i < JB_ARRAY_LEN(words); i++) {
        const char *const at = strstr(behind, words[i]);
        if (at && is_digit(at[strlen(words[i])]))
            return true;
    }
    if (behind[0] == ':' && is_digit(behind[1]))
        return true;
    return strncmp(behind, "' '", 3) == 0;
}

/* These are of the file as a whole. */
static bool is_of_whole(const char *message)
{
    static const char *const parts[] = {
        "is empty",
        "a query that failed",
        "not a matrix",
        "instances",
        "no series of a known meter",
        "no series says by",
        "has no power to import",
        "no record in it",
        "no line of carbontracker",
        "longer than a file",
        "is larger than",
        "step back in time",
        "gzip",
        "lie between two readings",
        "lasts more than",
    };

    for (size_t i = 0; i < JB_ARRAY_LEN(parts); i++)
        if (strstr(message, parts[i]))
            return true;
    return false;
}

struct tally {
    int64_t n_taken, n_refused, n_proven;
    int64_t n_wrong;        /* of any kind, those told with diag */
    int64_t n_without_hint; /* no failure of its own: not every refusal has a next step */
    int64_t most_ns;
    int64_t in_book; /* since it was new */
};

static void wrong(struct tally *tally, const struct importer *importer, int64_t nth,
                  const char *what, const struct jb_error *err)
{
    if (tally->n_wrong++ < TOLD_MAX)
        diag("%s:%lld: %s: %s: %s", importer->name, (long long)nth, what, jb_rc_name(err->code),
             err->message);
}

static void judge_refusal(const struct world *world, const struct importer *importer, int64_t nth,
                          jb_rc rc, const struct jb_error *err, struct tally *tally)
{
    const char *const named = strstr(err->message, world->path);

    tally->n_refused++;
    tally->n_without_hint += err->hint[0] == '\0';
    if (err->hint[0] == '\0' && getenv("JB_MUTANT_HINTS"))
        diag("no hint: %s", err->message);
    if (rc != JB_E_INPUT && rc != JB_E_RANGE)
        wrong(tally, importer, nth, "refused as something else than wrong input", err);
    else if (!named)
        wrong(tally, importer, nth, "its file is not named", err);
    else if (!has_place(named + strlen(world->path)) && !is_of_whole(err->message))
        wrong(tally, importer, nth, "the place in it is not told", err);
}

/* --- one mutant -------------------------------------------------------------------------------------------------- */

static int64_t cpu_ns(void)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * JB_NS_PER_S + now.tv_nsec;
}

static void new_book(struct world *world)
{
    jb_ledger_close(world->ledger);
    book_remove_folder(&world->folder);
    world->folder = book_new_folder();
    world->ledger = book_open(world->folder.book, JB_LEDGER_CREATE);
}

struct state {
    int64_t size;
    struct jb_hash root;
};

static struct state state_of(const struct world *world)
{
    struct jb_error err = {0};
    struct state state = {0};

    book_must(jb_ledger_root(world->ledger, &state.size, &state.root, &err), &err, "root");
    return state;
}

static bool is_same(const struct state *a, const struct state *b)
{
    return a->size == b->size && memcmp(&a->root, &b->root, sizeof a->root) == 0;
}

static void prove(struct world *world, const struct importer *importer, int64_t nth,
                  struct tally *tally)
{
    static struct jb_balance balance;
    const struct state before = state_of(world);
    struct jb_error err = {0};
    bool is_new = false;

    book_must(jb_ledger_balance(world->ledger, &balance, &err), &err, "balance");
    if (!balance.is_balanced)
        wrong(tally, importer, nth, "the book does not balance", &err);
    const jb_rc rc = importer->take(world, importer->name, &is_new, &err);
    if (importer->refuses_again ? rc != JB_E_CONFLICT : rc != JB_OK || is_new)
        wrong(tally, importer, nth, "the same file again is not found to be in the book", &err);
    const struct state after = state_of(world);
    if (!is_same(&before, &after))
        wrong(tally, importer, nth, "the same file again changes the book", &err);
    tally->n_proven++;
}

static void write_mutant(struct world *world, const char *ending)
{
    int fd;

    (void)snprintf(world->path, sizeof world->path, "%s/m%s", world->folder.path, ending);
    fd = open(world->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, world->mutate.text, world->mutate.len) != (ssize_t)world->mutate.len ||
        close(fd) != 0)
        bail_out("cannot write '%s'", world->path);
}

static void try_one(struct world *world, const struct importer *importer, int64_t nth,
                    struct tally *tally)
{
    const struct seed *const seed = &world->seeds[(size_t)nth % world->n_seeds];
    struct jb_error err = {.code = JB_OK};
    struct state before = {0};
    bool is_new = false;

    /* What overlaps with a log in the book is refused: those have a book each. */
    if (importer->has_book && tally->in_book >= (importer->refuses_again ? 1 : RUNS_A_BOOK)) {
        new_book(world);
        tally->in_book = 0;
    }
    mutate_text(&world->mutate, (uint64_t)nth * 1000003 + 17, seed->text, seed->len);
    write_mutant(world, importer->ending);
    if (importer->has_book)
        before = state_of(world);
    const int64_t begin_ns = cpu_ns();
    const jb_rc rc = importer->take(world, importer->name, &is_new, &err);
    const int64_t took_ns = cpu_ns() - begin_ns;
    if (took_ns > tally->most_ns)
        tally->most_ns = took_ns;
    if (took_ns > CPU_LIMIT_NS)
        wrong(tally, importer, nth, "it took more than a second", &err);
    /* Two mutants may be the same bytes: that the second is refused is right (R-IMPORT-08). */
    if (rc < 0 && !(importer->refuses_again && rc == JB_E_CONFLICT))
        judge_refusal(world, importer, nth, rc, &err, tally);
    tally->n_taken += rc == JB_OK;
    tally->in_book += is_new;
    if (!importer->has_book)
        return;
    const struct state after = state_of(world);
    if (!is_new && !is_same(&before, &after))
        wrong(tally, importer, nth, "nothing was entered, and the book is another", &err);
    if (is_new && is_same(&before, &after))
        wrong(tally, importer, nth, "a run was entered, and the book is the same", &err);
    if (rc == JB_OK && tally->n_taken % SAMPLE == 1)
        prove(world, importer, nth, tally);
}

static int64_t n_mutants(void)
{
    const char *const text = getenv("JB_MUTANTS");
    int64_t n = 0;

    if (text && jb_parse_i64(text, strlen(text), false, &n) == JB_OK)
        return n;
    return getenv("JB_NIGHTLY") ? NIGHTLY_MUTANTS : USUAL_MUTANTS;
}

static void test_importer(struct world *world, const struct importer *importer)
{
    const int64_t n = n_mutants();
    struct tally tally = {0};
    struct rusage usage = {0};
    char most[32];

    if (!is_there(importer)) {
        skip("there is no importer '%s'", importer->name);
        return;
    }
    new_book(world);
    add_seeds(world, importer);
    add_long_log(world, importer->name);
    if (world->n_seeds == 0)
        bail_out("no valid input of '%s' in '%s'", importer->name, importer->folder);
    for (int64_t i = 0; i < n; i++)
        try_one(world, importer, i, &tally);
    (void)getrusage(RUSAGE_SELF, &usage);
    (void)snprintf(most, sizeof most, "%lld us", (long long)(tally.most_ns / 1000));
    ok(tally.n_wrong == 0,
       "%s: %lld mutants: %lld taken (%lld proven), %lld refused (%lld without a hint), at most %s",
       importer->name, (long long)n, (long long)tally.n_taken, (long long)tally.n_proven,
       (long long)tally.n_refused, (long long)tally.n_without_hint, most);
    ok(tally.n_taken > 0 && tally.n_refused > 0, "%s: both ways came up", importer->name);
    ok(IS_INSTRUMENTED || usage.ru_maxrss < MEMORY_KIB, "%s: memory, %ld KiB at most",
       importer->name, usage.ru_maxrss);
}

/* "NAME:NUMBER", or "NAME" for all of that importer. */
static void try_alone(struct world *world, const char *name)
{
    const char *const colon = strchr(name, ':');
    const size_t len = colon ? (size_t)(colon - name) : strlen(name);
    struct tally tally = {0};
    int64_t nth = 0;

    if (colon && jb_parse_i64(colon + 1, strlen(colon + 1), false, &nth) < 0)
        bail_out("JB_MUTANT is NAME or NAME:NUMBER");
    for (size_t i = 0; i < JB_ARRAY_LEN(importers); i++) {
        const struct importer *const importer = &importers[i];
        if (strlen(importer->name) != len || strncmp(importer->name, name, len) != 0)
            continue;
        if (!colon) {
            test_importer(world, importer);
            return;
        }
        new_book(world);
        add_seeds(world, importer);
        add_long_log(world, importer->name);
        try_one(world, importer, nth, &tally);
        ok(tally.n_wrong == 0, "%s, its file is '%s'", name, world->path);
        return;
    }
    bail_out("there is no importer '%s'", name);
}

int main(void)
{
    struct world *const world = calloc(1, sizeof *world);
    const char *const alone = getenv("JB_MUTANT");

    if (!world)
        bail_out("no memory");
    /* In memory where there is such a place: it is the importers that are tried, not the disk. */
    if (!getenv("TMPDIR") && access("/dev/shm", W_OK) == 0)
        (void)setenv("TMPDIR", "/dev/shm", 0);
    world->folder = book_new_folder();
    if (alone)
        try_alone(world, alone);
    else {
        test_all_are_here();
        for (size_t i = 0; i < JB_ARRAY_LEN(importers); i++)
            test_importer(world, &importers[i]);
    }
    jb_ledger_close(world->ledger);
    if (!alone || !strchr(alone, ':'))
        book_remove_folder(&world->folder);
    free(world);
    return done_testing();
}
