/* SPDX-License-Identifier: Apache-2.0 */
/* Device to reading: the table of drivers, and the set of channels found on a machine. */
#ifndef JB_SENSOR_SENSOR_H
#define JB_SENSOR_SENSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <joulebook/sys/sensor.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/os.h"
#include "model/channel.h"
#include "model/reading.h"

struct jb_sensor_refusal {
    char driver[16];
    char what[96];
    char reason[240];
    char step[320];
};

/* NULL-terminated: every driver, in probing order (the preferred path to a domain first). */
extern const struct jb_sensor_driver *const jb_sensor_drivers[];

/*
 * Asks every driver, then settles roles so that nothing counts twice (R-TREE-01..): duplicates by control type and
 * name, one path per domain, psys to check, core and uncore to detail, a modelled channel only where no measured
 * one covers its device. Also copies env (whose pointers must outlive the set). *ret_set is the caller's to free.
 */
JB_MUST_USE jb_rc jb_sensor_probe_all(const struct jb_sensor_env *env,
                                      struct jb_sensor_set **ret_set, struct jb_error *err);
void jb_sensor_set_free(struct jb_sensor_set *set);
JB_AUTO_POINTER(struct jb_sensor_set, jb_sensor_set_free)

size_t jb_sensor_n_channels(const struct jb_sensor_set *set);
const struct jb_channel *jb_sensor_channel(const struct jb_sensor_set *set,
                                           size_t i); /* borrowed */
size_t jb_sensor_n_refusals(const struct jb_sensor_set *set);
const struct jb_sensor_refusal *jb_sensor_refusal(const struct jb_sensor_set *set,
                                                  size_t i); /* borrowed */
/* Refusal i is of a driver without which accounts would be wrong by much, of a meter that the user named, or the first for
 * which there was no room. */
bool jb_sensor_is_missed(const struct jb_sensor_set *set, size_t i);

/*
 * Asks the processes that read slow meters for a new reading, without waiting for it (R-READER-02): call it before the
 * channels are read. jb_sensor_wait asks those that usually answer at once, and gives them until deadline_ns (of the
 * env's clock) to answer; false if one did not (R-READER-03).
 */
void jb_sensor_ask(struct jb_sensor_set *set);
bool jb_sensor_wait(struct jb_sensor_set *set, int64_t deadline_ns);
bool jb_sensor_is_apart(const struct jb_sensor_set *set, size_t i);
/* Channel i is read apart, was asked, and has not answered yet. */
bool jb_sensor_is_silent(const struct jb_sensor_set *set, size_t i);

/*
 * The one child that this process has for the slow meters, which has them as children of its own; 0 for none. It is no
 * part of a command. Another may take its place at jb_sensor_ask. Whoever waits for children of any kind says here that it
 * ended. CPU time: of all of them.
 */
pid_t jb_sensor_helper(const struct jb_sensor_set *set);
void jb_sensor_helper_ended(struct jb_sensor_set *set, pid_t pid);
int64_t jb_sensor_helper_cpu_ns(const struct jb_sensor_set *set);

/*
 * Reads channel i; ret->mono_ns by the env's clock just after the read. Untouched on failure. Of a meter that is read
 * apart, the latest reading with the time it was taken, which may be the same as the last call's.
 */
JB_MUST_USE jb_rc jb_sensor_read(struct jb_sensor_set *set, size_t i, struct jb_reading *ret);

/* Who uses channel i's board, as of its latest reading. JB_E_UNAVAILABLE if the channel cannot say. */
JB_MUST_USE jb_rc jb_sensor_board_use(struct jb_sensor_set *set, size_t i,
                                      struct jb_sensor_board *ret_board,
                                      struct jb_sensor_use *ret_uses, size_t capacity,
                                      size_t *ret_n);

/*
 * After JB_E_GONE: probes again for the channels that are gone, matching by id; a channel that is back keeps its
 * place i and reads again (its epoch is the sampler's affair). Returns the number of channels that came back.
 * New channels are not added to a set in use.
 */
size_t jb_sensor_reprobe(struct jb_sensor_set *set);

/*
 * Settles roles and missing parents in place (R-TREE-01...; used by probe_all, open for tests). A pure function of the
 * channels, and settling twice changes nothing.
 */
void jb_sensor_settle_roles(struct jb_channel *channels, size_t n);

/*
 * Whether settled channels, which somebody else may have probed, are as `meters` (may be NULL) say: its meters are among
 * them, and so stand those that it overrides. Else *ret_id is the first that is not so, cut to `size`.
 */
bool jb_sensor_follows(const struct jb_meters *meters, const struct jb_channel *channels, size_t n,
                       char *ret_id, size_t size);

/*
 * The factors of the modelled channels come from the catalogue, which sensor/ does not know. Until they are set, such
 * a channel reads JB_E_UNAVAILABLE: an unset factor is not zero. `correlation` names the edition of the factor.
 * jb_sensor_set_curve: channel i is JB_SEMANTICS_BUSY; its band is the curve's own low and high, accuracies stay 0.
 * jb_sensor_set_constant_uw: channel i is "model/dram"; 0 <= low <= best <= high, best > 0.
 * JB_E_USAGE if the channel is of another kind or a figure is out of order.
 */
JB_MUST_USE jb_rc jb_sensor_set_curve(struct jb_sensor_set *set, size_t i,
                                      const struct jb_power_curve *curve, const char *label,
                                      const char *correlation, struct jb_error *err);
JB_MUST_USE jb_rc jb_sensor_set_constant_uw(struct jb_sensor_set *set, size_t i, int64_t low_uw,
                                            int64_t best_uw, int64_t high_uw, const char *label,
                                            const char *correlation, struct jb_error *err);

/* What a model needs to know of the machine. Absent is "" or 0. */
struct jb_sensor_machine {
    char cpu_model[96];   /* as /proc/cpuinfo says it; on Arm "implementer 0x41 part 0xd4f" */
    int64_t n_threads;    /* hardware threads online */
    int64_t n_packages;   /* distinct physical packages among them */
    int64_t memory_bytes; /* MemTotal */
    bool is_virtual;      /* the processor says that a hypervisor runs it */
    bool is_container;
};
void jb_sensor_machine_read(const struct jb_os *os, struct jb_sensor_machine *ret);

#endif
