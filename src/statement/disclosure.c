/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A provider's choice of what to hand out, and a statement cut down to it. Must never leave a withheld name in another
 * field, nor round a band inward, nor let rounded parts miss their rounded sum. R-STATEMENT-07, -08.
 */
#include "statement/disclosure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/num.h"
#include "yaml/yaml.h"

#define ROUND_MAX_UJ INT64_C(3600000000000000) /* 1 MWh */

const struct jb_disclosure jb_disclosure_usual = {
    .does_tell = {[JB_STATEMENT_NAMES] = true,
                  [JB_STATEMENT_HARDWARE] = true,
                  [JB_STATEMENT_TIMES] = true,
                  [JB_STATEMENT_DEVICE] = true,
                  [JB_STATEMENT_ORIGIN] = true,
                  [JB_STATEMENT_COVERAGE] = true,
                  [JB_STATEMENT_FACTORS_PART] = true,
                  [JB_STATEMENT_NOTES_PART] = true},
    .round_uj = 1,
};

/* --- reading ------------------------------------------------------------------------------------------------------ */

static const struct jb_unit energy_units[] = {
    {"uJ", 1},
    {"mJ", 1000},
    {"J", 1000000},
    {"kJ", INT64_C(1000000000)},
    {"MJ", INT64_C(1000000000000)},
    {"Wh", INT64_C(3600000000)},
    {"kWh", INT64_C(3600000000000)},
    {"MWh", INT64_C(3600000000000000)},
};

bool jb_disclosure_is_by(const char *by)
{
    static const char *const words[] = {"run", "job", "vm", "project", "whole"};

    for (size_t i = 0; i < JB_ARRAY_LEN(words); i++)
        if (strcmp(words[i], by) == 0)
            return true;
    return strncmp(by, "tag:", 4) == 0 && by[4] != '\0' && !strchr(by + 4, '=') && jb_clean_is(by);
}

static jb_rc take_schema(const struct jb_yaml *yaml, const struct jb_yaml_field *field,
                         const struct jb_yaml_node *value, void *target, struct jb_error *err)
{
    (void)field;
    (void)target;
    if (value->kind != JB_YAML_SCALAR || strcmp(value->text, "joulebook.disclosure/1") != 0)
        return jb_yaml_fail(yaml, value, err, "this version reads joulebook.disclosure/1",
                            "'schema' is none that is known here");
    return JB_OK;
}

static jb_rc take_round(const struct jb_yaml *yaml, const struct jb_yaml_field *field,
                        const struct jb_yaml_node *value, void *target, struct jb_error *err)
{
    int64_t round_uj = 0;

    if (value->kind != JB_YAML_SCALAR ||
        jb_parse_quantity(value->text, energy_units, JB_ARRAY_LEN(energy_units), &round_uj) < 0 ||
        round_uj < 1 || round_uj > ROUND_MAX_UJ)
        return jb_yaml_fail(yaml, value, err, "such as '1 J', '10 Wh' or '1 kWh'; at most 1 MWh",
                            "'%s' takes an energy above 0 with its unit", field->key);
    ((struct jb_disclosure *)target)->round_uj = round_uj;
    return JB_OK;
}

static jb_rc take_by(const struct jb_yaml *yaml, const struct jb_yaml_field *field,
                     const struct jb_yaml_node *value, void *target, struct jb_error *err)
{
    struct jb_disclosure *const disclosure = target;

    if (value->kind != JB_YAML_SCALAR || strlen(value->text) >= sizeof disclosure->by ||
        !jb_disclosure_is_by(value->text))
        return jb_yaml_fail(yaml, value, err, "run, job, vm, project, whole or tag:NAME",
                            "'%s' cannot group by that", field->key);
    (void)snprintf(disclosure->by, sizeof disclosure->by, "%s", value->text);
    return JB_OK;
}

static jb_rc take_fields(const struct jb_yaml *yaml, const struct jb_yaml_field *field,
                         const struct jb_yaml_node *value, void *target, struct jb_error *err)
{
    struct jb_yaml_field flags[JB_STATEMENT_PARTS + 1] = {{.key = NULL}};

    (void)field;
    for (size_t i = 0; i < JB_STATEMENT_PARTS; i++)
        flags[i] = (struct jb_yaml_field){
            .key = jb_statement_part_name((enum jb_statement_part)i),
            .take = jb_yaml_take_flag,
            .offset = offsetof(struct jb_disclosure, does_tell) + i * sizeof(bool),
            .size = sizeof(bool),
            .expected = "yes or no",
        };
    return jb_yaml_take(yaml, value, flags, target, err);
}

static jb_rc take_all(const struct jb_yaml *yaml, struct jb_disclosure *ret, struct jb_error *err)
{
    static const struct jb_yaml_field fields[] = {
        {"schema", take_schema, 0, 0, "joulebook.disclosure/1", true, NULL},
        {"by", take_by, 0, 0, "run, job, vm, project, whole or tag:NAME", false, NULL},
        {"round", take_round, 0, 0, "an energy such as '1 Wh'", false, NULL},
        {"fields", take_fields, 0, 0, "names of fields, each with yes or no", false, NULL},
        {NULL, NULL, 0, 0, NULL, false, NULL},
    };
    struct jb_disclosure disclosure = jb_disclosure_usual;
    const struct jb_yaml_node *const root = jb_yaml_root(yaml);
    jb_rc rc;

    if (!root)
        return jb_yaml_fail(yaml, NULL, err, "begin it with 'schema: joulebook.disclosure/1'",
                            "the file is empty");
    rc = jb_yaml_take(yaml, root, fields, &disclosure, err);
    if (rc == JB_OK)
        *ret = disclosure;
    return rc;
}

jb_rc jb_disclosure_read(const char *path, struct jb_disclosure *ret, struct jb_error *err)
{
    JB_AUTO(jb_yaml_free_auto) struct jb_yaml *yaml = NULL;
    const jb_rc rc = jb_yaml_read(path, &yaml, err);

    return rc == JB_OK ? take_all(yaml, ret, err) : rc;
}

jb_rc jb_disclosure_parse(const char *name, const void *bytes, size_t len,
                          struct jb_disclosure *ret, struct jb_error *err)
{
    JB_AUTO(jb_yaml_free_auto) struct jb_yaml *yaml = NULL;
    const jb_rc rc = jb_yaml_parse(name, bytes, len, &yaml, err);

    return rc == JB_OK ? take_all(yaml, ret, err) : rc;
}

/* --- rounding ------------------------------------------------------------------------------------------------------ */

static int64_t to_step(int64_t value, int64_t step_uj, enum jb_round round)
{
    const int64_t steps = jb_muldiv_sat_i64(value, 1, step_uj, round);

    return jb_muldiv_sat_i64(steps, step_uj, 1, JB_ROUND_NEAREST);
}

static void round_figure(struct jb_figure *figure, int64_t step_uj)
{
    if (!figure->is_known)
        return;
    figure->low = to_step(figure->low, step_uj, JB_ROUND_FLOOR);
    figure->best = to_step(figure->best, step_uj, JB_ROUND_NEAREST);
    figure->high = to_step(figure->high, step_uj, JB_ROUND_CEIL);
    if (figure->high < figure->best)
        figure->high = figure->best;
}

/* Parts of the work in whole steps that sum to it as rounded: R-NUM-03 over the steps. */
static jb_rc round_parts(int64_t *parts_uj, size_t n, int64_t whole_uj, int64_t step_uj)
{
    int64_t steps[JB_STATEMENT_ORIGINS];
    int64_t sum_uj = 0;
    jb_rc rc = JB_OK;

    for (size_t i = 0; i < n; i++)
        sum_uj = jb_add_sat_i64(sum_uj, parts_uj[i]);
    if (sum_uj == 0)
        return JB_OK;
    rc = jb_split_i64(whole_uj / step_uj, parts_uj, n, steps);
    for (size_t i = 0; rc == JB_OK && i < n; i++)
        parts_uj[i] = steps[i] * step_uj;
    return rc;
}

static jb_rc round_item(struct jb_statement_item *item, int64_t step_uj)
{
    struct jb_statement_energy *const energy = &item->energy;
    jb_rc rc;

    round_figure(&energy->work_uj, step_uj);
    round_figure(&energy->idle_uj, step_uj);
    round_figure(&energy->platform_uj, step_uj);
    round_figure(&energy->facility_uj, step_uj);
    rc = round_parts(item->device_uj, JB_STATEMENT_DEVICES, energy->work_uj.best, step_uj);
    return rc == JB_OK
               ? round_parts(item->origin_uj, JB_STATEMENT_ORIGINS, energy->work_uj.best, step_uj)
               : rc;
}

static int64_t item_uj(const struct jb_statement_item *item)
{
    return item->energy.work_uj.best + item->energy.idle_uj.best + item->energy.platform_uj.best;
}

/* Nobody used less than nothing: where the rounded parts are more than the rounded whole, the whole is what they come to. */
static void leave_rest(int64_t parts_uj, int64_t *whole_uj, int64_t *ret_rest_uj)
{
    *ret_rest_uj = *whole_uj - parts_uj;
    if (*ret_rest_uj >= 0)
        return;
    *whole_uj = parts_uj;
    *ret_rest_uj = 0;
}

/* R-STATEMENT-08: the items are as they were rounded; what is left of the whole is the rest's, so that the book still closes. */
static void round_book(struct jb_statement *statement)
{
    struct jb_statement_book *const book = &statement->book;
    const int64_t step_uj = statement->round_uj;

    book->metered_uj = to_step(book->metered_uj, step_uj, JB_ROUND_NEAREST);
    book->nobody_uj = to_step(book->nobody_uj, step_uj, JB_ROUND_NEAREST);
    book->discrepancy_uj = to_step(book->discrepancy_uj, step_uj, JB_ROUND_NEAREST);
    book->items_uj = item_uj(&statement->total);
    leave_rest(book->items_uj + book->nobody_uj + book->discrepancy_uj, &book->metered_uj,
               &book->tenants_uj);
    if (!book->has_facility)
        return;
    book->facility_uj = to_step(book->facility_uj, step_uj, JB_ROUND_NEAREST);
    book->facility_nobody_uj = to_step(book->facility_nobody_uj, step_uj, JB_ROUND_NEAREST);
    book->facility_items_uj = statement->total.energy.facility_uj.best;
    leave_rest(book->facility_items_uj + book->facility_nobody_uj, &book->facility_uj,
               &book->facility_tenants_uj);
}

static jb_rc round_all(struct jb_statement *statement, struct jb_error *err)
{
    jb_rc rc = JB_OK;

    for (size_t i = 0; i < statement->n_items && rc == JB_OK; i++)
        rc = round_item(&statement->items[i], statement->round_uj);
    if (rc == JB_OK)
        rc = jb_statement_total(statement);
    if (rc < 0)
        return jb_fail(err, rc, "round less", "the energies do not fit when they are rounded");
    round_book(statement);
    return JB_OK;
}

/* --- withholding --------------------------------------------------------------------------------------------------- */

static bool is_of_word(char c)
{
    return jb_clean_is_alnum(c) || c == '_' || c == '-';
}

/* Whether `text` holds `name` as a whole word: "node-1" is in "on node-1.lan", and not in "node-12". */
static bool names(const char *text, const char *name, size_t len)
{
    for (const char *at = text; len > 0 && (at = strstr(at, name)) != NULL; at++)
        if ((at == text || !is_of_word(at[-1])) && !is_of_word(at[len]))
            return true;
    return false;
}

static const char *where_named(const struct jb_statement *statement, const char *name, size_t len)
{
    const bool has_names = !(statement->withheld & 1U << JB_STATEMENT_NAMES);
    const bool has_hardware = !(statement->withheld & 1U << JB_STATEMENT_HARDWARE);

    if (names(statement->recipient, name, len))
        return "recipient";
    if (names(statement->id, name, len))
        return "id";
    for (size_t i = 0; i < statement->n_items; i++)
        if ((has_names && names(statement->items[i].name, name, len)) ||
            (has_hardware && names(statement->items[i].hardware, name, len)))
            return "items";
    for (size_t i = 0; i < statement->n_factors; i++) {
        const struct jb_factor *const factor = &statement->factors[i];
        if (names(factor->name, name, len) || names(factor->value, name, len) ||
            names(factor->source, name, len) || names(factor->edition, name, len))
            return "factors";
    }
    for (size_t i = 0; i < statement->n_notes; i++)
        if (names(statement->notes[i], name, len))
            return "notes";
    return NULL;
}

/* R-STATEMENT-07: of names that are withheld, none may stand in what is told. */
static jb_rc check_names(const struct jb_statement *statement, const char *list, const char *what,
                         struct jb_error *err)
{
    char name[JB_RUN_TEXT];

    for (const char *at = list; at && *at;) {
        const size_t len = strcspn(at, "\n");
        if (len < sizeof name) {
            memcpy(name, at, len);
            name[len] = '\0';
            const char *const where = where_named(statement, name, len);
            if (where)
                return jb_fail(err, JB_E_CONFLICT, "withhold that as well, or group otherwise",
                               "the %s '%s' is withheld and would stand in the %s", what, name,
                               where);
        }
        at += len + (at[len] == '\n');
    }
    return JB_OK;
}

static void empty(char **list)
{
    free(*list);
    *list = NULL;
}

static jb_rc check_all_names(const struct jb_statement *statement, struct jb_error *err)
{
    jb_rc rc = JB_OK;

    for (size_t i = 0; i < statement->n_items && rc == JB_OK; i++) {
        const struct jb_statement_item *const item = &statement->items[i];
        if (statement->withheld & 1U << JB_STATEMENT_HOSTS)
            rc = check_names(statement, item->hosts, "host", err);
        if (rc == JB_OK && statement->withheld & 1U << JB_STATEMENT_RUNS)
            rc = check_names(statement, item->runs, "run", err);
        if (rc == JB_OK && statement->withheld & 1U << JB_STATEMENT_HARDWARE)
            rc = check_names(statement, item->hardware, "hardware", err);
    }
    return rc;
}

static void withhold_of_item(unsigned withheld, struct jb_statement_item *item)
{
    if (withheld & 1U << JB_STATEMENT_NAMES)
        item->name[0] = '\0';
    if (withheld & 1U << JB_STATEMENT_HARDWARE)
        item->hardware[0] = '\0';
    if (withheld & 1U << JB_STATEMENT_HOSTS)
        empty(&item->hosts);
    if (withheld & 1U << JB_STATEMENT_RUNS)
        empty(&item->runs);
    if (withheld & 1U << JB_STATEMENT_TIMES)
        item->start_utc_us = item->end_utc_us = 0;
    if (withheld & 1U << JB_STATEMENT_DEVICE)
        memset(item->device_uj, 0, sizeof item->device_uj);
    if (withheld & 1U << JB_STATEMENT_ORIGIN)
        memset(item->origin_uj, 0, sizeof item->origin_uj);
    if (withheld & 1U << JB_STATEMENT_COVERAGE) {
        item->coverage = (struct jb_coverage){0};
        item->n_gaps = 0;
    }
}

static int by_energy(const void *a, const void *b)
{
    const struct jb_statement_item *const x = a;
    const struct jb_statement_item *const y = b;
    const int64_t x_uj = item_uj(x);
    const int64_t y_uj = item_uj(y);

    if (x_uj != y_uj)
        return x_uj > y_uj ? -1 : 1;
    return x->duration_ns > y->duration_ns ? -1 : x->duration_ns < y->duration_ns;
}

jb_rc jb_disclosure_apply(const struct jb_disclosure *disclosure, struct jb_statement *statement,
                          struct jb_error *err)
{
    unsigned withheld = 0;
    jb_rc rc = JB_OK;

    for (size_t i = 0; i < JB_STATEMENT_PARTS; i++)
        withheld |= disclosure->does_tell[i] ? 0 : 1U << i;
    statement->withheld = withheld;
    statement->round_uj = disclosure->round_uj;
    if (disclosure->round_uj > 1)
        rc = round_all(statement, err);
    if (rc < 0)
        return rc;
    if (withheld & 1U << JB_STATEMENT_FACTORS_PART)
        statement->n_factors = 0;
    if (withheld & 1U << JB_STATEMENT_NOTES_PART)
        statement->n_notes = 0;
    if (withheld & 1U << JB_STATEMENT_BOOK)
        statement->book = (struct jb_statement_book){0};
    rc = check_all_names(statement, err);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < statement->n_items; i++)
        withhold_of_item(withheld, &statement->items[i]);
    withhold_of_item(withheld, &statement->total);
    /* The order of names would tell of the names. */
    if (withheld & 1U << JB_STATEMENT_NAMES && statement->n_items > 0)
        qsort(statement->items, statement->n_items, sizeof statement->items[0], by_energy);
    return JB_OK;
}
