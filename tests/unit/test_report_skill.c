/* SPDX-License-Identifier: Apache-2.0 */
/* Predictions and outcomes in the three forms. R-PREDICT-14. */
#include "report/report_skill.h"

#include <jansson.h>

#include "predict/skill.h"
#include "tap.h"

static char *form(const struct jb_skill_row *rows, size_t n, enum jb_format format)
{
    static const struct jb_style plain;
    struct jb_skill skill[JB_SKILL_PARTS];
    struct jb_buf out = JB_BUF(65536);
    char *text = NULL;

    if (jb_skill_of(rows, n, skill, NULL) == JB_OK &&
        jb_report_skill(rows, n, skill, format, &plain, &out, NULL) == JB_OK)
        text = strdup(jb_buf_text(&out));
    jb_buf_release(&out);
    return text ? text : strdup("");
}

int main(void)
{
    struct jb_skill_row rows[2] = {{
        .predicted = {.run_id = "01939f7e-0000-7000-8000-000000000001",
                      .unit = "epoch",
                      .work = 20,
                      .total_work = 100,
                      .energy_uj = {.is_known = true, .low = 900, .best = 1000, .high = 1100},
                      .duration_ns = {.is_known = true, .low = 90, .best = 100, .high = 110}},
        .energy_uj = 1250,
        .duration_ns = 100,
    }};
    rows[1] = rows[0];
    rows[1].why_not = "the command failed";
    memcpy(rows[1].predicted.run_id, "02", 3);

    char *text = form(rows, 2, JB_FORMAT_TEXT);
    ok(strstr(text, "outside") && strstr(text, "the command failed"),
       "people see what missed, and why one is not compared");
    ok(strstr(text, "1 prediction cannot be compared"), "and how many are not");
    ok(strstr(text, "20 to 40 %") && strstr(text, " 20 % "), "by the work that was done");
    free(text);
    text = form(rows, 0, JB_FORMAT_TEXT);
    is_str(text, "no prediction is in the book\n", "an empty book says so");
    free(text);

    text = form(rows, 2, JB_FORMAT_JSON);
    json_t *object = json_loads(text, 0, NULL);
    json_t *list = json_object_get(object, "predictions");
    ok(json_array_size(list) == 2 &&
           json_is_null(json_object_get(json_array_get(list, 1), "outcome")),
       "JSON has both, one without an outcome");
    json_t *all = json_array_get(json_object_get(object, "skill"), 0);
    ok(json_integer_value(json_object_get(all, "n")) == 1 &&
           json_integer_value(json_object_get(all, "energy_error_ppm")) == 200000,
       "and the sums: 1000 for 1250 is 20 %% off");
    json_decref(object);
    free(text);

    text = form(rows, 2, JB_FORMAT_CSV);
    ok(strstr(text, ",900,1000,1100,90,100,110,,,,,,,,1250,100,\r\n"),
       "CSV has the figures, what is not known is empty");
    ok(strstr(text, ",,,the command failed\r\n"), "and the reason in place of the outcome");
    free(text);
    return done_testing();
}
