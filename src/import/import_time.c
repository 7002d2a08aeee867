/* SPDX-License-Identifier: Apache-2.0 */
/* Times as logs and other tools write them, with or without a zone, to nanoseconds. It never asks the system for one. */
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "import/import_int.h"

/* At most "2024-05-10T11:38:00.123456789+05:30". */
#define TIME_TEXT_MAX 40
#define SECONDS_LEN   19 /* of "2024-05-10T11:38:00" */

static bool two_digits(const char *text, int64_t *ret)
{
    if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
        return false;
    *ret = (text[0] - '0') * 10 + (text[1] - '0');
    return true;
}

/* "Z", "+01:00", "-0530" or "+01": what to take off the time to have UTC. */
static bool parse_zone(const char *text, size_t len, int64_t *ret_ns)
{
    int64_t hours = 0;
    int64_t minutes = 0;

    if (len == 1 && text[0] == 'Z') {
        *ret_ns = 0;
        return true;
    }
    if ((len != 3 && len != 5 && len != 6) || (text[0] != '+' && text[0] != '-') ||
        !two_digits(text + 1, &hours))
        return false;
    if ((len == 5 && !two_digits(text + 3, &minutes)) ||
        (len == 6 && (text[3] != ':' || !two_digits(text + 4, &minutes))) || hours > 14 ||
        minutes > 59)
        return false;
    *ret_ns = (hours * 60 + minutes) * 60 * JB_NS_PER_S * (text[0] == '-' ? -1 : 1);
    return true;
}

jb_rc import__parse_time(const char *text, size_t len, int64_t *ret_ns, bool *ret_has_zone)
{
    char seconds[SECONDS_LEN + 2];
    int64_t utc_us = 0;
    int64_t fraction_ns = 0;
    int64_t zone_ns = 0;
    size_t at = SECONDS_LEN;

    if (len < SECONDS_LEN || len > TIME_TEXT_MAX)
        return JB_E_INPUT;
    memcpy(seconds, text, SECONDS_LEN);
    seconds[SECONDS_LEN] = 'Z';
    if (jb_parse_utc(seconds, SECONDS_LEN + 1, &utc_us) < 0)
        return JB_E_INPUT;
    if (at < len && text[at] == '.') {
        int64_t digit_ns = JB_NS_PER_S / 10;
        size_t n = 0;
        for (at++; at < len && text[at] >= '0' && text[at] <= '9'; at++, n++) {
            fraction_ns += (text[at] - '0') * digit_ns;
            digit_ns /= 10;
        }
        if (n == 0)
            return JB_E_INPUT;
    }
    if (at < len && !parse_zone(text + at, len - at, &zone_ns))
        return JB_E_INPUT;
    *ret_has_zone = at < len;
    /* jb_parse_utc takes years that nanoseconds cannot hold; the reader then refuses those outside of its own range. */
    if (jb_mul_i64(utc_us, JB_NS_PER_US, ret_ns) < 0)
        return JB_E_RANGE;
    return jb_add_i64(*ret_ns, fraction_ns - zone_ns, ret_ns);
}
