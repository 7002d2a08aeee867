/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A report over runs as JSON, "joulebook.report/1" (docs/format/report.md): sorted keys, integers only, null where nothing is
 * known. One run at a time is built and written, so memory goes by the text.
 */
#include <jansson.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "report/report_inventory_int.h"

static json_t *figure(const struct jb_figure *value)
{
    if (!value->is_known)
        return json_null();
    return json_pack("{s:I, s:I, s:b, s:I}", "best", (json_int_t)value->best, "high",
                     (json_int_t)value->high, "is_hard_bound", (int)value->is_hard_bound, "low",
                     (json_int_t)value->low);
}

static json_t *known(int64_t value)
{
    return value < 0 ? json_null() : json_integer(value);
}

static json_t *flop(jb_i128 value)
{
    char digits[48];

    return value < 0 ? json_null() : json_string(jb_format_i128(value, digits, sizeof digits));
}

static json_t *coverage(const struct jb_coverage *of)
{
    return json_pack("{s:I, s:I, s:I, s:I}", "counter_ns", (json_int_t)of->counter_ns, "gauge_ns",
                     (json_int_t)of->gauge_ns, "interpolated_ns", (json_int_t)of->interpolated_ns,
                     "unobserved_ns", (json_int_t)of->unobserved_ns);
}

static json_t *devices(const struct report__devices *of)
{
    json_t *const object = json_object();

    for (int i = 0; i < JB_N_DEVICES; i++)
        if (json_object_set_new(object, jb_device_name((enum jb_device)i),
                                json_pack("{s:I, s:I, s:I}", "best_uj", (json_int_t)of->best_uj[i],
                                          "high_uj", (json_int_t)of->high_uj[i], "low_uj",
                                          (json_int_t)of->low_uj[i])) < 0) {
            json_decref(object);
            return NULL;
        }
    return object;
}

static json_t *origins(const int64_t *uj)
{
    json_t *const object = json_object();

    for (int i = 0; i < JB_N_ORIGINS; i++)
        if (json_object_set_new(object, jb_origin_name((enum jb_origin)i), json_integer(uj[i])) <
            0) {
            json_decref(object);
            return NULL;
        }
    return object;
}

static json_t *hash(const struct jb_hash *of)
{
    char hex[2 * sizeof of->bytes + 1];

    for (size_t i = 0; i < sizeof of->bytes; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", of->bytes[i]);
    return json_string(hex);
}

static json_t *value_of(const struct jb_inventory_value *value)
{
    return json_pack("{s:o, s:o, s:I, s:I}", "at", report__json_text(value->at), "text",
                     report__json_text(value->text), "until_uj", (json_int_t)value->until_uj,
                     "value_nano", (json_int_t)value->value);
}

static json_t *metrics(const struct jb_inventory_run *run)
{
    json_t *const list = json_array();

    for (size_t i = 0; i < run->n_metrics; i++) {
        const struct jb_inventory_metric *const metric = &run->metrics[i];
        if (json_array_append_new(
                list, json_pack("{s:o, s:o, s:o, s:o}", "greatest", value_of(&metric->greatest),
                                "last", value_of(&metric->last), "least", value_of(&metric->least),
                                "name", report__json_text(metric->name))) < 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static json_t *field_of(const struct report__field *fields, const struct report__field *field,
                        const void *owner)
{
    const void *const at = (const char *)owner + field->at;
    const struct report__devices of = report__devices_of(fields, owner);

    switch (field->kind) {
    case REPORT_TEXT: return report__json_text(*(const char *const *)at);
    case REPORT_NUMBER: return json_integer(*(const int64_t *)at);
    case REPORT_KNOWN: return known(*(const int64_t *)at);
    case REPORT_FLOP: return flop(*(const jb_i128 *)at);
    case REPORT_CLAIM: return json_boolean(*(const bool *)at);
    case REPORT_FIGURE: return figure(at);
    case REPORT_COVERAGE: return coverage(at);
    case REPORT_DEVICES: return devices(&of);
    case REPORT_ORIGINS: return origins(at);
    case REPORT_WORD: return json_string(field->word(at));
    case REPORT_METRICS: return metrics(owner);
    case REPORT_HASH: return hash(at);
    }
    return NULL;
}

static json_t *object_of(const struct report__field *fields, const void *owner)
{
    json_t *const object = json_object();

    for (const struct report__field *field = fields; field->name; field++) {
        const bool is_uj = field->kind == REPORT_ORIGINS;
        if (json_object_set_new(object, is_uj ? "origin_uj" : field->name,
                                field_of(fields, field, owner)) < 0) {
            json_decref(object);
            return NULL;
        }
    }
    return object;
}

/* A sum of nothing is not known, and not 0. */
static json_t *sum_of(const struct jb_inventory_sum *sum)
{
    json_t *const object = object_of(report__sum_fields, sum);

    if (object &&
        ((sum->board_ns == 0 && json_object_set_new(object, "board_ns", json_null()) < 0) ||
         (sum->n_without_flop == sum->n_runs &&
          json_object_set_new(object, "training_flop", json_null()) < 0))) {
        json_decref(object);
        return NULL;
    }
    return object;
}

/* --- the whole -------------------------------------------------------------------------------------------------- */

static int write_bytes(const char *bytes, size_t len, void *arg)
{
    struct jb_buf *const out = arg;

    jb_buf_add(out, bytes, len);
    return out->failed < 0 ? -1 : 0;
}

/* Takes `value` over; NULL of it fails. */
static void put(struct jb_buf *out, json_t *value)
{
    if (!value || (json_dump_callback(value, write_bytes, out,
                                      JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY) < 0 &&
                   out->failed == JB_OK))
        out->failed = JB_E_NOMEM;
    json_decref(value);
}

static void key(struct jb_buf *out, const char *name)
{
    jb_buf_addf(out, ",\"%s\":", name);
}

static void next(struct jb_buf *out, bool is_first)
{
    jb_buf_add_text(out, is_first ? "" : ",");
}

static void layers(const struct jb_inventory *inventory, struct jb_buf *out)
{
    static const char *const share_keys[] = {"making", "evaluation", "inference"};
    bool is_first = true;

    jb_buf_add_text(out, "[");
    for (int layer = 0; layer < JB_N_LAYERS; layer++) {
        json_t *const parts = json_object();
        json_t *const shares = json_object();
        if (inventory->sums[layer].n_runs == 0) {
            json_decref(parts);
            json_decref(shares);
            continue;
        }
        bool has_failed = false;
        for (int part = 0; part < JB_N_PARTS; part++)
            if (inventory->parts[layer][part].n_runs > 0)
                has_failed = json_object_set_new(parts, jb_part_name((enum jb_part)part),
                                                 sum_of(&inventory->parts[layer][part])) < 0 ||
                             has_failed;
        for (int share = 0; share < JB_REPORT_SHARES; share++) {
            struct jb_inventory_sum sum;
            jb_report_share_of(inventory, (enum jb_layer)layer, (enum jb_report_share)share, &sum);
            has_failed =
                json_object_set_new(shares, share_keys[share], sum_of(&sum)) < 0 || has_failed;
        }
        next(out, is_first);
        is_first = false;
        put(out,
            json_pack("{s:s, s:o, s:o, s:o}", "layer", jb_layer_name((enum jb_layer)layer), "parts",
                      parts, "shares", shares, "sum", sum_of(&inventory->sums[layer])));
        if (has_failed && out->failed == JB_OK)
            out->failed = JB_E_NOMEM;
    }
    jb_buf_add_text(out, "]");
}

static void equivalents(const struct jb_report_input *input, struct jb_buf *out)
{
    jb_buf_add_text(out, "[");
    for (size_t i = 0; i < input->n_equivalents; i++) {
        const struct jb_report_equivalent *const one = &input->equivalents[i];
        next(out, i == 0);
        put(out, json_pack("{s:b, s:s, s:s, s:o, s:o, s:o}", "is_carbon", (int)one->is_carbon,
                           "key", one->key, "layer", jb_layer_name(one->layer), "n_milli",
                           figure(&one->n_milli), "name", report__json_text(one->name), "source",
                           report__json_text(one->source)));
    }
    jb_buf_add_text(out, "]");
}

static void factors_and_notes(const struct jb_inventory *inventory, bool is_factors,
                              struct jb_buf *out)
{
    jb_buf_add_text(out, "[");
    for (size_t i = 0; is_factors && i < inventory->n_factors; i++) {
        const struct jb_factor *const factor = &inventory->factors[i];
        next(out, i == 0);
        put(out,
            json_pack("{s:o, s:o, s:o, s:o}", "edition", report__json_text(factor->edition), "name",
                      report__json_text(factor->name), "source", report__json_text(factor->source),
                      "value", report__json_text(factor->value)));
    }
    for (size_t i = 0; !is_factors && i < inventory->n_notes; i++) {
        next(out, i == 0);
        put(out, json_pack("{s:I, s:o}", "n_runs", (json_int_t)inventory->notes[i].n_runs, "text",
                           report__json_text(inventory->notes[i].text)));
    }
    jb_buf_add_text(out, "]");
}

static void method(const struct jb_report_input *input, struct jb_buf *out)
{
    struct jb_buf words = JB_BUF(65536);
    json_t *const list = json_array();

    if (jb_report_method(input, &words, NULL) < 0)
        out->failed = JB_E_NOMEM;
    for (const char *line = jb_buf_text(&words); *line; line += strcspn(line, "\n") + 1)
        if (json_array_append_new(list, json_stringn(line, strcspn(line, "\n"))) < 0)
            out->failed = JB_E_NOMEM;
    put(out, list);
    jb_buf_release(&words);
}

static void metric_course(const struct jb_metric_course *course, struct jb_buf *out)
{
    json_t *const names = json_array();

    for (size_t i = 0; i < course->n_metrics; i++)
        if (json_array_append_new(names, report__json_text(course->names[i])) < 0)
            out->failed = JB_E_NOMEM;
    jb_buf_addf(out, "{\"n_left_out\":%lld,\"n_metrics_left_out\":%lld,\"names\":",
                (long long)course->n_left_out, (long long)course->n_metrics_left_out);
    put(out, names);
    jb_buf_add_text(out, ",\"points\":[");
    for (size_t i = 0; i < course->n_points; i++) {
        const struct jb_metric_point *const point = &course->points[i];
        json_t *const nano = json_array();
        for (size_t m = 0; m < course->n_metrics; m++)
            if (json_array_append_new(nano, point->nano[m] == JB_METRIC_NANO_NONE
                                                ? json_null()
                                                : json_integer(point->nano[m])) < 0)
                out->failed = JB_E_NOMEM;
        next(out, i == 0);
        put(out,
            json_pack("{s:I, s:I, s:b, s:o, s:o, s:I}", "elapsed_ns", (json_int_t)point->elapsed_ns,
                      "half_width_uj", (json_int_t)point->half_width_uj, "is_epoch",
                      (int)point->is_epoch, "name", report__json_text(point->name), "nano", nano,
                      "run_uj", (json_int_t)point->run_uj));
    }
    jb_buf_add_text(out, "]}");
}

/* One number of each slice, by its offset; below 0 is null. */
static void slices(const struct jb_power_course *course, const struct jb_power_channel *channel,
                   const char *name, size_t at, struct jb_buf *out)
{
    jb_buf_addf(out, "\"%s\":[", name);
    for (size_t i = 0; i < course->n_slices; i++) {
        const int64_t value =
            *(const int64_t *)(const void *)((const char *)&channel->slices[i] + at);
        next(out, i == 0);
        if (value < 0)
            jb_buf_add_text(out, "null");
        else
            jb_buf_addf(out, "%lld", (long long)value);
    }
    jb_buf_add_text(out, "]");
}

static void power_course(const struct jb_power_course *course, struct jb_buf *out)
{
    jb_buf_add_text(out, "{\"channels\":[");
    for (size_t i = 0; i < course->n_channels; i++) {
        const struct jb_power_channel *const channel = &course->channels[i];
        next(out, i == 0);
        jb_buf_addf(out, "{\"device\":\"%s\",\"energy_uj\":%lld,", jb_device_name(channel->device),
                    (long long)channel->energy_uj);
        slices(course, channel, "max_uw", offsetof(struct jb_power_slice, max_uw), out);
        jb_buf_add_text(out, ",");
        slices(course, channel, "mean_uw", offsetof(struct jb_power_slice, mean_uw), out);
        jb_buf_add_text(out, ",");
        slices(course, channel, "min_uw", offsetof(struct jb_power_slice, min_uw), out);
        jb_buf_addf(out, ",\"n_samples\":%lld,\"name\":", (long long)channel->n_samples);
        put(out, report__json_text(channel->name));
        jb_buf_addf(out, ",\"role\":\"%s\",\"seen_ns\":%lld,", jb_role_name(channel->role),
                    (long long)channel->seen_ns);
        slices(course, channel, "slice_energy_uj", offsetof(struct jb_power_slice, energy_uj), out);
        jb_buf_add_text(out, ",");
        slices(course, channel, "slice_seen_ns", offsetof(struct jb_power_slice, seen_ns), out);
        jb_buf_add_text(out, "}");
    }
    jb_buf_addf(out,
                "],\"duration_ns\":%lld,\"n_slices\":%lld,\"slice_ns\":%lld,\"start_utc_us\":%lld}",
                (long long)course->duration_ns, (long long)course->n_slices,
                (long long)course->slice_ns, (long long)course->start_utc_us);
}

static json_t *moment(int64_t utc_us)
{
    return utc_us == 0 ? json_null() : json_integer(utc_us);
}

static void scope(const struct jb_inventory_scope *of, struct jb_buf *out)
{
    put(out,
        json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "group", report__json_text(of->group),
                  "model", report__json_text(of->model), "model_version",
                  report__json_text(of->model_version), "project", report__json_text(of->project),
                  "run_id", report__json_text(of->run_id), "since_utc_us", moment(of->since_utc_us),
                  "until_utc_us", moment(of->until_utc_us)));
}

jb_rc report__inventory_json(const struct jb_report_input *input, struct jb_buf *out,
                             struct jb_error *err)
{
    const struct jb_inventory *const inventory = input->inventory;

    jb_buf_add_text(out, "{\"book\":");
    put(out, json_pack("{s:I, s:o}", "n_entries", (json_int_t)inventory->book_size, "root",
                       hash(&inventory->book_root)));
    key(out, "currency");
    put(out, report__json_text(inventory->currency));
    key(out, "equivalents");
    equivalents(input, out);
    key(out, "factors");
    factors_and_notes(inventory, true, out);
    key(out, "layers");
    layers(inventory, out);
    key(out, "left_out");
    put(out,
        json_pack("{s:I, s:I, s:I}", "n_open", (json_int_t)inventory->n_open, "n_reconciled",
                  (json_int_t)inventory->n_reconciled, "n_void", (json_int_t)inventory->n_void));
    key(out, "method");
    method(input, out);
    key(out, "metrics");
    if (input->metrics)
        metric_course(input->metrics, out);
    else
        jb_buf_add_text(out, "null");
    key(out, "notes");
    factors_and_notes(inventory, false, out);
    key(out, "power");
    if (input->power)
        power_course(input->power, out);
    else
        jb_buf_add_text(out, "null");
    key(out, "runs");
    jb_buf_add_text(out, "[");
    for (size_t i = 0; i < inventory->n_runs && out->failed == JB_OK; i++) {
        next(out, i == 0);
        put(out, object_of(report__run_fields, &inventory->runs[i]));
    }
    jb_buf_add_text(out, "]");
    key(out, "schema");
    jb_buf_add_text(out, "\"" JB_REPORT_SCHEMA "\"");
    key(out, "scope");
    scope(&inventory->scope, out);
    key(out, "software");
    put(out, report__json_text(input->software));
    jb_buf_add_text(out, "}");
    return out->failed < 0 ? jb_fail(err, out->failed, "select fewer runs",
                                     "cannot hold the JSON of %zu runs", inventory->n_runs)
                           : JB_OK;
}

jb_rc report__metrics_json(const struct jb_inventory_run *run, struct jb_buf *out,
                           struct jb_error *err)
{
    put(out, metrics(run));
    return out->failed < 0 ? jb_fail(err, out->failed, NULL, "no memory for metrics") : JB_OK;
}
