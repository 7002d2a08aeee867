/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever plugs, BMCs, Prometheus, SNMP agents and credentials files hold: nothing is written but a reading. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/meter_answer.h"
#include "sensor/meter_secret.h"
#include "sensor/redfish_answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool claim)
{
    if (!claim)
        abort();
}

static bool is_text(const char *text, size_t size)
{
    return memchr(text, '\0', size) != NULL;
}

static void redfish(const char *text, size_t size)
{
    struct redfish_resource found;
    int64_t ns = -1;

    if (redfish__parse(text, size, size % 3, &found) == JB_OK) {
        must(found.n_members <= REDFISH_MEMBERS_MAX);
        for (size_t i = 0; i < found.n_members; i++)
            must(found.members[i][0] == '/' && found.members[i][1] != '/' &&
                 is_text(found.members[i], sizeof found.members[i]));
        must(is_text(found.environment, sizeof found.environment) &&
             is_text(found.reading_time, sizeof found.reading_time));
        must(found.interval_ns >= 0 && found.accuracy_ppm >= -1 && found.accuracy_ppm <= 1000000);
        for (size_t i = 0; i < sizeof found.has / sizeof found.has[0]; i++)
            must((!found.has[i] || found.value[i] <= INT64_MAX) &&
                 is_text(found.source[i], sizeof found.source[i]));
    }
    if (redfish__parse_duration(text, size, &ns) == JB_OK)
        must(ns >= 0);
    else
        must(ns == -1);
}

static void plugs(const char *text, size_t size)
{
    struct plug_answer answer = {0};
    int generation = 0;

    if (shelly__generation(text, size, &generation) == JB_OK)
        must(generation == 1 || generation == 2);
    if (shelly__parse_gen1(text, size, &answer) == JB_OK)
        must(answer.has_power || answer.has_energy);
    if (shelly__parse_gen2(text, size, &answer) == JB_OK)
        must(answer.has_power || answer.has_energy);
    if (tasmota__parse(text, size, size % 2, &answer) == JB_OK)
        must(answer.power_uw <= INT64_MAX && answer.energy <= INT64_MAX);
}

static void others(const char *text, size_t size)
{
    struct prometheus_answer answer;
    struct meter_secret secret;
    unsigned long parts[SNMP_OID_MAX];
    size_t n = 0;
    uint64_t raw;
    const struct snmp_value value = {.type = SNMP_TYPE_TEXT, .bytes = text, .len = size};

    if (prometheus__parse(text, size, &answer) == JB_OK && answer.n_series == 1)
        must(answer.micro <= INT64_MAX && answer.utc_us >= 0 && answer.step_us >= 0);
    if (snmp__parse_oid(text, size, parts, &n) == JB_OK)
        must(n >= 3 && n <= SNMP_OID_MAX);
    if (snmp__raw_of(&value, &raw) == JB_OK)
        must(raw <= INT64_MAX);
    if (meter_secret__parse(text, size, &secret) == JB_OK)
        must(secret.kind != METER_SECRET_NONE && is_text(secret.user, sizeof secret.user) &&
             is_text(secret.secret, sizeof secret.secret) &&
             (secret.priv[0] == '\0' || secret.auth[0] != '\0'));
    else
        must(secret.kind == METER_SECRET_NONE && secret.secret[0] == '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *const text = (const char *)data;

    redfish(text, size);
    plugs(text, size);
    others(text, size);
    return 0;
}
