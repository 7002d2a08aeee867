/* SPDX-License-Identifier: Apache-2.0 */
/* Members of a group to one account: each interval once, with the members' lines made one. Invents nothing. */
#include "pipeline/account_of_group.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "account/account.h"
#include "base/clock.h"
#include "base/num.h"
#include "pipeline/run_records.h"

#define MEMBERS_MAX 65536

struct member {
    char id[JB_RUN_ID];
};

struct group {
    struct jb_ledger *ledger;
    struct jb_account_builder *builder;
    struct jb_run *all;                /* the facts of the whole */
    char leader[JB_RUN_ID];            /* whose marks count */
    struct jb_account_mark leader_end; /* its end and its energies */
    bool has_marks;
    bool has_rank_0;
    struct member *members;
    size_t n_members, capacity;
    size_t n_open;
    size_t n_left_out; /* of another layer */
};

static const struct member *find_member(const struct group *group, const char *id)
{
    for (size_t i = 0; i < group->n_members; i++)
        if (strcmp(group->members[i].id, id) == 0)
            return &group->members[i];
    return NULL;
}

static jb_rc add_member(struct group *group, const struct jb_run *run, struct jb_error *err)
{
    if (group->n_members == group->capacity) {
        const size_t capacity = group->capacity ? group->capacity * 2 : 16;
        struct member *const grown =
            capacity > MEMBERS_MAX ? NULL : realloc(group->members, capacity * sizeof *grown);
        if (!grown)
            return jb_fail(err, JB_E_NOMEM, NULL, "no memory for %zu runs of a group", capacity);
        group->members = grown;
        group->capacity = capacity;
    }
    struct member *const member = &group->members[group->n_members++];
    memcpy(member->id, run->id, sizeof member->id);
    return JB_OK;
}

/* The whole's facts: of the first member to begin; times and tallies of all. */
static void add_facts(struct group *group, const struct jb_run *run)
{
    struct jb_run *const all = group->all;
    const bool is_rank_0 = strcmp(run->rank, "0") == 0;
    const bool is_first = group->n_members == 1;
    const int64_t start_utc_us = all->start_utc_us, end_utc_us = all->end_utc_us;
    const int64_t cpu_ns = all->cpu_ns, n_ticks = all->n_ticks, n_missed = all->n_missed,
                  n_left = all->n_left;

    const bool leads = is_first || (is_rank_0 && !group->has_rank_0) ||
                       (run->start_utc_us < start_utc_us && !group->has_rank_0);

    if (leads) {
        *all = *run;
        group->leader_end.mono_ns = run->end_mono_ns;
        group->leader_end.utc_us = run->end_utc_us;
    }
    if (!is_first) {
        all->start_utc_us = start_utc_us < run->start_utc_us ? start_utc_us : run->start_utc_us;
        all->end_utc_us = end_utc_us > run->end_utc_us ? end_utc_us : run->end_utc_us;
        all->cpu_ns = jb_add_sat_i64(cpu_ns, run->cpu_ns);
        all->n_ticks = jb_add_sat_i64(n_ticks, run->n_ticks);
        all->n_missed = jb_add_sat_i64(n_missed, run->n_missed);
        all->n_left = jb_add_sat_i64(n_left, run->n_left);
    }
    if (leads)
        memcpy(group->leader, run->id, sizeof group->leader);
    group->has_rank_0 = group->has_rank_0 || is_rank_0;
    group->n_open += run->status == JB_RUN_OPEN;
}

static jb_rc on_run(void *arg, const struct jb_run *run, struct jb_error *err)
{
    if (run->status == JB_RUN_RECONCILED)
        return JB_OK; /* its work is in the measured run */
    const jb_rc rc = add_member(arg, run, err);

    if (rc == JB_OK)
        add_facts(arg, run);
    return rc;
}

static jb_rc add_line(struct jb_line *sum, const struct jb_line *line)
{
    jb_rc rc = jb_add_i64(sum->amount_uj, line->amount_uj, &sum->amount_uj);
    if (rc == JB_OK)
        rc = jb_add_i64(sum->low_uj, line->low_uj, &sum->low_uj);
    if (rc == JB_OK)
        rc = jb_add_i64(sum->high_uj, line->high_uj, &sum->high_uj);
    if (rc == JB_OK)
        rc = jb_add_i64(sum->reserved_uj, line->reserved_uj, &sum->reserved_uj);
    if (rc == JB_OK)
        rc = jb_add_i64(sum->all_uj, line->all_uj, &sum->all_uj);
    return rc;
}

/* R-GROUP-01 */
static jb_rc on_interval(void *arg, int64_t seq, const struct jb_interval *interval,
                         const struct jb_line *lines, size_t n_lines, struct jb_error *err)
{
    struct group *const group = arg;
    struct jb_line made[JB_ENTRY_LINES_MAX];
    struct jb_line sum = {.has_share = true};
    bool is_ours = false;
    size_t n = 0;

    (void)snprintf(sum.account, sizeof sum.account, "run:%s", group->all->id);
    for (size_t i = 0; i < n_lines; i++) {
        const bool is_run = strncmp(lines[i].account, "run:", 4) == 0;
        if (!is_run || !find_member(group, lines[i].account + 4)) {
            made[n++] = lines[i];
            continue;
        }
        is_ours = true;
        if (interval->role == JB_ROLE_POST && strcmp(lines[i].account + 4, group->leader) == 0) {
            struct jb_account_mark *const end = &group->leader_end;
            end->run_uj = jb_add_sat_i64(end->run_uj, lines[i].amount_uj);
            end->total_uj = jb_add_sat_i64(end->total_uj, interval->energy_uj);
        }
        if (add_line(&sum, &lines[i]) < 0)
            return jb_fail(err, JB_E_RANGE, NULL, "entry %lld: the group has more energy than fits",
                           (long long)seq);
    }
    if (!is_ours)
        return JB_OK;
    made[n++] = sum;
    return jb_account_add_interval(group->builder, interval, made, n, err);
}

static const char *field(const struct jb_entry *entry, const char *name)
{
    for (size_t i = 0; i < entry->n_fields; i++)
        if (strcmp(entry->fields[i].name, name) == 0)
            return entry->fields[i].value;
    return NULL;
}

static jb_rc on_marks(void *arg, int64_t seq, const struct jb_entry *entry, struct jb_error *err)
{
    struct group *const group = arg;
    const char *const json = field(entry, "marks");

    (void)seq;
    group->has_marks = group->has_marks || json;
    return json ? jb_records_marks_to_builder(json, group->builder, err) : JB_OK;
}

static jb_rc on_notes(void *arg, int64_t seq, const struct jb_entry *entry, struct jb_error *err)
{
    const char *const json = field(entry, "notes");

    (void)seq;
    return json ? jb_records_notes_to_builder(json, ((struct group *)arg)->builder, err) : JB_OK;
}

static jb_rc on_band(void *arg, int64_t seq, const struct jb_entry *entry, struct jb_error *err)
{
    (void)seq;
    return jb_records_band_to_builder(entry, ((struct group *)arg)->builder, err);
}

static jb_rc add_notes(struct group *group, struct jb_error *err)
{
    char note[JB_NOTE];
    jb_rc rc;

    (void)snprintf(note, sizeof note, "%zu runs of the group '%.200s' together", group->n_members,
                   group->all->group);
    rc = jb_account_add_note(group->builder, note, err);
    if (rc == JB_OK && group->has_marks && group->n_members > 1) {
        (void)snprintf(note, sizeof note, "epochs, steps and phases are those of %s%s alone",
                       group->has_rank_0 ? "rank 0" : "run ",
                       group->has_rank_0 ? "" : group->leader);
        rc = jb_account_add_note(group->builder, note, err);
    }
    if (rc == JB_OK && group->n_open > 0) {
        (void)snprintf(note, sizeof note,
                       "%zu of them have not ended: what they have used since is not in here",
                       group->n_open);
        rc = jb_account_add_note(group->builder, note, err);
    }
    if (rc == JB_OK && group->n_left_out > 0) {
        (void)snprintf(
            note, sizeof note,
            "%zu reconstructed runs of the group are not in here: layers are never added",
            group->n_left_out);
        rc = jb_account_add_note(group->builder, note, err);
    }
    for (size_t i = 0; i < group->n_members && rc == JB_OK; i++) {
        rc = jb_ledger_each_entry(group->ledger, JB_RECORDS_KIND_NOTES, group->members[i].id,
                                  on_notes, group, err);
        if (rc == JB_OK)
            rc = jb_ledger_each_entry(group->ledger, JB_RECORDS_KIND_BAND, group->members[i].id,
                                      on_band, group, err);
    }
    return rc;
}

static jb_rc build(struct group *group, struct jb_account *ret_account, struct jb_error *err)
{
    /* The whole is no run, and bears no run's id. */
    (void)snprintf(group->all->id, sizeof group->all->id, "group:%.*s",
                   (int)(sizeof group->all->id - sizeof "group:"), group->all->group);
    jb_rc rc = jb_account_builder_new(group->all, &group->builder, err);
    if (rc == JB_OK)
        rc = jb_ledger_each_interval(group->ledger, NULL, on_interval, group, err);
    if (rc == JB_OK)
        rc = jb_ledger_each_entry(group->ledger, JB_RECORDS_KIND_MARKS, group->leader, on_marks,
                                  group, err);
    if (rc == JB_OK)
        rc = add_notes(group, err);
    if (rc < 0)
        return rc;
    jb_account_marks_end(group->builder, &group->leader_end);
    rc = jb_account_finish(group->builder, ret_account, err);
    /* Monotonic clocks of several nodes have nothing in common. */
    if (rc == JB_OK && group->all->end_utc_us > group->all->start_utc_us)
        ret_account->duration_ns =
            (group->all->end_utc_us - group->all->start_utc_us) * JB_NS_PER_US;
    return rc;
}

static jb_rc count_run(void *arg, const struct jb_run *run, struct jb_error *err)
{
    size_t *const n = arg;

    (void)err;
    *n += run->status != JB_RUN_RECONCILED;
    return JB_OK;
}

/* R-REBUILT-09: the measured runs, or, where there are none, the reconstructed ones; never both together. */
static jb_rc find_members(struct group *group, const char *name, struct jb_error *err)
{
    struct jb_run_filter filter = {
        .group = name, .layer = jb_layer_name(JB_LAYER_MEASURED), .status = -1};
    jb_rc rc = jb_ledger_each_run(group->ledger, &filter, on_run, group, err);

    if (rc < 0)
        return rc;
    filter.layer = jb_layer_name(JB_LAYER_RECONSTRUCTED);
    return group->n_members > 0
               ? jb_ledger_each_run(group->ledger, &filter, count_run, &group->n_left_out, err)
               : jb_ledger_each_run(group->ledger, &filter, on_run, group, err);
}

jb_rc jb_pipeline_account_of_group(struct jb_ledger *ledger, const char *name,
                                   struct jb_account *ret_account, struct jb_error *err)
{
    struct group group = {.ledger = ledger, .all = calloc(1, sizeof *group.all)};
    jb_rc rc = group.all ? find_members(&group, name, err)
                         : jb_fail(err, JB_E_NOMEM, NULL, "no memory for a group");
    if (rc == JB_OK && group.n_members == 0)
        rc = jb_fail(err, JB_E_NOT_FOUND, "`joulebook runs --json` shows the group of each run",
                     "no run of the group '%s' in this book", name);
    if (rc == JB_OK)
        rc = build(&group, ret_account, err);
    jb_account_builder_free(group.builder);
    free(group.members);
    free(group.all);
    return rc;
}
