/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the drivers of this folder: reading small files, what the processor is, how a RAPL domain is called. */
#ifndef JB_SENSOR_SENSOR_INT_H
#define JB_SENSOR_SENSOR_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <joulebook/sys/sensor.h>

#include "base/error.h"
#include "base/os.h"
#include "model/channel.h"
#include "sensor/drm_board.h"
#include "sensor/drm_watch.h"

#define SENSOR_PATH_MAX  256
#define SENSOR_NAME_MAX  64
#define SENSOR_NAMES_MAX 4096
#define SENSOR_W         INT64_C(1000000) /* in uW */

extern const struct jb_sensor_driver jb_sensor_rapl_perf;
extern const struct jb_sensor_driver jb_sensor_rapl_powercap;
extern const struct jb_sensor_driver jb_sensor_gpu_metrics;
extern const struct jb_sensor_driver jb_sensor_nvml;
extern const struct jb_sensor_driver jb_sensor_amd_smi;
extern const struct jb_sensor_driver jb_sensor_hwmon;
extern const struct jb_sensor_driver jb_sensor_battery;
extern const struct jb_sensor_driver jb_sensor_cray;
extern const struct jb_sensor_driver jb_sensor_ipmi;
extern const struct jb_sensor_driver jb_sensor_exec;
extern const struct jb_sensor_driver jb_sensor_model;
extern const struct jb_sensor_driver jb_sensor_redfish;
extern const struct jb_sensor_driver jb_sensor_shelly;
extern const struct jb_sensor_driver jb_sensor_tasmota;
extern const struct jb_sensor_driver jb_sensor_snmp;
extern const struct jb_sensor_driver jb_sensor_prometheus;
extern const struct jb_sensor_driver jb_sensor_replay;

/* The channel of that id found so far in this probing, NULL if none; borrowed until the next jb_sensor_add. */
const struct jb_channel *sensor__find(const struct jb_sensor_set *set, const char *id);

/*
 * A user's overrides (R-METER-03): put into the channels before roles are settled; what speaks of no channel, and after
 * settling what did not come out as it says, is refused by name. ret_is_left_out[i]: channel i is not wanted.
 * JB_E_INPUT where parents run in a circle.
 */
JB_MUST_USE jb_rc sensor__rules_apply(const struct jb_meters *meters, struct jb_sensor_set *set,
                                      struct jb_channel *channels, size_t n, bool *ret_is_left_out,
                                      struct jb_error *err);
JB_MUST_USE jb_rc sensor__rules_check_loops(const struct jb_channel *channels, size_t n,
                                            struct jb_error *err);
JB_MUST_USE jb_rc sensor__rules_compare(const struct jb_meters *meters, struct jb_sensor_set *set,
                                        const struct jb_channel *channels, size_t n,
                                        struct jb_error *err);

/* The names in a directory, in the order people count (hwmon2 before hwmon10). */
struct sensor_names {
    char (*items)[SENSOR_NAME_MAX];
    size_t n;
    size_t capacity;
};
/* 0 or -errno of the directory; -ENOMEM. Names too long to be ours are left out. Release in every case. */
int sensor__list(const struct jb_os *os, const char *path, struct sensor_names *ret);
void sensor__names_release(struct sensor_names *names);

/* "<folder>/<name>"; false if it does not fit. */
JB_MUST_USE bool sensor__path(char *buf, size_t size, const char *folder, const char *name);
/* Text and numbers of "<folder>/<name>": length, or 0, or -errno. */
ssize_t sensor__text(const struct jb_os *os, const char *folder, const char *name, char *buf,
                     size_t size);
int sensor__u64(const struct jb_os *os, const char *folder, const char *name, uint64_t *ret);
/* A handle on "<folder>/<name>", or -errno. */
int sensor__open(const struct jb_os *os, const char *folder, const char *name);

/* R-SENSOR-03: what a failed read of a sensor file means for the channel. */
jb_rc sensor__rc_of_read(ssize_t negative_errno);
/* R-SENSOR-02: one decimal count, ended by a newline, from a kept-open handle. One pread, no allocation. */
jb_rc sensor__read_count(const struct jb_os *os, int handle, uint64_t *ret_raw);

/* Who uses the board that a channel reads, kept in the channel's handle. */
struct sensor_users {
    struct drm_watch *watch; /* NULL: nobody can say */
    size_t board;
};

/* A channel whose raw value is the one number of one file. */
struct sensor_file {
    int handle;
    uint64_t modulus;  /* a value beyond it is torn text; 0 for none */
    uint64_t last_raw; /* R-SENSOR-04: a count that stands still may have lost its file */
    bool is_counter;
    struct sensor_users users;
    char path[SENSOR_PATH_MAX];
};
/* Opens the file and reads it up to three times; -errno of what failed. *ret_file is handed to jb_sensor_add. */
int sensor__file_new(const struct jb_sensor_env *env, const char *folder, const char *name,
                     bool is_counter, uint64_t modulus, struct sensor_file **ret_file);
/* R-SENSOR-04: opens the path again where the open file lost its name. */
jb_rc sensor__file_follow(struct sensor_file *file, const struct jb_sensor_env *env,
                          bool *ret_is_new);
jb_rc sensor__file_read(void *handle, const struct jb_sensor_env *env, unsigned long long *ret_raw);
void sensor__file_close(void *handle, const struct jb_sensor_env *env);
/*
 * The channel of that id, which was just added, is a board: from now on its handle, which has *ret_users in it, may be asked
 * by use_fn (R-SENSOR-73). Does nothing where the channel is no board of the cover. Release with drm_watch__unref.
 */
jb_rc sensor__watch_board(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                          const char *id, jb_sensor_use_fn use_fn, struct sensor_users *ret_users,
                          struct jb_error *err);
/* The use_fn of channels whose handle is a struct sensor_file. */
jb_rc sensor__file_use(void *handle, const struct jb_sensor_env *env,
                       struct jb_sensor_board *ret_board, struct jb_sensor_use *ret_uses,
                       size_t capacity, size_t *ret_n);
/* The set's watch of boards, made when first asked for; NULL without memory. Borrowed. */
struct drm_watch *sensor__watch(struct jb_sensor_set *set);

struct sensor_cpu {
    char vendor[16];
    char model_name[JB_CHANNEL_LABEL];
    int64_t family;
    int64_t model;
    bool is_x86;
    bool is_amd; /* or Hygon: the same register map */
    bool is_virtual;
};
void sensor__read_cpu(const struct jb_os *os, struct sensor_cpu *ret);
bool sensor__is_container(const struct jb_os *os);

enum sensor_rapl_domain {
    SENSOR_RAPL_PACKAGE,
    SENSOR_RAPL_CORE,
    SENSOR_RAPL_UNCORE,
    SENSOR_RAPL_DRAM,
    SENSOR_RAPL_PSYS,
};
#define SENSOR_DIE_NONE (-1)
/* Everything about a RAPL channel that does not depend on the path it is read by. */
void sensor__rapl_describe(const struct sensor_cpu *cpu, enum sensor_rapl_domain domain,
                           int64_t package, int64_t die, struct jb_channel *ret);

/* One chip of /sys/class/hwmon. */
struct sensor_chip {
    char folder[SENSOR_PATH_MAX];     /* "/sys/class/hwmon/hwmon3" */
    char attributes[SENSOR_PATH_MAX]; /* where its files are: there, or in its device folder */
    char name[SENSOR_NAME_MAX];       /* "amdgpu" */
    char place[SENSOR_NAME_MAX]; /* the device it sits on: "0000:03:00.0", "1-0040"; "" for none */
};
/* What amdgpu's gpu_metrics says of a board's energy (R-SENSOR-70, R-SENSOR-72). */
enum sensor_amd_meter {
    SENSOR_AMD_NONE,      /* nothing that counts energy in a unit we know */
    SENSOR_AMD_COUNTER,   /* it counts */
    SENSOR_AMD_PROCESSOR, /* it counts, the processor's cores with it */
    SENSOR_AMD_OTHER_DIE, /* the other die of its module counts for both */
    SENSOR_AMD_UNREAD, /* a board that counts, in a table that we cannot read: its maker's library may */
};
bool sensor__amd_is_mi200(const struct drm_board *board);
/* Everything about an AMD board's counter that does not depend on the path it is read by. */
void sensor__amd_describe(const struct drm_board *board, const char *driver,
                          struct jb_channel *ret);
/* -errno of what failed, or 0. */
int sensor__amd_meter(const struct jb_os *os, const struct drm_board *board,
                      enum sensor_amd_meter *ret);

/* Boards whose meters we know. *ret_is_mine: whether the chip was one, whatever came of it. */
jb_rc sensor__add_grace(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                        const struct sensor_chip *chip, bool *ret_is_mine, struct jb_error *err);
jb_rc sensor__add_jetson(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                         const struct sensor_chip *chip, bool *ret_is_mine, struct jb_error *err);
/* Adds a channel read from one file of the chip, or refuses it; fills driver, semantics, unit and correlation. */
jb_rc sensor__add_gauge(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                        const struct sensor_chip *chip, const char *file,
                        struct jb_channel *channel, struct jb_error *err);
jb_rc sensor__refuse_file(struct jb_sensor_set *set, const char *driver, const char *id, int failed,
                          struct jb_error *err);

/* Modelled memory: the driver keeps the constant that pipeline found for it. */
void sensor__model_set_constant(void *handle, int64_t power_uw);

#endif
