/* SPDX-License-Identifier: Apache-2.0 */
/* R-EXPORT-12: a BoAmps report. That our importer reads the same energy again: tests/cli/export.sh. */
#include "../tap.h"
#include "export_rig.h"

int main(void)
{
    struct rig rig;
    struct jb_error err;
    JB_AUTO(jb_buf_release) struct jb_buf out = JB_BUF(65536);
    const char *text;

    rig_make(&rig, RIG_MEASURED);
    text = rig_write(&rig, "boamps", &out, &err);
    ok(strstr(text, "\"powerConsumption\": 9.9,\n      \"measurementDuration\": 16200,\n"
                    "      \"measurementDateTime\": \"2026-01-01 00:00:00\"\n") != NULL,
       "7.2 + 1.8 + 0.9 kWh of IT, in 4.5 h of runs");
    ok(strstr(text, "\"taskStage\": \"training+finetuning\"") != NULL, "both stages");
    ok(strstr(text, "\"parametersNumber\": 7\n") != NULL, "7e9 parameters are 7 billions");
    ok(strstr(text, "\"dataType\": \"token\",\n        \"dataQuantity\": 1000000000\n") != NULL,
       "what it read");
    ok(strstr(text, "\"componentName\": \"NVIDIA A100\",\n        \"componentType\": \"gpu\",\n"
                    "        \"nbComponent\": 4\n") != NULL,
       "by what");
    ok(strstr(text, "\"powerSourceCarbonIntensity\": 400\n") != NULL,
       "4770 g over 11.925 kWh are 400 g/kWh");
    ok(strstr(text, "\"quality\": \"high\"") != NULL, "5 %% either way is high quality");
    ok(strstr(text, "\"publisher\"") == NULL, "nobody is named who was not");
    for (size_t i = 0; i < 3; i++)
        rig.runs[i].energy_uj.high = rig.runs[i].energy_uj.best / 100 * 125;
    ok(strstr(rig_write(&rig, "boamps", &out, &err), "\"quality\": \"medium\"") != NULL,
       "25 %% is medium");
    rig.runs[0].energy_uj.high++;
    ok(strstr(rig_write(&rig, "boamps", &out, &err), "\"quality\": \"low\"") != NULL,
       "more is low");
    rig.options.publisher = "Lab";
    ok(strstr(rig_write(&rig, "boamps", &out, &err),
              "\"name\": \"Lab\",\n      \"projectName\": \"speech\",\n"
              "      \"confidentialityLevel\": \"internal\"\n") != NULL,
       "a publisher promises no more than it said");
    rig_make(&rig, 0x20);
    is_str(rig_write(&rig, "boamps", &out, &err), "", "nothing known is no report");
    return done_testing();
}
