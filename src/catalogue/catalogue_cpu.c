/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of /proc/cpuinfo into a power curve with its band. It must never answer with one number for a processor it
 * does not know: rules R-CAT-01 (names), R-CAT-02 (order of search), R-CAT-04 (threads), R-CAT-05 (curve and band),
 * R-CAT-06 (family), R-CAT-07 (unknown).
 */
#include <string.h>

#include "base/num.h"
#include "catalogue/catalogue_int.h"
#include "catalogue_tables.h"

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool catalogue__glob(const char *pattern, const char *text)
{
    const char *star = NULL, *retry = NULL;
    while (*text != '\0') {
        if (*pattern == '*') {
            star = ++pattern;
            retry = text;
        } else if (*pattern != '\0' && (*pattern == '?' || lower(*pattern) == lower(*text))) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star;
            text = ++retry;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

/* --- names (R-CAT-01) ------------------------------------------------------------------------------------------ */

/* Lower case, marks to blanks, cut at the clock. */
static void clean_name(const char *name, char *ret, size_t size)
{
    static const char *const marks[] = {"(r)", "(tm)", "(c)", "\xc2\xae", "\xe2\x84\xa2"};
    size_t n = 0;

    while (*name != '\0' && *name != '@' && n + 1 < size) {
        size_t mark = 0, len = 0;
        for (; mark < JB_ARRAY_LEN(marks); mark++) {
            len = strlen(marks[mark]);
            size_t i = 0;
            while (i < len && lower(name[i]) == marks[mark][i])
                i++;
            if (i == len)
                break;
        }
        if (mark == JB_ARRAY_LEN(marks)) {
            ret[n++] = lower(*name++);
            continue;
        }
        name += len;
        if (*name != '-') /* "FX(tm)-8350" is one word */
            ret[n++] = ' ';
    }
    ret[n] = '\0';
}

/* "64-core", "quad-core", "13th", "gen", "cpu" ... say nothing about the model. */
static bool is_filler(const char *word)
{
    static const char *const words[] = {"cpu", "processor", "apu", "gen"};
    static const char *const counts[] = {"dual", "triple", "quad", "six", "eight"};
    static const char *const ordinals[] = {"st", "nd", "rd", "th"};

    for (size_t i = 0; i < JB_ARRAY_LEN(words); i++)
        if (strcmp(word, words[i]) == 0)
            return true;
    size_t n = strspn(word, "0123456789");
    for (size_t i = 0; n > 0 && i < JB_ARRAY_LEN(ordinals); i++)
        if (strcmp(word + n, ordinals[i]) == 0)
            return true;
    for (size_t i = 0; n == 0 && i < JB_ARRAY_LEN(counts); i++)
        if (strncmp(word, counts[i], strlen(counts[i])) == 0)
            n = strlen(counts[i]);
    return n > 0 && (strcmp(word + n, "-core") == 0 || strcmp(word + n, "-cores") == 0);
}

void catalogue__normal_name(const char *name, char *ret, size_t size)
{
    char clean[2 * CATALOGUE__NORMAL_NAME];
    clean_name(name, clean, sizeof clean);

    size_t n = 0;
    ret[0] = '\0';
    for (char *at = clean, *end; *at != '\0'; at = end) {
        at += strspn(at, " \t\n\r\v\f");
        const size_t len = strcspn(at, " \t\n\r\v\f");
        end = at + len;
        if (len == 0)
            break;
        const size_t blank = strspn(end, " \t\n\r\v\f");
        const bool is_with =
            (len == 2 && memcmp(at, "w/", 2) == 0) || (len == 4 && memcmp(at, "with", 4) == 0);
        const char *const next = end + blank;
        if (is_with && strcspn(next, " \t\n\r\v\f") == 6 && memcmp(next, "radeon", 6) == 0)
            break;
        if (blank > 0)
            *end++ = '\0';
        if (is_filler(at) || n + len + 2 > size)
            continue;
        if (n > 0)
            ret[n++] = ' ';
        memcpy(ret + n, at, len);
        n += len;
        ret[n] = '\0';
    }
}

/* --- curves (R-CAT-05) ----------------------------------------------------------------------------------------- */

/* Share of TDP in ppm at 0, 10, 50, 100 % load. */
struct curve {
    int64_t low_ppm[JB_CURVE_POINTS], best_ppm[JB_CURVE_POINTS], high_ppm[JB_CURVE_POINTS];
};

static struct curve load_curve(char *source, size_t size)
{
    struct curve curve = {{0}, {0}, {0}};
    for (size_t row = 0; row < catalogue__n_rows(CAT_cpu_curve); row++) {
        const char *const bound = catalogue__text(CAT_cpu_curve, row, CAT_cpu_curve_bound);
        int64_t *const points = strcmp(bound, "low") == 0    ? curve.low_ppm
                                : strcmp(bound, "best") == 0 ? curve.best_ppm
                                                             : curve.high_ppm;
        for (int i = 0; i < JB_CURVE_POINTS; i++)
            points[i] = catalogue__number(CAT_cpu_curve, row, CAT_cpu_curve_tdp_fraction_idle + i);
        catalogue__cite(source, size, catalogue__text(CAT_cpu_curve, row, CAT_cpu_curve_source));
    }
    return curve;
}

/* TDP of one hardware thread, in microwatt, as a band. */
struct thread_tdp {
    int64_t low_uw, best_uw, high_uw;
};

static void keep_thread_tdp(struct jb_cpu_power *cpu, struct thread_tdp tdp)
{
    cpu->thread_tdp_low_uw = tdp.low_uw;
    cpu->thread_tdp_best_uw = tdp.best_uw;
    cpu->thread_tdp_high_uw = tdp.high_uw;
}

static struct jb_power_curve apply_curve(const struct curve *curve, struct thread_tdp tdp)
{
    struct jb_power_curve power = {.n_threads = 1};
    for (int i = 0; i < JB_CURVE_POINTS; i++) {
        power.low_uw[i] = jb_muldiv_sat_i64(tdp.low_uw, curve->low_ppm[i], 1000000, JB_ROUND_FLOOR);
        power.best_uw[i] =
            jb_muldiv_sat_i64(tdp.best_uw, curve->best_ppm[i], 1000000, JB_ROUND_NEAREST);
        power.high_uw[i] =
            jb_muldiv_sat_i64(tdp.high_uw, curve->high_ppm[i], 1000000, JB_ROUND_CEIL);
    }
    return power;
}

/* --- rows ------------------------------------------------------------------------------------------------------ */

struct cpu_row {
    int64_t tdp_mw;
    int64_t threads_min, threads_best, threads_max; /* CATALOGUE__UNKNOWN together */
};

static struct cpu_row cpu_row_at(size_t row)
{
    return (struct cpu_row){
        .tdp_mw = catalogue__number(CAT_cpus, row, CAT_cpus_tdp_w),
        .threads_min = catalogue__number(CAT_cpus, row, CAT_cpus_threads_min),
        .threads_best = catalogue__number(CAT_cpus, row, CAT_cpus_threads_best),
        .threads_max = catalogue__number(CAT_cpus, row, CAT_cpus_threads_max),
    };
}

static bool has_threads(const struct cpu_row *row)
{
    return row->tdp_mw > 0 && row->threads_min > 0 && row->threads_best > 0 && row->threads_max > 0;
}

static struct thread_tdp thread_tdp_of(const struct cpu_row *row)
{
    return (struct thread_tdp){
        .low_uw = jb_muldiv_sat_i64(row->tdp_mw, 1000, row->threads_max, JB_ROUND_FLOOR),
        .best_uw = jb_muldiv_sat_i64(row->tdp_mw, 1000, row->threads_best, JB_ROUND_NEAREST),
        .high_uw = jb_muldiv_sat_i64(row->tdp_mw, 1000, row->threads_min, JB_ROUND_CEIL),
    };
}

/* The row of `table` whose normal name is `key`; rows are sorted by it. False: none. */
static bool find_row(int table, int name_column, const char *key, size_t *ret_row)
{
    size_t low = 0, high = catalogue__n_rows(table);
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        char name[CATALOGUE__NORMAL_NAME];
        catalogue__normal_name(catalogue__text(table, middle, name_column), name, sizeof name);
        const int order = strcmp(key, name);
        if (order == 0) {
            *ret_row = middle;
            return true;
        }
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}

/* Does every word of `key` stand in `name`, in order, and is what else stands there the maker's or the line's? */
static bool is_same_but_maker(const char *key, const char *name)
{
    static const char *const makers[] = {"intel", "amd",   "apple",        "core",
                                         "xeon",  "ryzen", "threadripper", "epyc"};
    /* Left out only where the name begins with a line: "ryzen 3600", "xeon 6248". */
    static const char *const steps[] = {"3", "5", "7", "9", "gold", "silver", "platinum", "bronze"};
    const bool has_line = key[0] < '0' || key[0] > '9';
    static const char separators[] = " -";
    while (*name != '\0') {
        const size_t n_key = strcspn(key, separators), n_name = strcspn(name, separators);
        if (n_key == n_name && n_key > 0 && memcmp(key, name, n_key) == 0) {
            key += n_key;
            key += strspn(key, separators);
        } else {
            bool is_maker = false;
            for (size_t i = 0; i < JB_ARRAY_LEN(makers); i++)
                is_maker = is_maker ||
                           (strlen(makers[i]) == n_name && memcmp(makers[i], name, n_name) == 0);
            for (size_t i = 0; has_line && i < JB_ARRAY_LEN(steps); i++)
                is_maker =
                    is_maker || (strlen(steps[i]) == n_name && memcmp(steps[i], name, n_name) == 0);
            if (!is_maker)
                return false;
        }
        name += n_name;
        name += strspn(name, separators);
    }
    return *key == '\0';
}

/* R-CAT-02: "e5-2680v4" is "e5-2680 v4", and "epyc 7v12" is AMD's; for names that no row has as they stand. */
static void complete(char *key, size_t size)
{
    static const struct {
        const char *line, *maker;
    } lines[] = {{"epyc", "amd"}, {"ryzen", "amd"}, {"opteron", "amd"}, {"xeon", "intel"}};
    char full[CATALOGUE__NORMAL_NAME];
    const size_t len = strlen(key);
    const bool is_joined = len > 4 && len + 2 < size && key[len - 2] == 'v' &&
                           key[len - 1] >= '2' && key[len - 1] <= '6' && key[len - 3] >= '0' &&
                           key[len - 3] <= '9' &&
                           (strstr(key, "e3-") || strstr(key, "e5-") || strstr(key, "e7-"));
    if (is_joined) {
        memmove(key + len - 1, key + len - 2, 3);
        key[len - 2] = ' ';
    }
    for (size_t i = 0; i < JB_ARRAY_LEN(lines); i++) {
        const size_t n = strlen(lines[i].line);
        if (strncmp(key, lines[i].line, n) != 0 || key[n] != ' ')
            continue;
        (void)snprintf(full, sizeof full, "%s %s", lines[i].maker, key);
        (void)snprintf(key, size, "%s", full);
        return;
    }
}

/* R-CAT-02: "i9-9900K", "xeon gold 6148": the one model that is called so with the name of its maker. */
static bool find_without_maker(int table, int name_column, const char *key, char *ret_key,
                               size_t size)
{
    const char *const digits = key + strcspn(key, "0123456789");
    char number[16];
    size_t n_found = 0;

    (void)snprintf(number, sizeof number, "%.*s", (int)strspn(digits, "0123456789"), digits);
    if (strlen(key) < 4 || number[0] == '\0')
        return false;
    for (size_t row = 0; row < catalogue__n_rows(table); row++) {
        const char *const text = catalogue__text(table, row, name_column);
        char name[CATALOGUE__NORMAL_NAME];
        if (!strstr(text, number))
            continue;
        catalogue__normal_name(text, name, sizeof name);
        if (!is_same_but_maker(key, name))
            continue;
        n_found++;
        (void)snprintf(ret_key, size, "%s", name);
    }
    return n_found == 1;
}

/* R-CAT-04: what the machine shows replaces an unknown number, and settles a range it lies in. */
static void settle_threads(struct cpu_row *row, int64_t n_threads_seen)
{
    if (n_threads_seen <= 0)
        return;
    if (row->threads_min <= 0 ||
        (n_threads_seen >= row->threads_min && n_threads_seen <= row->threads_max))
        row->threads_min = row->threads_best = row->threads_max = n_threads_seen;
}

static void fill_exact(size_t at, const struct cpu_row *row, struct jb_cpu_power *cpu)
{
    cpu->match = JB_CPU_EXACT;
    (void)snprintf(cpu->name, sizeof cpu->name, "%s", catalogue__text(CAT_cpus, at, CAT_cpus_name));
    cpu->n_candidates = 1;
    cpu->n_threads = row->threads_min == row->threads_max ? row->threads_min : 0;
    cpu->has_tdp = true;
    cpu->tdp_low_mw = cpu->tdp_best_mw = cpu->tdp_high_mw = row->tdp_mw;
    catalogue__cite(cpu->source, sizeof cpu->source,
                    catalogue__text(CAT_cpus, at, CAT_cpus_source));
    const struct curve curve = load_curve(cpu->source, sizeof cpu->source);
    cpu->per_thread = apply_curve(&curve, thread_tdp_of(row));
    keep_thread_tdp(cpu, thread_tdp_of(row));
    cpu->note = "TDP of this model times the share of TDP at each load, over its hardware threads";
}

/* A model whose power per hardware thread was published as such; measured rows are of idle bare metal and serve the
 * band only (R-CAT-05). */
static bool fill_profile(const char *key, struct jb_cpu_power *cpu)
{
    size_t at = 0;
    if (!find_row(CAT_cpu_power, CAT_cpu_power_name, key, &at) ||
        strcmp(catalogue__text(CAT_cpu_power, at, CAT_cpu_power_basis), "modelled") != 0)
        return false;
    cpu->match = JB_CPU_EXACT;
    (void)snprintf(cpu->name, sizeof cpu->name, "%s",
                   catalogue__text(CAT_cpu_power, at, CAT_cpu_power_name));
    cpu->n_candidates = 1;
    catalogue__cite(cpu->source, sizeof cpu->source,
                    catalogue__text(CAT_cpu_power, at, CAT_cpu_power_source));
    const struct curve curve = load_curve(cpu->source, sizeof cpu->source);
    cpu->per_thread.n_threads = 1;
    for (int i = 0; i < JB_CURVE_POINTS; i++) {
        const int64_t uw =
            catalogue__number(CAT_cpu_power, at, CAT_cpu_power_w_per_thread_idle + i);
        cpu->per_thread.best_uw[i] = uw;
        cpu->per_thread.low_uw[i] =
            jb_muldiv_sat_i64(uw, curve.low_ppm[i], curve.best_ppm[i], JB_ROUND_FLOOR);
        cpu->per_thread.high_uw[i] =
            jb_muldiv_sat_i64(uw, curve.high_ppm[i], curve.best_ppm[i], JB_ROUND_CEIL);
    }
    const int64_t full = JB_CURVE_POINTS - 1;
    const int64_t tdp_uw = jb_muldiv_sat_i64(cpu->per_thread.best_uw[full], 1000000,
                                             curve.best_ppm[full], JB_ROUND_NEAREST);
    keep_thread_tdp(cpu, (struct thread_tdp){tdp_uw, tdp_uw, tdp_uw});
    cpu->note = "power per hardware thread published for this model, band as for the share of TDP";
    return true;
}

/* --- families and the unknown (R-CAT-06, R-CAT-07) -------------------------------------------------------------- */

struct crowd {
    const char *family; /* glob, or NULL: server and desktop models */
    const char *vendor; /* NULL: any */
};

static bool is_of_crowd(const struct crowd *crowd, size_t row)
{
    if (crowd->vendor &&
        strcmp(catalogue__text(CAT_cpus, row, CAT_cpus_vendor), crowd->vendor) != 0)
        return false;
    if (crowd->family)
        return catalogue__glob(crowd->family, catalogue__text(CAT_cpus, row, CAT_cpus_family));
    return strcmp(catalogue__text(CAT_cpus, row, CAT_cpus_segment), "other") != 0;
}

static int compare_i64(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

/* The middle one of n > 0; of an even number the lower of the two. */
static int64_t median(int64_t *values, size_t n)
{
    qsort(values, n, sizeof values[0], compare_i64);
    return values[(n - 1) / 2];
}

/* Lowest, middle and highest over the crowd. False: nobody in it, or only rows without threads. */
static jb_rc fill_crowd(const struct crowd *crowd, struct jb_cpu_power *cpu, bool *ret_found,
                        struct jb_error *err)
{
    const size_t n_max = catalogue__n_rows(CAT_cpus);
    JB_AUTO(jb_free_auto) int64_t *uw = calloc(2 * n_max, sizeof *uw);
    if (!uw)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to compare processors");

    int64_t *const mw = uw + n_max;
    struct thread_tdp band = {.low_uw = INT64_MAX};
    const char *cited = NULL;
    size_t n = 0;
    for (size_t at = 0; at < n_max; at++) {
        const struct cpu_row row = cpu_row_at(at);
        if (!has_threads(&row) || !is_of_crowd(crowd, at))
            continue;
        const struct thread_tdp tdp = thread_tdp_of(&row);
        band.low_uw = tdp.low_uw < band.low_uw ? tdp.low_uw : band.low_uw;
        band.high_uw = tdp.high_uw > band.high_uw ? tdp.high_uw : band.high_uw;
        uw[n] = tdp.best_uw;
        mw[n++] = row.tdp_mw;
        /* Rows of one source stand together: it is looked up once. */
        const char *const source = catalogue__text(CAT_cpus, at, CAT_cpus_source);
        if (!cited || strcmp(cited, source) != 0)
            catalogue__cite(cpu->source, sizeof cpu->source, source);
        cited = source;
    }
    *ret_found = n > 0;
    if (n == 0)
        return JB_OK;

    band.best_uw = median(uw, n);
    cpu->n_candidates = (int64_t)n;
    const struct curve curve = load_curve(cpu->source, sizeof cpu->source);
    cpu->per_thread = apply_curve(&curve, band);
    keep_thread_tdp(cpu, band);
    if (!cpu->has_tdp) {
        cpu->has_tdp = true;
        cpu->tdp_best_mw = median(mw, n);
        cpu->tdp_low_mw = mw[0];
        cpu->tdp_high_mw = mw[n - 1];
    }
    return JB_OK;
}

static jb_rc fill_family(const char *key, struct jb_cpu_power *cpu, bool *ret_found,
                         struct jb_error *err)
{
    *ret_found = false;
    for (size_t row = 0; row < catalogue__n_rows(CAT_cpu_family) && !*ret_found; row++) {
        if (!catalogue__glob(catalogue__text(CAT_cpu_family, row, CAT_cpu_family_pattern), key))
            continue;
        const struct crowd crowd = {
            .family = catalogue__text(CAT_cpu_family, row, CAT_cpu_family_family)};
        const jb_rc rc = fill_crowd(&crowd, cpu, ret_found, err);
        if (rc < 0)
            return rc;
        if (*ret_found && cpu->name[0] == '\0')
            (void)snprintf(cpu->name, sizeof cpu->name, "family %s", crowd.family);
    }
    if (*ret_found) {
        cpu->match = JB_CPU_FAMILY;
        cpu->note =
            "the model or its threads are not known: lowest, middle and highest of its family";
    }
    return JB_OK;
}

static jb_rc fill_unknown(const char *key, struct jb_cpu_power *cpu, struct jb_error *err)
{
    struct crowd crowd = {.vendor = strstr(key, "intel") ? "Intel"
                                    : strstr(key, "amd") ? "AMD"
                                                         : NULL};
    bool found = false;
    const jb_rc rc = fill_crowd(&crowd, cpu, &found, err);
    if (rc < 0)
        return rc;
    /* "Apple M1": its TDP is known, and nothing of its kind. */
    cpu->match = cpu->name[0] != '\0' ? JB_CPU_FAMILY : JB_CPU_UNKNOWN;
    if (cpu->name[0] == '\0')
        (void)snprintf(cpu->name, sizeof cpu->name, "unknown %s%sprocessor",
                       crowd.vendor ? crowd.vendor : "", crowd.vendor ? " " : "");
    cpu->note = "the processor is not recognised: lowest, middle and highest of all server and "
                "desktop models";
    return JB_OK;
}

jb_rc jb_catalogue_find_cpu(const char *model_name, int64_t n_threads_seen,
                            struct jb_cpu_power *ret_cpu, struct jb_error *err)
{
    struct jb_cpu_power cpu = {.match = JB_CPU_UNKNOWN};
    char key[CATALOGUE__NORMAL_NAME];
    catalogue__normal_name(model_name ? model_name : "", key, sizeof key);

    size_t at = 0;
    struct cpu_row row = {.tdp_mw = CATALOGUE__UNKNOWN};
    bool is_listed = find_row(CAT_cpus, CAT_cpus_name, key, &at);
    if (!is_listed && !find_row(CAT_cpu_power, CAT_cpu_power_name, key, &at)) {
        char full[CATALOGUE__NORMAL_NAME];
        complete(key, sizeof key);
        if (find_without_maker(CAT_cpus, CAT_cpus_name, key, full, sizeof full) ||
            find_without_maker(CAT_cpu_power, CAT_cpu_power_name, key, full, sizeof full))
            memcpy(key, full, sizeof key);
        is_listed = find_row(CAT_cpus, CAT_cpus_name, key, &at);
    }
    if (is_listed) {
        row = cpu_row_at(at);
        settle_threads(&row, n_threads_seen);
    }
    if (is_listed && has_threads(&row)) {
        fill_exact(at, &row, &cpu);
    } else if (!fill_profile(key, &cpu)) {
        if (is_listed) {
            /* The model is known, its threads are not: its own TDP, and the threads' band of its kind. */
            (void)snprintf(cpu.name, sizeof cpu.name, "%s",
                           catalogue__text(CAT_cpus, at, CAT_cpus_name));
            cpu.has_tdp = true;
            cpu.tdp_low_mw = cpu.tdp_best_mw = cpu.tdp_high_mw = row.tdp_mw;
            catalogue__cite(cpu.source, sizeof cpu.source,
                            catalogue__text(CAT_cpus, at, CAT_cpus_source));
        }
        bool found = false;
        jb_rc rc = fill_family(key, &cpu, &found, err);
        if (rc >= 0 && !found)
            rc = fill_unknown(key, &cpu, err);
        if (rc < 0)
            return rc;
    }
    *ret_cpu = cpu;
    return JB_OK;
}
