/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a power log: lines are taken or refused with a reason, and what is taken keeps the sampler's promises. */
#ifndef JB_TESTS_IMPORT_LINES_H
#define JB_TESTS_IMPORT_LINES_H

#include <stdlib.h>
#include <string.h>

#include "import/import.h"

static void import_lines(const struct jb_import_format *format, const uint8_t *data, size_t size)
{
    struct jb_import_survey survey = {
        .least_uw = 0,
        .most_uw = INT64_C(10000000000000000),
        .usual_ns = 2000000000,
        .gap_ns = 3000000000,
        .bridge_ns = 60000000000,
    };
    struct jb_import_parser parser = {.has_header = false};
    struct jb_import_meter meter = {.survey = NULL};
    bool is_begun = false;

    while (size > 0) {
        const uint8_t *const newline = memchr(data, '\n', size);
        size_t len = newline ? (size_t)(newline - data) : size;
        struct jb_import_event event = {.what = JB_IMPORT_NOTHING};
        struct jb_error err = {.code = JB_OK};
        if (len > JB_IMPORT_LINE_MAX)
            len = JB_IMPORT_LINE_MAX;
        /* In memory of its own, so that a byte too far is seen. */
        char *const line = malloc(len ? len : 1);
        if (!line)
            return;
        memcpy(line, data, len);
        const jb_rc rc = format->take_line(&parser, line, len, &event, &err);
        free(line);
        if (rc < 0 && (err.message[0] == '\0' || event.what != JB_IMPORT_NOTHING))
            abort();
        if (rc == JB_OK && event.what == JB_IMPORT_READING && parser.unit.unit_den == 0)
            abort();
        if (rc == JB_OK && (event.what == JB_IMPORT_READING || event.what == JB_IMPORT_FAILED) &&
            event.utc_ns >= JB_IMPORT_EPOCH_UTC_NS &&
            event.utc_ns - JB_IMPORT_EPOCH_UTC_NS < JB_IMPORT_TIME_END_NS) {
            if (!is_begun) {
                survey.unit = parser.unit;
                jb_import_meter_begin(&meter, format, &survey, "fuzz", JB_SCOPE_NODE, 50000);
                is_begun = true;
            }
            const int64_t before_ns = meter.state.mono_ns;
            jb_import_meter_feed(&meter, &event);
            if (meter.state.mono_ns < before_ns || meter.interpolated_uj < 0 ||
                meter.interpolated_low_uj < 0 || meter.interpolated_high_uj < 0)
                abort();
        }
        if (newline && newline == data + len)
            len++;
        data += len;
        size -= len;
    }
}

#endif
