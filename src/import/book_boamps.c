/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A BoAmps report (JSON) to one run. What it calls powerConsumption is energy, in kWh. Several measures of one report are
 * measures of the same task, by several tools or of several parts: they are a band, never added silently. R-BOOKS-40.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/num.h"
#include "import/book_int.h"

#define MEASURES_MAX 64
#define NAME_MAX_LEN 64

/* R-BOOKS-40: what the report says of its own quality; the worst where it says nothing. */
static const struct {
    const char *name;
    int64_t ppm;
} qualities[] = {{"high", 100000}, {"medium", 250000}, {"low", 500000}};
#define QUALITY_UNKNOWN_PPM 500000

static const struct {
    const char *name;
    int64_t uj_num, uj_den; /* of a trillionth of it */
} units[] = {{"kWh", 36, 10}, {"Wh", 36, 10000}, {"MJ", 1, 1}, {"J", 1, 1000000}};
#define SCALE 12

struct report {
    struct book *book;
    struct jb_rebuilt *rebuilt;
    const json_t *root;
    int64_t least_uj, most_uj, sum_uj, longest_ns;
    size_t n_measures;
    bool is_read; /* one of its measures is no constant */
    char method[NAME_MAX_LEN];
    bool has_begin;
    int64_t begin_us;
};

JB_UNUSED static inline void json_auto(json_t **value)
{
    json_decref(*value);
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *const text = json_string_value(json_object_get(object, key));

    return text ? text : "";
}

static jb_rc take_energy(const struct report *r, const json_t *measure, int64_t *ret_uj,
                         bool *ret_has, struct jb_error *err)
{
    const char *const unit = text_of(measure, "unit");
    int64_t pico = 0;
    int64_t finer = 10;
    size_t i = 0;
    /* A digit more, so that a kWh keeps its last microjoule; what does not fit so has it not. */
    jb_rc rc =
        book__json_number(r->book, measure, "powerConsumption", SCALE + 1, &pico, ret_has, err);
    if (rc < 0) {
        finer = 1;
        rc = book__json_number(r->book, measure, "powerConsumption", SCALE, &pico, ret_has, err);
    }

    if (rc < 0 || !*ret_has)
        return rc;
    while (i < JB_ARRAY_LEN(units) && unit[0] != '\0' && strcmp(unit, units[i].name) != 0)
        i++;
    if (i == JB_ARRAY_LEN(units))
        return book__fail(r->book, "unit", err, "one of kWh, Wh, MJ, J", "'%.20s' is no such unit",
                          unit);
    return jb_muldiv_i64(pico, units[i].uj_num, finer * units[i].uj_den, JB_ROUND_NEAREST, ret_uj) <
                   0
               ? book__fail(r->book, "powerConsumption", err, NULL, "too much energy")
               : JB_OK;
}

/* "2024-09-30 09:09:40", or seconds since 1970. */
static jb_rc take_moment(struct report *r, const json_t *object, const char *key, int64_t *ret_us,
                         bool *ret_has, struct jb_error *err)
{
    const json_t *const value = json_object_get(object, key);
    const char *const text = json_string_value(value);
    int64_t seconds = 0;
    jb_rc rc;

    *ret_has = text ? !book__is_absent(text, strlen(text)) : json_is_number(value);
    if (!*ret_has)
        return JB_OK;
    if (text && book__time(r->book, text, strlen(text), ret_us) == JB_OK)
        return JB_OK;
    rc = book__json_number(r->book, object, key, 6, &seconds, ret_has, err);
    if (rc == JB_OK && (seconds < INT64_C(631152000000000) || seconds > INT64_C(4102444800000000)))
        rc = book__fail(r->book, key, err, "write it as 2024-09-30 09:09:40", "it is no such time");
    *ret_us = seconds;
    return rc;
}

static bool is_constant(const json_t *measure)
{
    const char *const cpu = text_of(measure, "cpuTrackingMode");
    const char *const gpu = text_of(measure, "gpuTrackingMode");

    return strcmp(cpu, "constant") == 0 && (gpu[0] == '\0' || strcmp(gpu, "none") == 0);
}

static jb_rc take_measure(struct report *r, const json_t *measure, struct jb_error *err)
{
    int64_t energy_uj = 0;
    int64_t duration_ns = 0;
    int64_t begin_us = 0;
    bool has_energy = false;
    bool has = false;
    jb_rc rc = take_energy(r, measure, &energy_uj, &has_energy, err);

    if (rc == JB_OK)
        rc = book__json_number(r->book, measure, "measurementDuration", 9, &duration_ns, &has, err);
    if (rc == JB_OK)
        rc = take_moment(r, measure, "measurementDateTime", &begin_us, &has, err);
    if (rc < 0 || !has_energy || energy_uj == 0)
        return rc;
    if (has && (!r->has_begin || begin_us < r->begin_us)) {
        r->begin_us = begin_us;
        r->has_begin = true;
    }
    if (r->n_measures == 0 || energy_uj < r->least_uj)
        r->least_uj = energy_uj;
    if (energy_uj > r->most_uj)
        r->most_uj = energy_uj;
    if (duration_ns > r->longest_ns)
        r->longest_ns = duration_ns;
    r->sum_uj = jb_add_sat_i64(r->sum_uj, energy_uj);
    r->n_measures++;
    r->is_read = r->is_read || !is_constant(measure);
    book__fill(r->method, sizeof r->method, text_of(measure, "measurementMethod"),
               strlen(text_of(measure, "measurementMethod")));
    return JB_OK;
}

static void tag(const struct report *r, const char *name, const char *text)
{
    book__tag(r->rebuilt, name, text, strlen(text));
}

static void take_components(const struct report *r)
{
    const json_t *const list =
        json_object_get(json_object_get(r->root, "infrastructure"), "components");
    const json_t *component;
    size_t i;

    json_array_foreach(list, i, component)
    {
        const char *const type = text_of(component, "componentType");
        const char *const name = text_of(component, "componentName");
        const json_int_t n = json_integer_value(json_object_get(component, "nbComponent"));
        char text[128];
        if (i == 16 || (type[0] == '\0' && name[0] == '\0'))
            break;
        (void)snprintf(text, sizeof text, "%lld x %.100s", (long long)n, name[0] ? name : type);
        tag(r, type[0] != '\0' ? "component" : "hardware", text);
        if (json_real_value(json_object_get(component, "share")) > 0 &&
            json_real_value(json_object_get(component, "share")) < 1)
            book__note(r->rebuilt,
                       "it had only a share of '%.60s'; whether the energy is of the "
                       "share or of all of it is not told",
                       name[0] != '\0' ? name : type);
    }
}

static void take_names(const struct report *r)
{
    const json_t *const header = json_object_get(r->root, "header");
    const json_t *const task = json_object_get(r->root, "task");
    const json_t *const algorithm = json_array_get(json_object_get(task, "algorithms"), 0);
    const json_t *const environment = json_object_get(r->root, "environment");
    struct jb_run *const run = &r->rebuilt->run;
    const char *text = text_of(json_object_get(header, "publisher"), "projectName");

    BOOK__FILL(run->project, text, strlen(text));
    text = text_of(algorithm, "foundationModelName");
    if (text[0] == '\0')
        text = text_of(algorithm, "algorithmName");
    BOOK__FILL(run->model, text, strlen(text));
    text = text_of(task, "taskFamily");
    BOOK__FILL(run->application, text, strlen(text));
    text = text_of(task, "taskStage");
    BOOK__FILL(run->stage, text, strlen(text));
    text = text_of(environment, "country");
    BOOK__FILL(run->place, text, strlen(text));
    tag(r, "boamps-status", text_of(header, "reportStatus"));
    tag(r, "quality", text_of(r->root, "quality"));
    take_components(r);
}

static void add_line(const struct report *r)
{
    struct jb_rebuilt *const rebuilt = r->rebuilt;
    const char *const quality = text_of(r->root, "quality");
    int64_t ppm = QUALITY_UNKNOWN_PPM;
    struct jb_figure energy;
    char basis[160];

    for (size_t i = 0; i < JB_ARRAY_LEN(qualities); i++)
        if (strcmp(quality, qualities[i].name) == 0)
            ppm = qualities[i].ppm;
    energy = book__band(r->most_uj, ppm, ppm);
    if (r->n_measures > 1) {
        energy.low = book__band(r->least_uj, ppm, ppm).low;
        energy.high = book__band(r->sum_uj, ppm, ppm).high;
        book__note(rebuilt,
                   "its %zu measures may be of the same task or of parts of it: the greatest was "
                   "taken, the band reaches from the least to their sum",
                   r->n_measures);
    }
    (void)snprintf(basis, sizeof basis, "BoAmps report, measured with '%.60s', quality '%.10s'",
                   r->method[0] != '\0' ? r->method : "(not told)",
                   quality[0] != '\0' ? quality : "(not told)");
    (void)book__line(rebuilt, "boamps/measures", JB_SCOPE_OTHER,
                     r->is_read ? JB_ORIGIN_STATED : JB_ORIGIN_MODELLED, energy, basis);
    rebuilt->method = r->is_read ? JB_METHOD_C1 : JB_METHOD_B;
    if (strcmp(r->method, "codecarbon") == 0)
        book__note(rebuilt,
                   "measured with CodeCarbon, whose energy holds its PUE; the report does not "
                   "tell which");
}

static jb_rc take_times(struct report *r, struct jb_error *err)
{
    struct jb_run *const run = &r->rebuilt->run;
    int64_t end_us = 0;
    bool has_end = false;
    jb_rc rc = JB_OK;

    if (!r->has_begin)
        rc = take_moment(r, json_object_get(r->root, "header"), "reportDatetime", &end_us, &has_end,
                         err);
    if (rc < 0)
        return rc;
    if (!r->has_begin && !has_end)
        return book__no_times(r->book, r->rebuilt, err);
    run->start_utc_us = r->has_begin ? r->begin_us : end_us - r->longest_ns / JB_NS_PER_US;
    run->end_utc_us = run->start_utc_us + r->longest_ns / JB_NS_PER_US;
    book__note(r->rebuilt,
               r->has_begin ? "its moment was taken for the begin of the measurement"
                            : "no measure tells its moment: it ends when the report was written");
    return JB_OK;
}

static void take_key(const struct report *r, const struct jb_buf *text)
{
    const char *const id = text_of(json_object_get(r->root, "header"), "reportId");
    const struct jb_hash_part part = {jb_buf_text(text), text->len};
    const struct jb_hash hash = jb_hash_parts(&part, 1);
    char digits[2 * 8 + 1];

    if (id[0] != '\0')
        BOOK__FILL(r->rebuilt->key, id, strlen(id));
    if (r->rebuilt->key[0] == '\0')
        (void)snprintf(r->rebuilt->key, sizeof r->rebuilt->key, "sha256 %s",
                       jb_hex(hash.bytes, 8, digits, sizeof digits));
}

static jb_rc take_report(struct report *r, const struct jb_buf *text, struct jb_error *err)
{
    const json_t *const measures = json_object_get(r->root, "measures");
    const json_t *measure;
    size_t i;
    jb_rc rc = JB_OK;

    if (!json_is_array(measures) || json_array_size(measures) > MEASURES_MAX)
        return book__fail(r->book, "measures", err, "it is a report of BoAmps, in JSON",
                          "no list of at most %d measures", MEASURES_MAX);
    json_array_foreach(measures, i, measure)
    {
        rc = take_measure(r, measure, err);
        if (rc < 0)
            return rc;
    }
    r->book->told.n_rows = 1;
    if (r->n_measures == 0) {
        jb_import_leave(&r->book->told, "no energy", 1);
        return JB_OK;
    }
    take_names(r);
    take_key(r, text);
    add_line(r);
    rc = take_times(r, err);
    return rc == JB_OK ? book__give(r->book, r->rebuilt, 1, err) : rc;
}

static jb_rc read_file(struct book *book, struct jb_rebuilt *rebuilt, struct jb_error *err)
{
    JB_AUTO(jb_buf_release) struct jb_buf text = JB_BUF(BOOK__FILE_MAX);
    JB_AUTO(json_auto) json_t *root = NULL;
    struct report report = {.book = book, .rebuilt = rebuilt};
    json_error_t why;
    jb_rc rc = book__slurp(book, book->path, &text, err);

    if (rc < 0)
        return rc;
    root = json_loadb(jb_buf_text(&text), text.len, JSON_REJECT_DUPLICATES, &why);
    if (!json_is_object(root)) {
        book->line = root ? 1 : why.line;
        return book__fail(book, NULL, err, "it is a report of BoAmps, in JSON",
                          "no JSON object at column %d: %.80s", root ? 1 : why.column,
                          root ? "another value" : why.text);
    }
    report.root = root;
    book__begin(book, rebuilt, "boamps");
    return take_report(&report, &text, err);
}

static jb_rc read_boamps(const char *path, const struct jb_import_asked *asked,
                         const struct jb_import_progress *progress, jb_import_rebuilt_fn fn,
                         void *arg, struct jb_import_told *ret_told, struct jb_error *err)
{
    return book__run(read_file, path, asked, progress, fn, arg, ret_told, err);
}

const struct jb_import_book book__boamps = {
    .name = "boamps",
    .summary = "a BoAmps report, JSON",
    .read = read_boamps,
};
