/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the drivers of meters over a network share: the entries of theirs, a channel out of an entry, a client for its
 * host (R-SENSOR-80, R-SENSOR-81). For drivers that are read apart; the readers keep the pace (R-READER-02).
 */
#ifndef JB_SENSOR_NET_METER_H
#define JB_SENSOR_NET_METER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <joulebook/sys/sensor.h>

#include "base/clock.h"
#include "base/error.h"
#include "model/channel.h"
#include "model/meter.h"
#include "sensor/http_client.h"
#include "sensor/meter_secret.h"

struct net_meter;
/* Asks the device. JB_E_AGAIN for whatever is not a reading; JB_E_GONE if its counts no longer mean the same. */
typedef jb_rc (*net_meter_ask_fn)(struct net_meter *meter, const struct jb_sensor_env *env,
                                  uint64_t *ret_raw);

/* First member of every handle of this family. */
struct net_meter {
    net_meter_ask_fn ask;
    void (*release)(struct net_meter *meter); /* what the driver added; NULL for nothing */
    struct http_client *client;               /* NULL for SNMP */
    char url[HTTP_URL_MAX]; /* of each reading; may hold a password (Tasmota): wiped */
};

/* Defaults of a driver. */
struct net_meter_traits {
    const char *driver;
    int64_t update_ns; /* how often the device renews its value, or the driver takes it to */
    int64_t timeout_ns;
    int64_t accuracy_ppm;
    int64_t max_power_uw;
};

/* Makes channel and handle out of one entry and adds them; what it cannot do is in *why. */
typedef jb_rc (*net_meter_add_fn)(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                                  const struct jb_meter *entry, struct jb_error *why);

/* Calls `add` for each entry of the driver; what fails is refused by the entry's name with the reason and the step. */
JB_MUST_USE jb_rc net_meter__probe(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                                   const char *driver, net_meter_add_fn add, struct jb_error *err);

/* Everything of the channel that the entry says, and the traits where it does not. Unit and semantics are the driver's.
 * update_ns is the longer of period and renewal: between two questions the value is as old as the period. */
void net_meter__describe(const struct jb_meter *entry, const struct net_meter_traits *traits,
                         struct jb_channel *ret);
int64_t net_meter__timeout_ns(const struct jb_meter *entry, const struct net_meter_traits *traits);

/* R-SENSOR-52: an executable that carries a capability opens no file that a user names. */
JB_MUST_USE jb_rc net_meter__read_secret(const struct jb_sensor_env *env,
                                         const struct jb_meter *entry, struct meter_secret *ret,
                                         struct jb_error *why);

/*
 * A client for the entry. A password or token goes out under TLS, to this machine, or as a digest; `is_clear_allowed`:
 * also in the clear, to devices that know nothing else. `secret` NULL: none.
 */
JB_MUST_USE jb_rc net_meter__connect(const struct jb_meter *entry,
                                     const struct net_meter_traits *traits, enum http_auth auth,
                                     bool is_clear_allowed, const struct meter_secret *secret,
                                     struct http_client **ret, struct jb_error *why);

/* "<origin and path of the entry's url without a last '/'><path>"; JB_E_INPUT where it does not fit. */
JB_MUST_USE jb_rc net_meter__url(const struct jb_meter *entry, const char *path, char *buf,
                                 size_t size, struct jb_error *why);

/* Of a gauge: what each reading is multiplied by, `per` raw units to the entry's own; `own` where it gives none. */
JB_MUST_USE jb_rc net_meter__set_unit(const struct jb_meter *entry, uint64_t own, uint64_t per,
                                      struct jb_channel *channel, struct jb_error *why);

/* Whole texts to a number of an outlet: "" is 0. */
JB_MUST_USE jb_rc net_meter__outlet(const struct jb_meter *entry, size_t *ret,
                                    struct jb_error *why);

/* jb_sensor_add of a handle whose first member is `meter`; takes it over in every case. */
JB_MUST_USE jb_rc net_meter__add(struct jb_sensor_set *set, const struct jb_channel *channel,
                                 struct net_meter *meter, struct jb_error *why);
void net_meter__close(void *handle, const struct jb_sensor_env *env);
/* The driver's read. */
jb_rc net_meter__read(void *handle, const struct jb_sensor_env *env, unsigned long long *ret_raw);
/* GET of meter->url; every failure is a failed read but the lack of permission. */
JB_MUST_USE jb_rc net_meter__get(struct net_meter *meter, const char **ret_text, size_t *ret_len);

#endif
