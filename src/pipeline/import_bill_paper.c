/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What makes a bill the same bill again, and what it tells, as one digest: of its groups, of which of them have energy, and
 * of what the user states, but of no figure that a catalogue gave. R-BILL-15, R-BILL-16.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "pipeline/import_bill_int.h"

static const char *day_of(int64_t utc_us, char buf[32])
{
    if (utc_us == 0)
        return "-";
    (void)jb_format_utc(utc_us, utc_us % JB_US_PER_S != 0, buf, 32);
    /* A billing period is of days, and is told as such; one that is not must not pass for another. */
    if (strcmp(buf + 10, "T00:00:00Z") == 0)
        buf[10] = '\0';
    return buf;
}

void bill_paper_key(const struct jb_bill_group *group, char ret_key[JB_REBUILT_KEY])
{
    char first[32];
    char end[32];
    char hex[2 * JB_HASH_BYTES + 1];
    const char *const starts = day_of(group->period_start_utc_us, first);
    const char *const ends = day_of(group->period_end_utc_us, end);

    const int n = snprintf(ret_key, JB_REBUILT_KEY, "%s %s %s %s", group->account, starts, ends,
                           group->provider);
    if (n < JB_REBUILT_KEY)
        return;
    /* Names too long to stand side by side are told apart by their digest. */
    const struct jb_hash_part parts[] = {{group->account, strlen(group->account) + 1},
                                         {group->provider, strlen(group->provider) + 1}};
    const struct jb_hash hash = jb_hash_parts(parts, JB_ARRAY_LEN(parts));
    (void)snprintf(ret_key, JB_REBUILT_KEY, "%.64s %s %s %.64s %.32s", group->account, starts, ends,
                   group->provider, jb_hex(hash.bytes, sizeof hash.bytes, hex, sizeof hex));
}

static void add_text(struct jb_hasher *hasher, const char *text)
{
    jb_hasher_add(hasher, text, strlen(text) + 1);
}

static void add_number(struct jb_hasher *hasher, int64_t number)
{
    char text[24];

    (void)snprintf(text, sizeof text, "%" PRId64, number);
    add_text(hasher, text);
}

static void add_group(struct jb_hasher *hasher, const struct jb_bill_group *group)
{
    const char *const texts[] = {
        group->account, group->provider, group->run,  group->reason,   group->instance,
        group->service, group->region,   group->unit, group->currency,
    };
    const int64_t numbers[] = {
        group->period_start_utc_us,
        group->period_end_utc_us,
        group->class,
        group->part,
        group->n_rows,
        group->first_utc_us,
        group->last_utc_us,
        group->has_quantity,
        group->quantity_nano,
        group->instance_us,
        group->energy_uj,
        group->cost_micro,
        group->has_effective_cost ? group->effective_cost_micro : INT64_MIN,
        group->has_list_cost ? group->list_cost_micro : INT64_MIN,
    };

    for (size_t i = 0; i < JB_ARRAY_LEN(texts); i++)
        add_text(hasher, texts[i]);
    for (size_t i = 0; i < JB_ARRAY_LEN(numbers); i++)
        add_number(hasher, numbers[i]);
}

/* What the user states of all runs is in the digest of a run that has nothing else. */
static jb_rc add_order(struct jb_hasher *hasher, const struct bill_import *import,
                       struct jb_error *err)
{
    const struct jb_import_bill_order *const order = import->order;
    struct jb_rebuilt *const bare = import->rebuilt;
    struct jb_hash hash;
    jb_rc rc;

    *bare = (struct jb_rebuilt){.run = *order->facts};
    rc = jb_rebuilt_digest(bare, &hash, err);
    if (rc < 0)
        return rc;
    jb_hasher_add(hasher, hash.bytes, sizeof hash.bytes);
    add_number(hasher, order->rule.by);
    add_text(hasher, order->rule.name ? order->rule.name : "");
    for (size_t i = 0; i < order->n_markups; i++) {
        add_text(hasher, order->markups[i].service);
        add_number(hasher, order->markups[i].share_ppm.low);
        add_number(hasher, order->markups[i].share_ppm.best);
        add_number(hasher, order->markups[i].share_ppm.high);
    }
    return JB_OK;
}

jb_rc bill_paper_digest(const struct bill_import *import, const struct bill_place *places, size_t n,
                        struct jb_hash *ret, struct jb_error *err)
{
    struct jb_hasher hasher;
    jb_rc rc;

    jb_hasher_begin(&hasher);
    rc = add_order(&hasher, import, err);
    for (size_t i = 0; i < n && rc == JB_OK; i++) {
        add_group(&hasher, places[i].group);
        add_number(&hasher, places[i].fate);
    }
    if (rc == JB_OK)
        *ret = jb_hasher_end(&hasher);
    return rc;
}
