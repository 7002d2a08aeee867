/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts to fields: one column for each thing told of every run, totals by the same sums that a verifier makes. Must never put into an
 * open field what is withheld in another. R-CERT-04 to R-CERT-07, R-CERT-11.
 */
#include "certificate/issue.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/compiler.h"
#include "base/num.h"
#include "certificate/certificate_int.h"

#define TEXT_MAX 512
#define LEAK_LEN_MIN \
    4 /* shorter texts stand anywhere by chance: they are looked for as whole lines */

/* Fields are added in any order; values lie one behind the other, each with a NUL. */
struct desk {
    const struct jb_certificate_facts *facts;
    struct jb_certificate *certificate;
    struct jb_buf values;
    size_t starts[JB_CERTIFICATE_FIELDS];
};

/* The value is what was added to `values` since `start`. */
static void end_field(struct desk *desk, const char *name, size_t start)
{
    struct jb_certificate *const certificate = desk->certificate;

    if (certificate->n_fields == JB_CERTIFICATE_FIELDS) {
        desk->values.failed = JB_E_RANGE;
        return;
    }
    struct jb_certificate_field *const field = &certificate->fields[certificate->n_fields];
    desk->starts[certificate->n_fields++] = start;
    (void)snprintf(field->name, sizeof field->name, "%s", name);
    field->len = desk->values.len - start;
    jb_buf_add_u8(&desk->values, 0);
}

static void add_clean(struct jb_buf *out, const char *text)
{
    char clean[TEXT_MAX];

    jb_clean_copy(text, clean, sizeof clean);
    jb_buf_add_text(out, clean);
}

/* Left out where nothing was given. */
static void add_text(struct desk *desk, const char *name, const char *text)
{
    const size_t start = desk->values.len;

    if (!text || text[0] == '\0')
        return;
    add_clean(&desk->values, text);
    end_field(desk, name, start);
}

static void add_utc(struct desk *desk, const char *name, int64_t utc_us, bool round_up)
{
    char text[32];

    if (round_up)
        utc_us = jb_add_sat_i64(utc_us, JB_US_PER_S - 1);
    add_text(desk, name, jb_format_utc(utc_us, false, text, sizeof text));
}

/* --- columns ---------------------------------------------------------------------------------------------------- */

typedef const char *(*text_fn)(const struct jb_inventory_run *run);
typedef const struct jb_figure *(*figure_fn)(const struct jb_inventory_run *run);

#define RUN_TEXT(member)                                               \
    static const char *of_##member(const struct jb_inventory_run *run) \
    {                                                                  \
        return run->member;                                            \
    }
RUN_TEXT(id)
RUN_TEXT(project)
RUN_TEXT(stage)
RUN_TEXT(model)
RUN_TEXT(model_version)
RUN_TEXT(configuration)
RUN_TEXT(host)
RUN_TEXT(hardware)
#undef RUN_TEXT

static const char *of_part(const struct jb_inventory_run *run)
{
    return certificate__parts[run->part];
}
static const char *of_layer(const struct jb_inventory_run *run)
{
    return certificate__layers[run->layer];
}
static const char *of_status(const struct jb_inventory_run *run)
{
    return jb_run_status_name(run->status);
}
static const char *of_method(const struct jb_inventory_run *run)
{
    return jb_method_name(run->method);
}

#define RUN_FIGURE(member)                                                         \
    static const struct jb_figure *of_##member(const struct jb_inventory_run *run) \
    {                                                                              \
        return &run->member;                                                       \
    }
RUN_FIGURE(energy_uj)
RUN_FIGURE(facility_uj)
RUN_FIGURE(location_ugco2e)
RUN_FIGURE(market_ugco2e)
#undef RUN_FIGURE

static const struct {
    const char *name;
    text_fn text;
    figure_fn figure;
    bool is_optional; /* left out where no run has it */
} columns[] = {
    {"run.id", of_id, NULL, false},
    {"run.project", of_project, NULL, true},
    {"run.stage", of_stage, NULL, true},
    {"run.part", of_part, NULL, false},
    {"run.layer", of_layer, NULL, false},
    {"run.status", of_status, NULL, false},
    {"run.method", of_method, NULL, false},
    {"run.model", of_model, NULL, true},
    {"run.model_version", of_model_version, NULL, true},
    {"run.configuration", of_configuration, NULL, true},
    {"run.host", of_host, NULL, true},
    {"run.hardware", of_hardware, NULL, true},
    {"run.energy_uj", NULL, of_energy_uj, false},
    {"run.facility_uj", NULL, of_facility_uj, true},
    {"run.location_ugco2e", NULL, of_location_ugco2e, true},
    {"run.market_ugco2e", NULL, of_market_ugco2e, true},
};

/* What limits the selection has the same value for every run: it is told once. */
static bool is_scope(const struct desk *desk, const char *name)
{
    const struct jb_inventory_scope *const scope = &desk->facts->inventory->scope;

    return (strcmp(name, "run.project") == 0 && scope->project && scope->project[0]) ||
           (strcmp(name, "run.model") == 0 && scope->model && scope->model[0]) ||
           (strcmp(name, "run.model_version") == 0 && scope->model_version &&
            scope->model_version[0]);
}

static void add_columns(struct desk *desk)
{
    const struct jb_inventory *const inventory = desk->facts->inventory;

    for (size_t c = 0; c < JB_ARRAY_LEN(columns); c++) {
        const size_t start = desk->values.len;
        bool is_empty = true;
        if (is_scope(desk, columns[c].name))
            continue;
        for (size_t i = 0; i < inventory->n_runs; i++) {
            const struct jb_inventory_run *const run = &inventory->runs[i];
            const struct jb_figure *const figure =
                columns[c].figure ? columns[c].figure(run) : NULL;
            if (figure && figure->is_known)
                jb_buf_addf(&desk->values, "%" PRId64 " %" PRId64 " %" PRId64, figure->low,
                            figure->best, figure->high);
            else
                add_clean(&desk->values, figure ? "unknown" : columns[c].text(run));
            jb_buf_add_u8(&desk->values, '\n');
            is_empty = is_empty && (figure ? !figure->is_known : columns[c].text(run)[0] == '\0');
        }
        if (columns[c].is_optional && is_empty && desk->values.failed == JB_OK)
            desk->values.len = start;
        else
            end_field(desk, columns[c].name, start);
    }
}

/* What is neither text nor figure. */
static void add_numbers(struct desk *desk)
{
    const struct jb_inventory *const inventory = desk->facts->inventory;
    struct jb_buf *const out = &desk->values;
    char text[32];

    size_t start = out->len;
    for (size_t i = 0; i < inventory->n_runs; i++)
        jb_buf_addf(out, "%s\n",
                    jb_format_utc(inventory->runs[i].start_utc_us, false, text, sizeof text));
    end_field(desk, "run.start_utc", start);
    start = out->len;
    for (size_t i = 0; i < inventory->n_runs; i++)
        jb_buf_addf(out, "%" PRId64 "\n", inventory->runs[i].duration_ns);
    end_field(desk, "run.duration_ns", start);
    start = out->len;
    for (size_t i = 0; i < inventory->n_runs; i++) {
        const struct jb_coverage *const seen = &inventory->runs[i].coverage;
        jb_buf_addf(out, "%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 "\n", seen->counter_ns,
                    seen->gauge_ns, seen->interpolated_ns, seen->unobserved_ns);
    }
    end_field(desk, "run.coverage_ns", start);
    start = out->len;
    for (size_t i = 0; i < inventory->n_runs; i++)
        jb_buf_addf(out, "%" PRId64 "\n", inventory->runs[i].account_seq - 1);
    end_field(desk, "run.entry", start);
}

/* --- everything else -------------------------------------------------------------------------------------------- */

static void add_scope(struct desk *desk)
{
    const struct jb_certificate_facts *const facts = desk->facts;
    const struct jb_inventory *const inventory = facts->inventory;
    int64_t from = inventory->scope.since_utc_us;
    int64_t to = inventory->scope.until_utc_us;

    for (size_t i = 0; i < inventory->n_runs; i++) {
        if (inventory->scope.since_utc_us == 0 &&
            (i == 0 || inventory->runs[i].start_utc_us < from))
            from = inventory->runs[i].start_utc_us;
        if (inventory->scope.until_utc_us == 0 && inventory->runs[i].end_utc_us > to)
            to = inventory->runs[i].end_utc_us;
        if (inventory->scope.until_utc_us == 0 && inventory->runs[i].start_utc_us > to)
            to = inventory->runs[i].start_utc_us; /* an interrupted one whose end nobody knows */
    }
    add_text(desk, "id", facts->id);
    add_text(desk, "issuer", facts->issuer);
    add_text(desk, "software", facts->software);
    add_text(desk, "project", inventory->scope.project);
    add_text(desk, "model", inventory->scope.model);
    add_text(desk, "model_version", inventory->scope.model_version);
    add_utc(desk, "from_utc", from, false);
    add_utc(desk, "to_utc", to, true);
}

static void add_files(struct desk *desk)
{
    const size_t start = desk->values.len;
    char hex[2 * JB_HASH_BYTES + 1];

    for (size_t i = 0; i < desk->facts->n_files; i++) {
        const struct jb_certificate_file *const file = &desk->facts->files[i];
        jb_buf_addf(&desk->values, "%s  ",
                    jb_hex(file->digest.bytes, JB_HASH_BYTES, hex, sizeof hex));
        add_clean(&desk->values, file->name);
        jb_buf_add_u8(&desk->values, '\n');
    }
    if (desk->facts->n_files > 0)
        end_field(desk, "subjects", start);
}

static void settle_values(struct desk *desk)
{
    for (size_t i = 0; i < desk->certificate->n_fields; i++)
        desk->certificate->fields[i].value = desk->values.bytes + desk->starts[i];
}

static void add_methods(struct desk *desk)
{
    const size_t start = desk->values.len;

    settle_values(desk);
    certificate__methods_text(jb_certificate_lines(desk->certificate, "run.method"), &desk->values);
    end_field(desk, "methods", start);
}

static void add_factors(struct desk *desk)
{
    const struct jb_inventory *const inventory = desk->facts->inventory;
    const size_t start = desk->values.len;

    for (size_t i = 0; i < inventory->n_factors; i++) {
        const struct jb_factor *const factor = &inventory->factors[i];
        char line[TEXT_MAX];
        (void)snprintf(line, sizeof line, "%s: %s (%s%s%s)", factor->name, factor->value,
                       factor->source, factor->edition[0] ? ", " : "", factor->edition);
        add_clean(&desk->values, line);
        jb_buf_add_u8(&desk->values, '\n');
    }
    if (inventory->n_factors > 0)
        end_field(desk, "factors", start);
}

static void add_counts(struct desk *desk)
{
    const struct jb_certificate_facts *const facts = desk->facts;
    char text[192];
    char root[2 * JB_HASH_BYTES + 1];

    (void)snprintf(text, sizeof text, "%zu", facts->inventory->n_runs);
    add_text(desk, "n_runs", text);
    (void)snprintf(text, sizeof text, "%" PRId64 " %" PRId64 " %" PRId64, facts->inventory->n_open,
                   facts->inventory->n_void, facts->inventory->n_reconciled);
    add_text(desk, "left_out", text);
    if (facts->against.is_told) {
        (void)snprintf(text, sizeof text,
                       "%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64,
                       facts->against.logged_ns, facts->against.told_ns,
                       facts->against.coverage_ppm, facts->against.n_logged, facts->against.n_told,
                       facts->against.n_reconciled);
        add_text(desk, "against", text);
    }
    if (facts->has_previous) {
        (void)snprintf(text, sizeof text, "%" PRId64 " %s", facts->previous.size,
                       jb_hex(facts->previous.root.bytes, JB_HASH_BYTES, root, sizeof root));
        add_text(desk, "previous", text);
    }
    add_text(desk, "limits", JB_CERTIFICATE_LIMITS);
}

/* --- withholding (R-CERT-06) ------------------------------------------------------------------------------------- */

static bool is_named(const char *const *names, const char *name)
{
    for (; names && *names; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

/* Withheld by name, or because what it is made of is. */
static bool is_withheld(const struct desk *desk, const char *name)
{
    if (is_named(desk->facts->withheld, name))
        return true;
    for (const struct certificate__derived *one = certificate__derived; one->from; one++)
        if (strcmp(one->derived, name) == 0 && is_named(desk->facts->withheld, one->from))
            return true;
    return false;
}

static jb_rc check_names(const struct desk *desk, struct jb_error *err)
{
    const struct certificate__row *row = NULL;

    for (const char *const *name = desk->facts->withheld; name && *name; name++) {
        if (certificate__place(*name, &row) < 0)
            return jb_fail(err, JB_E_INPUT, "docs/format/certificate.md lists them",
                           "'%s' is no field of a certificate", *name);
        if (row->flags & CERTIFICATE_OPEN)
            return jb_fail(err, JB_E_INPUT, "docs/format/certificate.md says which ones may",
                           "'%s' cannot be withheld", *name);
        if (strcmp(*name, "run.start_utc") == 0 &&
            (desk->facts->inventory->scope.since_utc_us == 0 ||
             desk->facts->inventory->scope.until_utc_us == 0))
            return jb_fail(err, JB_E_INPUT, "give --since and --until",
                           "the period would tell the withheld begin of a run");
        if (!jb_certificate_field(desk->certificate, *name))
            return jb_fail(err, JB_E_INPUT, "leave it out of --withhold",
                           "there is no '%s' to withhold in this selection", *name);
    }
    return JB_OK;
}

/* Words of the format itself and fixed sentences tell nothing of what is withheld. */
static bool may_leak(const struct jb_certificate_field *field)
{
    const struct certificate__row *row = NULL;

    if (certificate__place(field->name, &row) < 0 || strcmp(field->name, "limits") == 0 ||
        strcmp(field->name, "methods") == 0)
        return false;
    return row->form == CERTIFICATE_TEXT || row->form == CERTIFICATE_LINES ||
           row->form == CERTIFICATE_COLUMN;
}

static bool stands_in(const char *line, size_t len, const struct jb_certificate_field *field)
{
    struct jb_certificate_lines lines = {field->value, field->value + field->len};
    const char *other = NULL;
    size_t other_len = 0;

    if (len >= LEAK_LEN_MIN)
        return memmem(field->value, field->len, line, len) != NULL;
    while (jb_certificate_next_line(&lines, &other, &other_len))
        if (other_len == len && memcmp(other, line, len) == 0)
            return true;
    return false;
}

static jb_rc check_leaks(const struct jb_certificate *certificate, const bool *withheld,
                         struct jb_error *err)
{
    for (size_t i = 0; i < certificate->n_fields; i++) {
        const struct jb_certificate_field *const hidden = &certificate->fields[i];
        struct jb_certificate_lines lines = {hidden->value, hidden->value + hidden->len};
        const char *before = "";
        const char *line = NULL;
        size_t before_len = 0;
        size_t len = 0;
        if (!withheld[i] || !may_leak(hidden))
            continue;
        while (jb_certificate_next_line(&lines, &line, &len)) {
            const bool is_again = len == before_len && memcmp(line, before, len) == 0;
            before = line;
            before_len = len;
            for (size_t k = 0; k < certificate->n_fields && len > 0 && !is_again; k++)
                if (!withheld[k] && may_leak(&certificate->fields[k]) &&
                    stands_in(line, len, &certificate->fields[k]))
                    return jb_fail(err, JB_E_INPUT, "withhold both, or neither",
                                   "'%.*s' of the withheld '%s' stands in '%s'", (int)len, line,
                                   hidden->name, certificate->fields[k].name);
        }
    }
    return JB_OK;
}

/* --- totals and the policy -------------------------------------------------------------------------------------- */

static jb_rc add_totals(struct desk *desk, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct certificate__sums *sums = malloc(sizeof *sums);
    bool is_computed = true;

    if (!sums)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the totals");
    settle_values(desk);
    const jb_rc rc = certificate__sum(desk->certificate, sums, err);
    if (rc < 0)
        return rc;
    for (int layer = 0; layer < CERTIFICATE_N_LAYERS; layer++) {
        for (int total = 0; total < CERTIFICATE_N_TOTALS; total++) {
            char name[JB_FIELD_NAME];
            const size_t start = desk->values.len;
            if (sums->layers[layer].n_runs == 0 || (total > 0 && !sums->columns[total]))
                continue;
            (void)snprintf(name, sizeof name, "run.%s",
                           total > 0 ? certificate__totals[total] : "layer");
            is_computed =
                is_computed && !is_withheld(desk, name) && !is_withheld(desk, "run.layer");
            (void)snprintf(name, sizeof name, CERTIFICATE_TOTALS "%s.%s",
                           certificate__layers[layer], certificate__totals[total]);
            certificate__total_text(&sums->layers[layer], total, &desk->values);
            end_field(desk, name, start);
        }
    }
    const size_t start = desk->values.len;
    certificate__parts_text(sums, &desk->values);
    end_field(desk, "parts", start);
    add_text(desk, "totals", is_computed ? "computed" : "asserted");
    return JB_OK;
}

static void add_policy(struct desk *desk, bool *ret_is_met)
{
    struct jb_certificate_condition conditions[JB_CERTIFICATE_CONDITIONS_MAX];
    const size_t start = desk->values.len;
    size_t n = 0;

    *ret_is_met = true;
    if (!desk->facts->policy)
        return;
    jb_policy_judge(desk->facts->policy, desk->facts->inventory,
                    desk->facts->against.is_told ? desk->facts->against.coverage_ppm : -1,
                    is_withheld(desk, "run.part"), is_withheld(desk, "against"), conditions, &n);
    for (size_t i = 0; i < n; i++) {
        jb_buf_addf(&desk->values, "%s %s: required %s; found %s\n",
                    conditions[i].is_met ? "met" : "not met", conditions[i].condition,
                    conditions[i].required, conditions[i].found);
        *ret_is_met = *ret_is_met && conditions[i].is_met;
    }
    end_field(desk, "policy", start);
}

static int compare_places(const void *a, const void *b)
{
    const struct certificate__row *row = NULL;
    const struct jb_certificate_field *const left = a;
    const struct jb_certificate_field *const right = b;

    return certificate__place(left->name, &row) - certificate__place(right->name, &row);
}

static jb_rc fill(struct desk *desk, bool *ret_withheld, bool *ret_is_met, struct jb_error *err)
{
    struct jb_certificate *const certificate = desk->certificate;

    add_scope(desk);
    add_files(desk);
    add_columns(desk);
    add_numbers(desk);
    if (desk->values.failed < 0)
        return jb_fail(err, desk->values.failed, "narrow the period or the project",
                       "the certificate is too large");
    jb_rc rc = add_totals(desk, err);
    if (rc < 0)
        return rc;
    add_counts(desk);
    add_methods(desk);
    add_factors(desk);
    add_policy(desk, ret_is_met);
    if (desk->values.failed < 0)
        return jb_fail(err, desk->values.failed, "narrow the period or the project",
                       "the certificate is too large");
    settle_values(desk);
    qsort(certificate->fields, certificate->n_fields, sizeof certificate->fields[0],
          compare_places);
    rc = check_names(desk, err);
    for (size_t i = 0; i < certificate->n_fields; i++)
        ret_withheld[i] = is_withheld(desk, certificate->fields[i].name);
    return rc == JB_OK ? check_leaks(certificate, ret_withheld, err) : rc;
}

jb_rc jb_certificate_fill(const struct jb_certificate_facts *facts, struct jb_certificate *ret,
                          bool ret_withheld[JB_CERTIFICATE_FIELDS], bool *ret_is_met,
                          struct jb_error *err)
{
    struct desk desk = {
        .facts = facts, .certificate = ret, .values = JB_BUF(JB_CERTIFICATE_BYTES_MAX / 2)};

    if (facts->inventory->n_runs > JB_CERTIFICATE_RUNS_MAX)
        return jb_fail(err, JB_E_INPUT, "narrow the period or the project",
                       "%zu runs are more than the %d of a certificate", facts->inventory->n_runs,
                       JB_CERTIFICATE_RUNS_MAX);
    const jb_rc rc = fill(&desk, ret_withheld, ret_is_met, err);
    free(ret->texts);
    ret->texts = desk.values.bytes; /* the fields point into it */
    return rc;
}

jb_rc jb_certificate_set_subject(struct jb_certificate *certificate, struct jb_buf *out,
                                 struct jb_error *err)
{
    const jb_rc rc = certificate__subject(certificate, out, err);

    if (rc < 0)
        return rc;
    if (out->failed < 0)
        return jb_fail(err, out->failed, NULL, "no memory for the subject");
    certificate->subject = out->bytes;
    certificate->subject_len = out->len;
    return JB_OK;
}
