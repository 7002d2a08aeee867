/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a configured meter is asked with: a name and password, a token, an SNMP community or user, from a file that only
 * its owner can read (R-SENSOR-81). Whoever holds one wipes it as soon as it was handed on, and never shows it.
 *
 * The file, one item a line, blank lines and lines that begin with '#' left out:
 *   NAME:PASSWORD         HTTP, basic or digest as the device needs it
 *   token TEXT            HTTP, "Authorization: Bearer TEXT"
 *   community TEXT        SNMP v2c
 *   user NAME             SNMP v3; with these two, if the agent wants them:
 *   auth SHA-256 PHRASE     MD5, SHA, SHA-224, SHA-256, SHA-384, SHA-512
 *   priv AES PHRASE         AES (128 bits) or DES
 */
#ifndef JB_SENSOR_METER_SECRET_H
#define JB_SENSOR_METER_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define METER_SECRET_FILE_MAX 4096

enum meter_secret_kind {
    METER_SECRET_NONE,
    METER_SECRET_PASSWORD,
    METER_SECRET_TOKEN,
    METER_SECRET_COMMUNITY,
    METER_SECRET_SNMP_USER,
};

struct meter_secret {
    enum meter_secret_kind kind;
    char user[128];   /* of PASSWORD and SNMP_USER */
    char secret[512]; /* password, token or community */
    char auth_name[12], auth[128];
    char priv_name[12], priv[128];
};

/* JB_E_INPUT on anything that is not one of the forms above; *ret is then wiped. */
JB_MUST_USE jb_rc meter_secret__parse(const char *text, size_t len, struct meter_secret *ret);

/*
 * "" gives METER_SECRET_NONE. JB_E_PERMISSION where somebody else could read or owns the file: err->hint is then the
 * exact step; nothing is changed here.
 */
JB_MUST_USE jb_rc meter_secret__read(const char *path, struct meter_secret *ret,
                                     struct jb_error *err);
void meter_secret__wipe(struct meter_secret *secret);

#endif
