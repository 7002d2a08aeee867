/* SPDX-License-Identifier: Apache-2.0 */
/* R-EXPORT-14: an AI package of SPDX 3.0.1. Its rules as a whole: tests/cli/export.sh. */
#include "../tap.h"
#include "export_rig.h"

int main(void)
{
    struct rig rig;
    struct jb_error err;
    JB_AUTO(jb_buf_release) struct jb_buf out = JB_BUF(65536);
    JB_AUTO(jb_buf_release) struct jb_buf again = JB_BUF(65536);
    const char *text;

    rig_make(&rig, RIG_MEASURED);
    rig.options.publisher = "Lab";
    text = rig_write(&rig, "spdx3", &out, &err);
    ok(strstr(text, "\"ai_trainingEnergyConsumption\": [\n"
                    "          {\n"
                    "            \"type\": \"ai_EnergyConsumptionDescription\",\n"
                    "            \"ai_energyQuantity\": \"10.8\",\n"
                    "            \"ai_energyUnit\": \"kilowattHour\"\n") != NULL,
       "9 and 1.8 kWh of training, as a decimal text");
    ok(strstr(text, "\"ai_finetuningEnergyConsumption\"") != NULL &&
           strstr(text, "\"ai_energyQuantity\": \"1.125\"") != NULL,
       "1.125 kWh of fine-tuning");
    ok(strstr(text, "ai_inferenceEnergyConsumption") == NULL, "no inference, and no 0 of it");
    ok(strstr(text, "\"software_packageVersion\": \"2\"") != NULL &&
           strstr(text, "\"type\": \"Organization\"") != NULL,
       "version and publisher");
    ok(strstr(text, "\"ai\"") == NULL && strstr(text, "downloadLocation") == NULL,
       "a profile whose fields are not known is not claimed");
    rig.options.now_utc_us += 1000000;
    ok(strcmp(rig_write(&rig, "spdx3", &again, &err), text) != 0 &&
           strncmp(strstr(jb_buf_text(&again), "/spdx/"), strstr(text, "/spdx/"), 38) != 0,
       "another document has other ids");
    rig.options.publisher = "";
    ok(strstr(rig_write(&rig, "spdx3", &again, &err), "\"type\": \"SoftwareAgent\"") != NULL &&
           strstr(jb_buf_text(&again), "suppliedBy") == NULL,
       "without a publisher the program made it, and nobody supplies the model");
    rig_make(&rig, RIG_ALL);
    is_str(rig_write(&rig, "spdx3", &out, &err), "", "two layers are refused");
    rig_make(&rig, 0x20);
    is_str(rig_write(&rig, "spdx3", &out, &err), "", "nothing known is no document");
    return done_testing();
}
