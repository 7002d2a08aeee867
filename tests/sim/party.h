/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A supervisor with its run in the world of world.h, as measure.c is to a command: it begins, records, goes on tick by
 * tick, ends and leaves. The book it writes is in `folder`.
 */
#ifndef JB_TESTS_PARTY_H
#define JB_TESTS_PARTY_H

#include "world.h"

#include "../book.h"
#include "model/run.h"
#include "pipeline/recorder.h"
#include "spool/spool.h"

#define HOST   "node-1"
#define BOOT   "11111111-2222-3333-4444-555555555555"
#define PARENT "0190aaaa-0000-7000-8000-000000000001"
#define CHILD  "0190bbbb-0000-7000-8000-000000000002"

/* One supervisor with its run: what measure.c is to a command. */
struct party {
    struct jb_spool spool;
    struct jb_recorder *recorder;
    struct jb_run run;
    int run_fd;
    uint32_t slot;
    int64_t cpu_milli; /* CPUs it uses, in thousandths */
    int64_t begin_ns;
    int64_t period_ns;
    const struct jb_sensor_driver *const *drivers; /* NULL: all there are */
};

static struct book_folder folder;
static struct jb_error err;

TAP__UNUSED static void must(jb_rc rc, const char *what)
{
    if (rc < 0)
        bail_out("%s: %s", what, err.message);
}

TAP__UNUSED static void write_run(struct party *party)
{
    char *json = NULL;

    must(jb_run_to_json(&party->run, &json, &err), "facts");
    must(jb_spool_write_run(&party->spool, party->run.id, json, &party->run_fd, &err), "run file");
    free(json);
}

TAP__UNUSED static void party_joins(struct party *party, const char *id, const char *parent_id,
                                    int64_t cpu_milli)
{
    bool is_stale;

    *party = (struct party){.run_fd = -1, .cpu_milli = cpu_milli, .begin_ns = now_ns()};
    party->run = (struct jb_run){.market_mgco2e_per_kwh = -1,
                                 .pue_milli = -1,
                                 .tariff_micro_per_kwh = -1,
                                 .exit_code = -1,
                                 .start_mono_ns = now_ns(),
                                 .start_utc_us = world.manual.utc_us};
    (void)snprintf(party->run.id, sizeof party->run.id, "%s", id);
    (void)snprintf(party->run.parent_id, sizeof party->run.parent_id, "%s", parent_id);
    (void)snprintf(party->run.host, sizeof party->run.host, "%s", HOST);
    (void)snprintf(party->run.boot_id, sizeof party->run.boot_id, "%s", BOOT);
    (void)snprintf(party->run.environment, sizeof party->run.environment, "{}");
    must(jb_spool_open(folder.book, HOST, BOOT, &party->spool, &is_stale, &err), "spool");
    write_run(party);
    const struct jb_spool_claimant claimant = {
        .run_id = id, .parent_id = parent_id, .reserved_ppm = 1000000};
    must(jb_spool_claim(&party->spool, &claimant, &party->slot, &err), "slot");
}

TAP__UNUSED static void party_records(struct party *party, int64_t period_ns)
{
    const struct jb_recorder_options options = {.drivers = party->drivers,
                                                .os = &world.os,
                                                .machine_os = &world.os,
                                                .clock = &world.clock,
                                                .period_ns = period_ns};

    party->period_ns = period_ns;
    must(jb_spool_lock(&party->spool, &err), "lock");
    must(jb_recorder_begin(&party->spool, &options, &party->recorder, &err), "recorder");
}

static int64_t cpu_ns(const struct party *party)
{
    return (now_ns() - party->begin_ns) / 1000 * party->cpu_milli;
}

TAP__UNUSED static void party_scans(struct party *party)
{
    struct jb_spool_slot *const slot = &party->spool.node->slots[party->slot];

    atomic_store(&slot->cpu_ns, cpu_ns(party));
    atomic_store(&slot->scan_mono_ns, now_ns());
    atomic_store(&slot->cpu_ppm, party->cpu_milli * 1000);
}

/* Time goes on by whole periods, each with a reading. */
TAP__UNUSED static void goes_on(struct party *recorder, struct party *other, int64_t for_ns,
                                int64_t period_ns)
{
    for (int64_t t = 0; t < for_ns; t += period_ns) {
        world_goes_on(period_ns);
        party_scans(recorder);
        if (other)
            party_scans(other);
        must(jb_recorder_tick(recorder->recorder, &err), "tick");
    }
}

TAP__UNUSED static void party_is_over(struct party *party)
{
    party_scans(party);
    party->run.end_mono_ns = now_ns();
    party->run.end_utc_us = world.manual.utc_us;
    party->run.cpu_ns = cpu_ns(party);
    party->run.status = JB_RUN_DONE;
    party->run.exit_code = 0;
    write_run(party);
    struct jb_spool_slot *const slot = &party->spool.node->slots[party->slot];
    atomic_store(&slot->end_mono_ns, now_ns());
    atomic_store(&slot->state, JB_SLOT_ENDED);
}

/* A period after the last reading, the end as measure.c has it: read, then up to four tries of a millisecond, then a frame. */
TAP__UNUSED static void party_ends(struct party *party)
{
    world_goes_on(party->period_ns);
    must(jb_recorder_read(party->recorder, &err), "last reading");
    party_is_over(party);
    jb_rc rc = JB_E_AGAIN;
    for (int i = 0; i < 4 && rc == JB_E_AGAIN; i++) {
        rc = jb_recorder_end_frame(party->recorder, i == 3, &err);
        if (rc == JB_E_AGAIN)
            world_goes_on(MS);
    }
    must(rc, "last frame");
}

TAP__UNUSED static void party_leaves(struct party *party)
{
    jb_recorder_free(party->recorder);
    if (party->run_fd >= 0)
        close(party->run_fd);
    jb_spool_unlock(&party->spool);
    jb_spool_close(&party->spool);
}

#endif
