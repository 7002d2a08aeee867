/* SPDX-License-Identifier: Apache-2.0 */
/* What the processors counted, as JSON and back (docs/format/account.md). A count that is not known is its reason alone. */
#include <string.h>

#include "account/account.h"
#include "account/json_int.h"
#include "base/num.h"

#define COUNT(field, kind) JB_JSON(struct jb_cycles_count, field, kind)
static const struct jb_json_member count_members[] = {
    COUNT(raw, JB_JSON_I64), COUNT(enabled_ns, JB_JSON_I64), COUNT(running_ns, JB_JSON_I64),
    COUNT(low, JB_JSON_I64), COUNT(best, JB_JSON_I64),       COUNT(high, JB_JSON_I64),
};
static const struct jb_json_member absent_members[] = {COUNT(why_not, JB_JSON_TEXT)};

#define EPC(field, kind) JB_JSON(struct jb_epc, field, kind)
static const struct jb_json_member epc_members[] = {
    EPC(is_given, JB_JSON_BOOL), EPC(is_user_only, JB_JSON_BOOL), EPC(low_fj, JB_JSON_I64),
    EPC(best_fj, JB_JSON_I64),   EPC(high_fj, JB_JSON_I64),       EPC(n_runs, JB_JSON_I64),
    EPC(utc_us, JB_JSON_I64),
};

#define CYCLES(field, kind) JB_JSON(struct jb_account_cycles, field, kind)
static const struct jb_json_member cycles_members[] = {
    CYCLES(cpi_ppm, JB_JSON_FIGURE),  CYCLES(energy_uj, JB_JSON_FIGURE),
    CYCLES(has_inner, JB_JSON_BOOL),  CYCLES(has_cpu, JB_JSON_BOOL),
    CYCLES(cpu_run_uj, JB_JSON_I64),  CYCLES(cpu_total_uj, JB_JSON_I64),
    CYCLES(gap_run_ppm, JB_JSON_I64), CYCLES(gap_total_ppm, JB_JSON_I64),
};

/* --- counts ------------------------------------------------------------------------------------------------------- */

static json_t *put_counts(const struct jb_cycles *cycles)
{
    json_t *const object = json_object();
    bool is_whole =
        json_object_set_new(object, "is_user_only", json_boolean(cycles->is_user_only)) == 0;

    for (int i = 0; i < JB_CYCLES_EVENTS; i++) {
        const struct jb_cycles_count *const count = &cycles->counts[i];
        json_t *const one = count->is_known
                                ? jb_json_put(count, count_members, JB_ARRAY_LEN(count_members))
                                : jb_json_put(count, absent_members, JB_ARRAY_LEN(absent_members));
        is_whole =
            json_object_set_new(object, jb_cycles_event_name((enum jb_cycles_event)i), one) == 0 &&
            is_whole;
    }
    if (is_whole)
        return object;
    json_decref(object);
    return NULL;
}

static jb_rc wrong(struct jb_error *err)
{
    return jb_fail(err, JB_E_INPUT, "`joulebook balance` tells whether the book is sound",
                   "the cycles of a run are not what they should be");
}

/* A count is what the kernel gave; its band is made again, so that no JSON can claim another. */
static jb_rc take_counts(const json_t *object, struct jb_cycles *ret, struct jb_error *err)
{
    struct jb_cycles cycles = {.is_user_only =
                                   json_is_true(json_object_get(object, "is_user_only")),
                               .paranoid = JB_PARANOID_UNKNOWN};

    if (!json_is_object(object))
        return wrong(err);
    for (int i = 0; i < JB_CYCLES_EVENTS; i++) {
        struct jb_cycles_count *const count = &cycles.counts[i];
        const json_t *const one =
            json_object_get(object, jb_cycles_event_name((enum jb_cycles_event)i));
        const bool is_known = json_object_get(one, "best") != NULL;
        jb_rc rc =
            is_known ? jb_json_take(one, count_members, JB_ARRAY_LEN(count_members), count, err)
                     : jb_json_take(one, absent_members, JB_ARRAY_LEN(absent_members), count, err);
        if (rc < 0)
            return rc;
        if (is_known)
            jb_cycles_settle(count->raw, count->enabled_ns, count->running_ns, count);
        else
            count->absence = JB_CYCLES_UNREAD;
    }
    *ret = cycles;
    return JB_OK;
}

jb_rc jb_cycles_to_json(const struct jb_cycles *cycles, char **ret_json, struct jb_error *err)
{
    json_t *const object = put_counts(cycles);

    if (!object)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the cycles of a run");
    return jb_json_dump(object, ret_json, err);
}

jb_rc jb_cycles_from_json(const char *json, struct jb_cycles *ret_cycles, struct jb_error *err)
{
    JB_AUTO(jb_json_auto) json_t *object = NULL;
    const jb_rc rc = jb_json_load(json, &object, err);

    return rc < 0 ? rc : take_counts(object, ret_cycles, err);
}

/* --- in the account ------------------------------------------------------------------------------------------------ */

json_t *jb_account_cycles_put(const struct jb_account_cycles *cycles)
{
    json_t *const object = jb_json_put(cycles, cycles_members, JB_ARRAY_LEN(cycles_members));
    json_t *const epc = cycles->epc.is_known
                            ? jb_json_put(&cycles->epc, epc_members, JB_ARRAY_LEN(epc_members))
                            : json_null();
    const bool has_counts = json_object_set_new(object, "counts", put_counts(&cycles->counts)) == 0;

    if (json_object_set_new(object, "epc", epc) == 0 && has_counts)
        return object;
    json_decref(object);
    return NULL;
}

jb_rc jb_account_cycles_take(const json_t *object, struct jb_account_cycles *ret,
                             struct jb_error *err)
{
    struct jb_account_cycles cycles = {.is_told = true};
    const json_t *const epc = json_object_get(object, "epc");
    jb_rc rc;

    if (!object || json_is_null(object))
        return JB_OK;
    if (!json_is_object(object))
        return wrong(err);
    rc = jb_json_take(object, cycles_members, JB_ARRAY_LEN(cycles_members), &cycles, err);
    if (rc == JB_OK)
        rc = take_counts(json_object_get(object, "counts"), &cycles.counts, err);
    if (rc == JB_OK && json_is_object(epc)) {
        cycles.epc.is_known = true;
        rc = jb_json_take(epc, epc_members, JB_ARRAY_LEN(epc_members), &cycles.epc, err);
    }
    if (rc == JB_OK)
        *ret = cycles;
    return rc;
}
