/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a user says about meters, in one file: those that nothing announces (a plug, a BMC, an outlet, a query, a
 * command), and where a channel stands in the tree if the machine's own topology is wrong or silent. R-METER-01...
 */
#ifndef JB_MODEL_METER_H
#define JB_MODEL_METER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/channel.h"

#define JB_METERS_MAX 64

struct jb_meter {
    char name[48];   /* the channel's id is "<driver>/<name>" */
    char driver[16]; /* "redfish", "shelly", "tasmota", "snmp", "prometheus", "exec" */
    char url[512];   /* "https://bmc.example/redfish/v1/Chassis/1"; SNMP: "udp:pdu.example:161" */
    char query
        [1024]; /* Prometheus: the query; SNMP: the OID; plugs and older Redfish: which outlet, from 0 */
    char command[1024];    /* exec: the program and its arguments, split at blanks, no shell */
    char credentials[256]; /* file that only its owner can read; "" none */
    char ca_file[256]; /* certificate authority for TLS; "" the system's. TLS is always verified */
    char label[JB_CHANNEL_LABEL];
    enum jb_scope scope;
    enum jb_device device;
    enum jb_semantics
        semantics;      /* COUNTER or GAUGE, where the driver cannot know it (SNMP, Prometheus) */
    bool has_semantics; /* it was given for a meter that shows both (plugs, Redfish) */
    char parent[JB_CHANNEL_ID];
    uint64_t unit_num, unit_den; /* uJ or uW a raw unit; unit_den 0: the driver's own */
    int64_t period_ns;           /* how often it is asked; 0: the driver's own */
    int64_t timeout_ns;          /* of one request; 0: the driver's own */
    int64_t max_power_uw;        /* 0: the scope's own */
    int64_t accuracy_ppm;        /* -1: the driver's own */
};

/* Overrides of one channel by its id; members that are not given leave the channel as it is. */
struct jb_tree_rule {
    char channel[JB_CHANNEL_ID];
    bool has_scope, has_parent, has_role, is_left_out;
    enum jb_scope scope;
    enum jb_role role;
    char parent[JB_CHANNEL_ID]; /* "" with has_parent: it has none */
};

struct jb_meters {
    size_t n_meters, n_rules;
    struct jb_meter meters[JB_METERS_MAX];
    struct jb_tree_rule rules[JB_CHANNELS_MAX];
};

#endif
