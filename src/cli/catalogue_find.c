/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `joulebook catalogue find NAME`: the name as accelerator, processor, machine type, region and grid. It must never show one
 * reading only where there are several (R-CAT-20).
 */
#include "cli/catalogue_find.h"

#include <jansson.h>
#include <string.h>

#include "base/num.h"
#include "catalogue/catalogue.h"

/* One reading: rows of "key: value" as text, an object as JSON. */
struct reading {
    json_t *object;
    struct jb_buf text;
    jb_rc failed; /* JB_E_NOMEM */
};

static void say(struct reading *reading, const char *key, const char *value)
{
    if (value[0] == '\0')
        return;
    jb_buf_addf(&reading->text, "  %-18s %s\n", key, value);
    if (json_object_set_new(reading->object, key, json_string(value)) < 0)
        reading->failed = JB_E_NOMEM;
}

static void say_number(struct reading *reading, const char *key, int64_t value)
{
    char text[24];
    if (value == 0)
        return;
    (void)snprintf(text, sizeof text, "%lld", (long long)value);
    jb_buf_addf(&reading->text, "  %-18s %s\n", key, text);
    if (json_object_set_new(reading->object, key, json_integer(value)) < 0)
        reading->failed = JB_E_NOMEM;
}

/* "250 to 400, best 300" of numbers with three decimals; nothing where no row has one. */
static void say_span_of(struct reading *reading, const char *key, const struct jb_span *span,
                        size_t n_of)
{
    char low[32], best[32], high[32], some[48] = "";
    if (span->n_rows == 0)
        return;
    (void)jb_format_decimal(span->low, 3, low, sizeof low);
    (void)jb_format_decimal(span->best, 3, best, sizeof best);
    (void)jb_format_decimal(span->high, 3, high, sizeof high);
    if ((size_t)span->n_rows < n_of)
        (void)snprintf(some, sizeof some, " (known of %lld of %zu)", (long long)span->n_rows, n_of);
    if (span->low == span->high)
        jb_buf_addf(&reading->text, "  %-18s %s%s\n", key, best, some);
    else
        jb_buf_addf(&reading->text, "  %-18s %s to %s, best %s%s\n", key, low, high, best, some);
    if (json_object_set_new(reading->object, key,
                            json_pack("{s:s, s:s, s:s, s:I}", "low", low, "best", best, "high",
                                      high, "n_rows", (json_int_t)span->n_rows)) < 0)
        reading->failed = JB_E_NOMEM;
}

static void say_span(struct reading *reading, const char *key, const struct jb_span *span)
{
    say_span_of(reading, key, span, 0);
}

static void say_candidates(struct reading *reading, const struct jb_candidates *candidates)
{
    json_t *const list = json_array();
    for (size_t i = 0; i < candidates->n; i++) {
        jb_buf_addf(&reading->text, "  %-18s %s\n", i == 0 ? "may be" : "", candidates->names[i]);
        if (json_array_append_new(list, json_string(candidates->names[i])) < 0)
            reading->failed = JB_E_NOMEM;
    }
    if (candidates->n_all > candidates->n)
        jb_buf_addf(&reading->text, "  %-18s and %zu more\n", "",
                    candidates->n_all - candidates->n);
    if (json_object_set_new(reading->object, "candidates", list) < 0)
        reading->failed = JB_E_NOMEM;
}

/* --- the kinds -------------------------------------------------------------------------------------------------- */

static jb_rc read_accelerator(const char *name, struct reading *reading, struct jb_error *err)
{
    struct jb_accelerator found;
    const jb_rc rc = jb_catalogue_find_accelerator(name, &found, err);
    if (rc < 0)
        return rc;
    char count[32];
    const size_t n = found.candidates.n_all;
    say(reading, "name", found.name);
    say(reading, "match", found.match == JB_MATCH_EXACT ? "exact" : "several");
    if (found.match == JB_MATCH_SEVERAL)
        say_candidates(reading, &found.candidates);
    say(reading, "best_is_of", found.usual);
    if (found.n_told_milli > 0)
        say(reading, "count_in_name",
            jb_format_decimal(found.n_told_milli, 3, count, sizeof count));
    say(reading, "vendor", found.vendor);
    say_number(reading, "devices_per_board", found.dies_per_board);
    say_span_of(reading, "board_w", &found.board_mw, n);
    say(reading, "power_basis", found.power_basis);
    say_span_of(reading, "idle_w", &found.idle_mw, n);
    say_span_of(reading, "fp32_tflops", &found.fp32_gflops, n);
    say_span_of(reading, "fp16_tflops", &found.fp16_gflops, n);
    say_span_of(reading, "bf16_tflops", &found.bf16_gflops, n);
    if (found.memory_mib.n_rows > 0 && found.memory_mib.low == found.memory_mib.high)
        say_number(reading, "memory_mib", found.memory_mib.best);
    say(reading, "source", found.source);
    return JB_OK;
}

static jb_rc read_cpu(const char *name, struct reading *reading, struct jb_error *err)
{
    struct jb_cpu_power found;
    const jb_rc rc = jb_catalogue_find_cpu(name, 0, &found, err);
    if (rc < 0)
        return rc;
    if (found.match == JB_CPU_UNKNOWN)
        return jb_fail(err, JB_E_INPUT, "`joulebook catalogue cpus TEXT` lists them",
                       "the processor '%.64s' is not known", name);
    const struct jb_span tdp = {found.tdp_low_mw, found.tdp_best_mw, found.tdp_high_mw,
                                found.n_candidates};
    say(reading, "name", found.name);
    say(reading, "match", found.match == JB_CPU_EXACT ? "exact" : "family");
    say_number(reading, "threads", found.n_threads);
    if (found.has_tdp)
        say_span(reading, "tdp_w", &tdp);
    say(reading, "source", found.source);
    return JB_OK;
}

static jb_rc read_instance(const char *name, struct reading *reading, struct jb_error *err)
{
    struct jb_instance found;
    char boards[32];
    const jb_rc rc = jb_catalogue_find_instance(NULL, name, &found, err);
    if (rc < 0)
        return rc;
    say(reading, "name", found.type);
    say(reading, "match", "exact");
    say(reading, "provider", found.provider);
    say_number(reading, "vcpus", found.n_vcpus);
    say_number(reading, "memory_mib", found.memory_mib);
    say(reading, "accelerator", found.accelerator);
    if (found.n_accelerators_milli > 0)
        say(reading, "boards",
            jb_format_decimal(found.n_accelerators_milli, 3, boards, sizeof boards));
    say(reading, "processor", found.processor);
    say(reading, "source", found.source);
    return JB_OK;
}

static jb_rc read_region(const char *name, struct reading *reading, struct jb_error *err)
{
    struct jb_region found;
    const jb_rc rc = jb_catalogue_find_region(NULL, name, 0, &found, err);
    if (rc < 0)
        return rc;
    say(reading, "name", found.region);
    say(reading, "match", "exact");
    say(reading, "provider", found.provider);
    say(reading, "location", found.location);
    say(reading, "grid", found.zone);
    say_span(reading, "pue", &found.pue_milli);
    say_number(reading, "pue_year", found.pue_year);
    say(reading, "source", found.source);
    return JB_OK;
}

static jb_rc read_grid(const char *name, struct reading *reading, struct jb_error *err)
{
    struct jb_grid_intensity found;
    const jb_rc rc = jb_catalogue_find_grid(name, 0, NULL, &found, err);
    if (rc < 0)
        return rc;
    const struct jb_span span = {found.low_mg_per_kwh, found.best_mg_per_kwh, found.high_mg_per_kwh,
                                 found.n_sources};
    say(reading, "name", found.name);
    say(reading, "match", "exact");
    say(reading, "zone", found.zone);
    say_number(reading, "year", found.year);
    say(reading, "method", found.method);
    say_span(reading, "gco2e_per_kwh", &span);
    say(reading, "source", found.source);
    return JB_OK;
}

static const struct {
    const char *name;
    jb_rc (*read)(const char *name, struct reading *reading, struct jb_error *err);
} kinds[] = {
    {"accelerator", read_accelerator}, {"cpu", read_cpu},   {"instance", read_instance},
    {"region", read_region},           {"grid", read_grid},
};

static bool is_kind(const char *kind)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(kinds); i++)
        if (strcmp(kinds[i].name, kind) == 0)
            return true;
    return false;
}

/* Every kind that knows the name goes into `list` and `text`; *ret_err is why the last did not. */
static jb_rc read_all(const char *kind, const char *name, json_t *list, struct jb_buf *text,
                      struct jb_error *ret_err)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(kinds); i++) {
        struct jb_error err = {0};
        if (kind && strcmp(kind, kinds[i].name) != 0)
            continue;
        struct reading reading = {.object = json_object(), .text = JB_BUF(65536)};
        jb_rc rc = kinds[i].read(name, &reading, &err);
        if (rc == JB_OK) {
            jb_buf_addf(text, "%s%s\n%s", json_array_size(list) > 0 ? "\n" : "", kinds[i].name,
                        jb_buf_text(&reading.text));
            rc = reading.failed;
            if (json_object_set_new(reading.object, "kind", json_string(kinds[i].name)) < 0 ||
                json_array_append(list, reading.object) < 0)
                rc = JB_E_NOMEM;
        } else if (ret_err->hint[0] == '\0' || strncmp(err.hint, "did", 3) == 0) {
            *ret_err = err;
        }
        json_decref(reading.object);
        jb_buf_release(&reading.text);
        if (rc == JB_E_NOMEM)
            return jb_fail(ret_err, JB_E_NOMEM, NULL, "no memory for the catalogue");
    }
    return JB_OK;
}

jb_rc jb_catalogue_find_command(struct jb_cli *cli, const char *kind, const char *name,
                                enum jb_format format, struct jb_error *err)
{
    if (kind && !is_kind(kind))
        return jb_fail(err, JB_E_USAGE, "give accelerator, cpu, instance, region or grid",
                       "the catalogue has no kind '%.32s'", kind);
    if (format == JB_FORMAT_CSV)
        return jb_fail(err, JB_E_USAGE, "leave it out, or give --json",
                       "what a name means is not printed as CSV");
    json_t *const list = json_array();
    JB_AUTO(jb_buf_release) struct jb_buf text = JB_BUF(65536);
    struct jb_error why = {0};
    jb_rc rc = read_all(kind, name, list, &text, &why);

    if (rc == JB_OK && json_array_size(list) == 0)
        rc = kind ? jb_fail(err, JB_E_INPUT, why.hint, "%s", why.message)
                  : jb_fail(err, JB_E_NOT_FOUND, why.hint, "no kind of thing is called '%.64s'",
                            name);
    else if (rc < 0)
        *err = why;
    if (rc == JB_OK && format == JB_FORMAT_JSON) {
        JB_AUTO(jb_free_auto) char *dumped = json_dumps(list, JSON_COMPACT | JSON_SORT_KEYS);
        if (dumped)
            jb_buf_addf(&cli->out, "%s\n", dumped);
        else
            rc = jb_fail(err, JB_E_NOMEM, NULL, "no memory for the catalogue");
    } else if (rc == JB_OK) {
        jb_buf_addf(&cli->out, "%s\nedition %s\n", jb_buf_text(&text), jb_catalogue_edition());
    }
    json_decref(list);
    return rc;
}
