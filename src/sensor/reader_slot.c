/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a reader answered, channel by channel: its latest reading while that is fresh, who uses its board, whether it is gone or
 * back. Looks at shared memory and waits for nothing. Rules R-READER-02, R-READER-05.
 */
#include <string.h>

#include "sensor/reader_set_int.h"

/* R-READER-02: a reading is the meter's latest for so many periods, and for so long at least. */
#define FRESH_PERIODS 3
#define FRESH_NS      (5 * JB_NS_PER_S)

/* A new life has tables of its own. False while there are none, or the channel is not in them. */
static bool find_place(struct reader_slot *slot, const struct jb_channel *channel)
{
    const struct readers *const readers = slot->readers;
    const struct reader_page *const page = reader__page_of(readers, slot->reader);
    const uint32_t life = readers->all[slot->reader].life;

    if (slot->life == life)
        return slot->place < page->n_channels;
    if (atomic_load(&page->life_probed) != life)
        return false;
    slot->life = life;
    slot->place = JB_CHANNELS_MAX;
    for (uint32_t c = 0; c < page->n_channels; c++)
        if (sensor__is_same_meter(channel, &page->channels[c]))
            slot->place = c;
    return slot->place < page->n_channels;
}

static bool is_fresh(const struct reader_slot *slot, int64_t now_ns)
{
    const int64_t period_ns = slot->readers->all[slot->reader].period_ns;
    const int64_t bound_ns =
        period_ns > FRESH_NS / FRESH_PERIODS ? FRESH_PERIODS * period_ns : FRESH_NS;

    return slot->has_last && now_ns - slot->last.mono_ns <= bound_ns;
}

jb_rc readers__read(struct reader_slot *slot, const struct jb_channel *channel, int64_t now_ns,
                    struct jb_reading *ret)
{
    const struct reader_page *const page = reader__page_of(slot->readers, slot->reader);
    const uint32_t life = slot->life;
    const bool has_place = find_place(slot, channel);
    const uint32_t n = atomic_load(&page->answer);
    /* A count that began with the process that is gone: another cannot go on with it. */
    const bool is_other_life = life != slot->readers->all[slot->reader].life ||
                               reader__is_ended(slot->readers, slot->reader);

    if (is_other_life && channel->is_local)
        return JB_E_GONE;
    if (has_place && n != slot->answer) {
        const struct reader_value *const value = &page->answers[n % 2].values[slot->place];
        slot->answer = n;
        if (value->rc < 0)
            return value->rc;
        slot->last = (struct jb_reading){.mono_ns = value->mono_ns, .raw = value->raw};
        slot->has_last = true;
    }
    if (is_fresh(slot, now_ns)) {
        *ret = slot->last;
        return JB_OK;
    }
    /* R-READER-05: probed anew it is not there, or nothing is left to probe it. */
    return (slot->life == slot->readers->all[slot->reader].life && !has_place) ||
                   reader__is_ended(slot->readers, slot->reader)
               ? JB_E_GONE
               : JB_E_AGAIN;
}

jb_rc readers__use(const struct reader_slot *slot, struct jb_sensor_board *ret_board,
                   struct jb_sensor_use *ret_uses, size_t capacity, size_t *ret_n)
{
    const struct reader_page *const page = reader__page_of(slot->readers, slot->reader);
    const uint32_t n = atomic_load(&page->answer);

    if (n == 0 || slot->life != slot->readers->all[slot->reader].life ||
        slot->place >= page->n_channels || reader__is_ended(slot->readers, slot->reader))
        return JB_E_AGAIN;
    const struct reader_use *const use = &page->answers[n % 2].uses[slot->place];
    if (use->rc < 0)
        return use->rc;
    const size_t n_uses = use->n_uses < capacity ? use->n_uses : capacity;
    *ret_board = use->board;
    memcpy(ret_uses, use->uses, n_uses * sizeof ret_uses[0]);
    *ret_n = n_uses;
    return JB_OK;
}

bool readers__is_back(struct reader_slot *slot, const struct jb_channel *channel)
{
    struct readers *const readers = slot->readers;
    struct reader *const reader = &readers->all[slot->reader];
    struct reader_page *const page = reader__page_of(readers, slot->reader);
    const uint32_t n = atomic_load(&page->answer);
    const int64_t now_ns = reader__set_ns(readers);

    if (reader__is_ended(readers, slot->reader))
        return false; /* it is started again, and probes then */
    if (find_place(slot, channel) && n != slot->answer) {
        if (page->answers[n % 2].values[slot->place].rc == JB_OK) {
            reader->gone_ns = 0;
            reader->reprobe_ns = 0;
            return true; /* the value is for the next reading */
        }
        slot->answer = n;
    }
    if (now_ns < reader->reprobe_ns)
        return false;
    /* No more than an eighth of its absence is lost by looking for it seldom. */
    if (reader->gone_ns == 0)
        reader->gone_ns = now_ns;
    int64_t step_ns = (now_ns - reader->gone_ns) / 8;
    if (step_ns < READER_RESTART_NS)
        step_ns = READER_RESTART_NS;
    reader->reprobe_ns =
        now_ns + (step_ns < READER_RESTART_MAX_NS ? step_ns : READER_RESTART_MAX_NS);
    atomic_store(&page->must_reprobe, 1);
    return false;
}

bool readers__is_silent(const struct reader_slot *slot)
{
    return reader__is_busy(reader__page_of(slot->readers, slot->reader)) ||
           reader__is_ended(slot->readers, slot->reader);
}
