/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GET of one object of an SNMP agent, by net-snmp loaded at run time (R-SENSOR-86). Reads no configuration and no MIB of
 * net-snmp's, and writes nothing. May block until timeout x retries; for drivers that are read apart.
 */
#ifndef JB_SENSOR_SNMP_SESSION_H
#define JB_SENSOR_SNMP_SESSION_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "sensor/meter_answer.h"
#include "sensor/meter_secret.h"

struct snmp_session_handle;

/* `peer` as "udp:host:161"; METER_SECRET_NONE is the community "public". The secret is wiped by the caller. */
JB_MUST_USE jb_rc snmp_session__open(const char *peer, const struct meter_secret *secret,
                                     int64_t timeout_ns, struct snmp_session_handle **ret,
                                     struct jb_error *err);
void snmp_session__close(struct snmp_session_handle *session);

/* Thousandths of the value and its type. JB_E_AGAIN: no answer, or none that is a number; JB_E_NOT_FOUND: no such object. */
JB_MUST_USE jb_rc snmp_session__get(struct snmp_session_handle *session, const unsigned long *oid,
                                    size_t oid_len, unsigned *ret_type, uint64_t *ret_raw);

#endif
