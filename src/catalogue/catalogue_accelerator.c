/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A name of an accelerator into its row, or into the span over the variants it leaves open. It must never take a row for
 * another number, and never one of several variants silently: R-CAT-20 (what is answered), R-CAT-23 (which rows a name fits),
 * R-CAT-24 (the plain variant), R-CAT-25 (nothing fits).
 */
#include <string.h>
#include <strings.h>

#include "base/num.h"
#include "catalogue/catalogue_int.h"
#include "catalogue_tables.h"

#define ROWS_MAX 64 /* that one name may fit; more is too vague */

static const char *cell(size_t row, int column)
{
    return catalogue__text(CAT_accelerators, row, column);
}

static int64_t number(size_t row, int column)
{
    return catalogue__number(CAT_accelerators, row, column);
}

/* The next of `list`, separated by ';'; false at its end. */
static bool next_alias(const char **list, const char **ret_text, size_t *ret_len)
{
    if (!*list || **list == '\0')
        return false;
    *ret_text = *list;
    *ret_len = strcspn(*list, ";");
    *list += *ret_len;
    *list += **list == ';';
    return true;
}

/* What a row says of itself in its name and all its aliases. */
struct row_facts {
    size_t row;
    bool has_core;        /* one of its names is the product that was asked for */
    uint64_t name_words;  /* of the name alone */
    uint64_t words;       /* of all */
    bool has_memory_told; /* one of its names tells the very size that was asked for */
    bool name_has_memory;
    int64_t memory_mib;
};

static struct row_facts read_row(size_t row, const struct catalogue__name *told)
{
    struct row_facts facts = {.row = row, .memory_mib = CATALOGUE__UNKNOWN};
    const char *list = cell(row, CAT_accelerators_aliases);
    const char *text = cell(row, CAT_accelerators_name);
    size_t len = strlen(text);
    bool is_name = true;

    do {
        const struct catalogue__name form = catalogue__read_name(text, len);
        facts.has_core = facts.has_core || strcmp(form.core, told->core) == 0;
        facts.words |= form.words;
        if (is_name) {
            facts.name_words = form.words;
            facts.name_has_memory = form.memory_mib != 0;
        }
        facts.has_memory_told =
            facts.has_memory_told || (form.memory_mib > 0 && form.memory_mib == told->memory_mib);
        is_name = false;
    } while (next_alias(&list, &text, &len));
    const int64_t gb_milli = number(row, CAT_accelerators_memory_gb);
    if (gb_milli > 0)
        facts.memory_mib = jb_muldiv_sat_i64(gb_milli, 1024, 1000, JB_ROUND_NEAREST);
    return facts;
}

/* --- which rows a name fits (R-CAT-23) ------------------------------------------------------------------------- */

static bool fits_arch(size_t row, const struct catalogue__name *told)
{
    return catalogue__arch_fits(told->words, told->core,
                                number(row, CAT_accelerators_released_year));
}

/* 2: the size as told; 1: near it (drivers tell what is left of it), or not known; 0: another. */
static int fits_memory(const struct row_facts *facts, int64_t told_mib)
{
    if (told_mib == 0 || facts->has_memory_told)
        return 2;
    if (told_mib < 0)
        return 0;
    if (facts->memory_mib < 0) /* a plain row has the size that its variants do not tell */
        return (facts->name_words & CATALOGUE__FORMS) != 0 ? 2 : 1;
    const int64_t dies = number(facts->row, CAT_accelerators_dies_per_board);
    if (told_mib == facts->memory_mib || (dies > 1 && told_mib * dies == facts->memory_mib))
        return 2;
    const int64_t apart =
        told_mib > facts->memory_mib ? told_mib - facts->memory_mib : facts->memory_mib - told_mib;
    return apart * 100 <= facts->memory_mib * 7 ? 1 : 0;
}

static bool fits(const struct row_facts *facts, const struct catalogue__name *told)
{
    const uint64_t must =
        CATALOGUE__BRANDS | CATALOGUE__SOFT | (CATALOGUE__STRONG & ~CATALOGUE__ARCHES);
    const uint64_t arches = facts->words & CATALOGUE__ARCHES;
    const uint64_t told_arch = told->words & CATALOGUE__ARCHES;
    const uint64_t memory = facts->words & CATALOGUE__MEMORY;

    if (!facts->has_core || (told->words & must & ~facts->words) != 0 ||
        (told->words & CATALOGUE__HARD) != (facts->name_words & CATALOGUE__HARD) ||
        catalogue__is_not_meant(told->words, facts->words))
        return false;
    if (told_arch != 0 && (arches != 0 ? arches != told_arch : !fits_arch(facts->row, told)))
        return false;
    if (memory != 0 && (told->words & CATALOGUE__MEMORY & ~memory) != 0)
        return false;
    return !catalogue__is_older_line(told->words, facts->words) &&
           catalogue__form_fits(told->words, facts->words) &&
           fits_memory(facts, told->memory_mib) > 0;
}

struct rows {
    size_t n;
    struct row_facts at[ROWS_MAX];
};

/* Keeps those that say what was told in so many words, if any do: first generation and kind of memory, then the form
 * factor, then the size. */
static void prefer_said(struct rows *rows, const struct catalogue__name *told)
{
    static const uint64_t classes[] = {CATALOGUE__ARCHES | CATALOGUE__MEMORY,
                                       CATALOGUE__FORMS & ~CATALOGUE__ANY_SXM, 0};

    for (size_t pass = 0; pass < JB_ARRAY_LEN(classes); pass++) {
        const uint64_t said = told->words & classes[pass];
        bool keep[ROWS_MAX];
        size_t n = 0;
        for (size_t i = 0; i < rows->n; i++) {
            keep[i] = classes[pass] == 0 ? fits_memory(&rows->at[i], told->memory_mib) == 2
                                         : (rows->at[i].words & said) == said;
            n += keep[i];
        }
        if (n == 0)
            continue;
        n = 0;
        for (size_t i = 0; i < rows->n; i++)
            if (keep[i])
                rows->at[n++] = rows->at[i];
        rows->n = n;
    }
}

/* R-CAT-24: of variants that differ in nothing strong, the one whose own name tells no variant, if none was told. */
static void prefer_plain(struct rows *rows, const struct catalogue__name *told)
{
    size_t plain = 0, n_plain = 0;

    if (told->memory_mib != 0 || (told->words & (CATALOGUE__FORMS | CATALOGUE__SOFT)) != 0)
        return;
    for (size_t i = 0; i < rows->n; i++) {
        if (((rows->at[i].words ^ rows->at[0].words) & CATALOGUE__STRONG) != 0)
            return;
        if (!rows->at[i].name_has_memory &&
            (rows->at[i].name_words & (CATALOGUE__FORMS | CATALOGUE__SOFT | CATALOGUE__MEMORY)) ==
                0) {
            plain = i;
            n_plain++;
        }
    }
    if (n_plain == 1) {
        rows->at[0] = rows->at[plain];
        rows->n = 1;
    }
}

/* "580" may be of many makers; "1080" or "GTX 580" is not. */
static bool is_too_bare(const struct catalogue__name *told)
{
    const size_t len = strlen(told->core);
    return len == 0 || (len < 4 && strspn(told->core, "0123456789") == len &&
                        (told->words & CATALOGUE__BRANDS) == 0);
}

/* The digits that a core begins with somewhere; reading every row in full would take a millisecond. */
static void first_digits(const char *core, char *ret, size_t size)
{
    const char *const at = core + strcspn(core, "0123456789");
    const size_t n = strspn(at, "0123456789");
    ret[0] = '\0';
    if (n > 0 && n < size) {
        memcpy(ret, at, n);
        ret[n] = '\0';
    }
}

static bool may_have(size_t row, const char *digits)
{
    const char *const aliases = cell(row, CAT_accelerators_aliases);
    return strstr(cell(row, CAT_accelerators_name), digits) || (aliases && strstr(aliases, digits));
}

static void find_rows(const struct catalogue__name *told, struct rows *rows)
{
    char digits[16];
    rows->n = 0;
    if (is_too_bare(told))
        return;
    first_digits(told->core, digits, sizeof digits);
    for (size_t row = 0; row < catalogue__n_rows(CAT_accelerators) && rows->n < ROWS_MAX; row++) {
        if (!may_have(row, digits))
            continue;
        const struct row_facts facts = read_row(row, told);
        if (fits(&facts, told))
            rows->at[rows->n++] = facts;
    }
    if (rows->n > 1)
        prefer_said(rows, told);
    if (rows->n > 1)
        prefer_plain(rows, told);
}

/* R-CAT-22: a small s behind a number may be a plural; what else it may be stays beside it. */
static void find_both(const char *text, size_t len, const struct catalogue__name *told,
                      struct rows *rows)
{
    struct catalogue__name singular;
    struct rows more;

    find_rows(told, rows);
    if (!catalogue__may_be_plural(text, len, told, &singular))
        return;
    find_rows(&singular, &more);
    for (size_t i = 0; i < more.n; i++) {
        bool is_new = true;
        for (size_t j = 0; j < rows->n; j++)
            is_new = is_new && rows->at[j].row != more.at[i].row;
        if (is_new && rows->n < ROWS_MAX)
            rows->at[rows->n++] = more.at[i];
    }
}

/* Counts are taken off one at a time, and only where the name fits nothing with them ("FirePro S9300 X2"). */
static struct catalogue__name find_text(const char *text, size_t len, struct rows *rows)
{
    struct catalogue__name told = catalogue__read_name(text, len);
    int64_t told_milli = 0;

    find_both(text, len, &told, rows);
    for (int pass = 0; pass < 4 && rows->n == 0; pass++) {
        int64_t milli = 0;
        const bool is_bare = pass >= 2 && told_milli == 0;
        if (!catalogue__strip_count(&text, &len, is_bare, &milli))
            continue;
        if (told_milli > 0)
            break; /* two counts: not ours to understand */
        told_milli = milli;
        told = catalogue__read_name(text, len);
        find_both(text, len, &told, rows);
    }
    const int64_t each_milli = told.n_told_milli > 0 ? told.n_told_milli : told.core_milli;
    if (told_milli > 0 && each_milli > 0)
        told_milli = jb_muldiv_sat_i64(told_milli, each_milli, 1000, JB_ROUND_NEAREST);
    if (told_milli > 0)
        told.n_told_milli = told_milli;
    return told;
}

/* --- the answer (R-CAT-20) ------------------------------------------------------------------------------------- */

static void span_add(struct jb_span *span, int64_t value)
{
    if (value < 0)
        return;
    if (span->n_rows == 0)
        span->low = span->best = span->high = value;
    span->low = value < span->low ? value : span->low;
    span->high = value > span->high ? value : span->high;
    span->n_rows++;
}

static int compare_i64(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

/* Whole boards of this name in all machine types that clouds sell. */
static int64_t boards_on_sale(const char *name)
{
    int64_t n_milli = 0;
    for (size_t i = 0; i < catalogue__n_rows(CAT_instances); i++) {
        const char *const board = catalogue__text(CAT_instances, i, CAT_instances_accelerator);
        const int64_t n = catalogue__number(CAT_instances, i, CAT_instances_n_boards);
        if (board && n > 0 && strcmp(board, name) == 0)
            n_milli += n;
    }
    return n_milli;
}

/* R-CAT-20: the variant most in use, as far as machine types tell; n: none is, or several are alike. */
static size_t usual_of(const struct rows *rows)
{
    int64_t most = 0;
    size_t usual = rows->n;
    for (size_t i = 0; rows->n > 1 && i < rows->n; i++) {
        const int64_t boards = boards_on_sale(cell(rows->at[i].row, CAT_accelerators_name));
        if (boards > most)
            usual = i;
        else if (boards == most)
            usual = rows->n;
        most = boards > most ? boards : most;
    }
    return usual;
}

/* Best is that of the variant `usual`; where it has none, the middle one; of an even number the lower of the two. */
static struct jb_span span_of(const struct rows *rows, int column, size_t usual)
{
    struct jb_span span = {0};
    int64_t values[ROWS_MAX];

    for (size_t i = 0; i < rows->n; i++) {
        const int64_t value = number(rows->at[i].row, column);
        if (value >= 0)
            values[span.n_rows] = value;
        span_add(&span, value);
    }
    if (span.n_rows > 0) {
        qsort(values, (size_t)span.n_rows, sizeof values[0], compare_i64);
        span.best = values[(span.n_rows - 1) / 2];
    }
    if (usual < rows->n && number(rows->at[usual].row, column) >= 0)
        span.best = number(rows->at[usual].row, column);
    return span;
}

static struct jb_span memory_span(const struct rows *rows, size_t usual)
{
    struct jb_span span = span_of(rows, CAT_accelerators_memory_gb, usual);
    span.low = jb_muldiv_sat_i64(span.low, 1024, 1000, JB_ROUND_NEAREST);
    span.best = jb_muldiv_sat_i64(span.best, 1024, 1000, JB_ROUND_NEAREST);
    span.high = jb_muldiv_sat_i64(span.high, 1024, 1000, JB_ROUND_NEAREST);
    return span;
}

/* The text that all rows share; "" where they differ. */
static void common_text(const struct rows *rows, int column, char *ret, size_t size)
{
    const char *const first = cell(rows->at[0].row, column);
    (void)snprintf(ret, size, "%s", first ? first : "");
    for (size_t i = 1; i < rows->n; i++) {
        const char *const text = cell(rows->at[i].row, column);
        if (strcmp(text ? text : "", first ? first : "") != 0)
            ret[0] = '\0';
    }
}

static void fill(const struct rows *rows, const struct catalogue__name *told,
                 struct jb_accelerator *found)
{
    memset(found, 0, sizeof *found);
    found->match = rows->n == 1 ? JB_MATCH_EXACT : JB_MATCH_SEVERAL;
    found->n_told_milli = told->n_told_milli;
    found->candidates.n_all = rows->n;
    for (size_t i = 0; i < rows->n; i++) {
        const size_t row = rows->at[i].row;
        if (i < JB_CATALOGUE_CANDIDATES_MAX)
            (void)snprintf(found->candidates.names[found->candidates.n++], JB_CATALOGUE_NAME, "%s",
                           cell(row, CAT_accelerators_name));
        catalogue__cite(found->source, sizeof found->source, cell(row, CAT_accelerators_source));
        const char *const rates = cell(row, CAT_accelerators_rates_source);
        catalogue__cite(found->rates_source, sizeof found->rates_source,
                        rates ? rates : cell(row, CAT_accelerators_source));
        const int64_t dies = number(row, CAT_accelerators_dies_per_board);
        if (i == 0)
            found->dies_per_board = dies < 0 ? 0 : dies;
        else if (dies != found->dies_per_board)
            found->dies_per_board = 0;
    }
    common_text(rows, CAT_accelerators_name, found->name, sizeof found->name);
    common_text(rows, CAT_accelerators_vendor, found->vendor, sizeof found->vendor);
    common_text(rows, CAT_accelerators_kind, found->kind, sizeof found->kind);
    common_text(rows, CAT_accelerators_power_basis, found->power_basis, sizeof found->power_basis);
    if (found->name[0] == '\0')
        (void)snprintf(found->name, sizeof found->name, "%s or %zu other%s",
                       found->candidates.names[0], rows->n - 1, rows->n == 2 ? "" : "s");
    const size_t usual = usual_of(rows);
    if (usual < rows->n)
        (void)snprintf(found->usual, sizeof found->usual, "%s",
                       cell(rows->at[usual].row, CAT_accelerators_name));
    found->board_mw = span_of(rows, CAT_accelerators_board_tdp_w, usual);
    found->idle_mw = span_of(rows, CAT_accelerators_idle_w, usual);
    found->fp32_gflops = span_of(rows, CAT_accelerators_fp32_tflops, usual);
    found->fp16_gflops = span_of(rows, CAT_accelerators_fp16_tflops, usual);
    found->bf16_gflops = span_of(rows, CAT_accelerators_bf16_tflops, usual);
    found->fp8_gflops = span_of(rows, CAT_accelerators_fp8_tflops, usual);
    found->int8_gops = span_of(rows, CAT_accelerators_int8_tops, usual);
    found->memory_mib = memory_span(rows, usual);
}

/* R-CAT-25: how far a product is from what was told, in quarters of a letter: letters first, then whether it begins alike,
 * then brand and laptop. A name within what was told counts as near, a longer one nearer. */
static size_t apart_of(const struct catalogue__name *told, const struct catalogue__name *form)
{
    const size_t n_told = strlen(told->core), n_form = strlen(form->core);
    const size_t n_least = n_told < n_form ? n_told : n_form;
    size_t apart = 4 * catalogue__distance(told->core, form->core);

    if (apart > 0 && n_least > 1 && strncmp(told->core, form->core, n_least) == 0)
        apart--;
    if (told->core[0] != form->core[0])
        apart += 2;
    const char *const within = n_form > 2 ? strstr(told->core, form->core) : NULL;
    const size_t near = (within == told->core ? 1 : 4) + n_told - n_form;
    apart = within && near < apart ? near : apart;
    const bool is_other = ((form->words ^ told->words) & CATALOGUE__HARD) != 0 ||
                          (told->words & CATALOGUE__BRANDS & ~form->words) != 0;
    return apart + is_other;
}

static jb_rc fail_none(const char *name, struct jb_error *err)
{
    const char *text = name;
    size_t len = strlen(name);
    int64_t milli = 0;
    (void)catalogue__strip_count(&text, &len, true, &milli);
    const struct catalogue__name told = catalogue__read_name(text, len);
    const size_t n_told = strlen(told.core), limit = n_told / 2 < 2 ? 1 : n_told / 2;
    struct catalogue__nearest nearest = {0};

    for (size_t row = 0; n_told > 1 && row < catalogue__n_rows(CAT_accelerators); row++) {
        const char *list = cell(row, CAT_accelerators_aliases);
        const char *form_text = cell(row, CAT_accelerators_name);
        size_t form_len = strlen(form_text), best = SIZE_MAX;
        do {
            const struct catalogue__name form = catalogue__read_name(form_text, form_len);
            size_t distance = apart_of(&told, &form);
            best = distance < best ? distance : best;
        } while (next_alias(&list, &form_text, &form_len));
        if (best <= 4 * limit + 3)
            catalogue__nearest_add(&nearest, best, cell(row, CAT_accelerators_name));
    }
    return catalogue__fail_name(&nearest, "the accelerator", name,
                                "`joulebook catalogue accelerators TEXT` lists them; a site's own "
                                "rows may add one",
                                err);
}

/* "AMD Instinct MI250X / MI250", as a driver writes a device of two models: the variants of both. */
static bool find_either(const char *name, struct rows *rows)
{
    const char *const slash = strstr(name, " / ");
    struct rows second;

    if (!slash)
        return false;
    (void)find_text(name, (size_t)(slash - name), rows);
    (void)find_text(slash + 3, strlen(slash + 3), &second);
    if (rows->n == 0 || second.n == 0)
        return false;
    for (size_t i = 0; i < second.n && rows->n < ROWS_MAX; i++)
        rows->at[rows->n++] = second.at[i];
    return true;
}

/* "NVIDIA Corporation GV100GL [Tesla V100 SXM2 32GB] (rev a1)": lspci puts the product behind the chip, in the last pair of
 * brackets. */
static struct catalogue__name find_listed(const char *name, struct rows *rows)
{
    const char *const open = strrchr(name, '['), *const close = strrchr(name, ']');
    if (!open || !close || close < open || !(strstr(name, "Corporation ") || strstr(name, "[AMD")))
        return (struct catalogue__name){0};
    return find_text(open + 1, (size_t)(close - open - 1), rows);
}

/* The name of a row itself, in full: what other functions here hand out. */
static bool find_full(const char *name, struct rows *rows)
{
    char key[JB_CATALOGUE_NAME], own[JB_CATALOGUE_NAME];
    catalogue__squeeze(name, "", key, sizeof key);
    if (strlen(name) >= sizeof key)
        return false;
    for (size_t row = 0; row < catalogue__n_rows(CAT_accelerators); row++) {
        const char *const text = cell(row, CAT_accelerators_name);
        if (strcasecmp(text, name) != 0) {
            catalogue__squeeze(text, "", own, sizeof own);
            if (strcmp(own, key) != 0)
                continue;
        }
        rows->n = 1;
        rows->at[0] = (struct row_facts){.row = row};
        return true;
    }
    return false;
}

jb_rc jb_catalogue_find_accelerator(const char *name, struct jb_accelerator *ret,
                                    struct jb_error *err)
{
    struct rows rows = {0};
    struct catalogue__name told = {0};

    if (!name || name[0] == '\0')
        return jb_fail(err, JB_E_INPUT, "give a name such as 'A100-SXM4-40GB'",
                       "no accelerator is named");
    if (!find_full(name, &rows) && !find_either(name, &rows))
        told = find_text(name, strlen(name), &rows);
    if (rows.n == 0)
        told = find_listed(name, &rows);
    if (rows.n == 0)
        return fail_none(name, err);
    fill(&rows, &told, ret);
    return JB_OK;
}
