/* SPDX-License-Identifier: Apache-2.0 */
/* The status line: whole where there is room, cut to the terminal, harmless whatever a training marks. */
#include "cli/status_text.h"

#include "base/clock.h"
#include "report/table.h"
#include "tap.h"

#define WH INT64_C(3600000000)

static char line[1024];

static const char *text_of(const struct jb_measure_status *status, int64_t mg_per_kwh, int width)
{
    struct jb_buf out = JB_BUF(sizeof line - 1);

    jb_status_text(status, mg_per_kwh, width, &out);
    (void)snprintf(line, sizeof line, "%s", jb_buf_text(&out));
    jb_buf_release(&out);
    return line;
}

int main(void)
{
    const struct jb_predicted predicted = {
        .energy_uj = {.is_known = true, .low = 900 * WH, .best = 1000 * WH, .high = 1100 * WH},
        .duration_ns = {.is_known = true, .best = 7200 * JB_NS_PER_S},
        .cost_micro = {.is_known = true, .best = 250000},
        .currency = "EUR",
    };
    struct jb_measure_status status = {.elapsed_ns = 3600 * JB_NS_PER_S, .mark = ""};

    is_str(text_of(&status, 0, 0), "joulebook: 1 h 00 min  not measured", "without a meter");
    status.has_power = true;
    status.power_uw = 100 * INT64_C(1000000);
    status.energy_uj = 100 * WH;
    status.predicted = &predicted;
    status.mark = "epoch 3";
    is_str(text_of(&status, 400000, 0),
           "joulebook: 1 h 00 min  100 W  100 Wh (all meters)  40.0 g CO2e  predicted: 1.00 kWh "
           "(900 Wh "
           "to 1.10 kWh), 1 h 00 min left, 0.25 EUR  [epoch 3]",
           "all there is, to a pipe");
    ok(strlen(text_of(&status, 400000, 79)) == 79 &&
           strncmp(line, "joulebook: 1 h 00 min  100 W", 28) == 0,
       "a terminal's width is not exceeded: a line that wraps would stay there");
    /* U+009B begins an order to a terminal as much as ESC [ does. */
    status.predicted = NULL;
    status.mark = "epoch \xc2\x9b"
                  "2J\033[2J \xff \xc3\xa9t\xc3\xa9";
    text_of(&status, 0, 0);
    ok(!strstr(line, "\xc2\x9b") && !strchr(line, '\033') && !strchr(line, '\xff') &&
           strstr(line, "\xc3\xa9t\xc3\xa9]"),
       "a mark gives no orders to the terminal: %s", line);
    for (int width = 40; width < 80; width++) {
        text_of(&status, 0, width);
        if (jb_text_width(line, strlen(line)) > (size_t)width ||
            (strchr(line, '\xc3') && line[strlen(line) - 1] == '\xc3'))
            ok(false, "width %d: '%s'", width, line);
    }
    status.mark = "step 123456789012345678901234567890123456789012345678901234567890123456789";
    ok(strstr(text_of(&status, 0, 0), "...]"), "a long mark is cut, and that is seen");
    return done_testing();
}
