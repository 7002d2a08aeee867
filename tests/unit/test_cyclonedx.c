/* SPDX-License-Identifier: Apache-2.0 */
/* R-EXPORT-13: energy of each activity in a bill of materials. That it is valid by the schema: tests/cli/export.sh. */
#include "../tap.h"
#include "export_rig.h"

#include <jansson.h>

static struct rig rig;
static struct jb_error err;
static struct jb_buf out = JB_BUF(65536);

/* "training measured 10.8 kWh 0.00432 t; ..." of what was written. */
static const char *told(char *buf, size_t size)
{
    json_t *const root = json_loads(rig_write(&rig, "cyclonedx", &out, &err), 0, NULL);
    json_t *list = json_array_get(json_object_get(root, "components"), 0);
    json_t *one;
    size_t i;
    size_t used = 0;

    list = json_object_get(json_object_get(list, "modelCard"), "considerations");
    list =
        json_object_get(json_object_get(list, "environmentalConsiderations"), "energyConsumptions");
    buf[0] = '\0';
    json_array_foreach(list, i, one)
    {
        const json_t *const energy = json_object_get(one, "activityEnergyCost");
        const json_t *const carbon = json_object_get(one, "co2CostEquivalent");
        const json_t *const layer = json_array_get(json_object_get(one, "properties"), 0);
        used += (size_t)snprintf(buf + used, size - used, "%s %s %g %s %g %s; ",
                                 json_string_value(json_object_get(one, "activity")),
                                 json_string_value(json_object_get(layer, "value")),
                                 json_number_value(json_object_get(energy, "value")),
                                 json_string_value(json_object_get(energy, "unit")),
                                 json_number_value(json_object_get(carbon, "value")),
                                 json_string_value(json_object_get(carbon, "unit")));
    }
    json_decref(root);
    return buf;
}

int main(void)
{
    char buf[2048];

    rig_make(&rig, RIG_ALL);
    is_str(told(buf, sizeof buf),
           "training measured 10.8 kWh 0.00432 tCO2eq; "
           "fine-tuning measured 1.125 kWh 0.00045 tCO2eq; "
           "validation measured 0.36 kWh 0.000144 tCO2eq; "
           "training reconstructed 3.6 kWh 0.00144 tCO2eq; ",
           "each activity of each layer stands alone, in kWh and tonnes");
    ok(strstr(jb_buf_text(&out), "the energy of 1 of the runs is not known") != NULL,
       "what is not known is said");
    ok(strstr(jb_buf_text(&out), "\"value\": \"10.26\"") != NULL &&
           strstr(jb_buf_text(&out), "\"value\": \"11.34\"") != NULL,
       "10.8 kWh has its band");
    ok(strstr(jb_buf_text(&out), "co2CostOffset") == NULL, "no offset is told");
    rig.options.layer = JB_LAYER_RECONSTRUCTED;
    is_str(told(buf, sizeof buf), "training reconstructed 3.6 kWh 0.00144 tCO2eq; ",
           "the layer that was asked for");
    rig_make(&rig, 3);
    rig.runs[1].model = "other";
    is_str(rig_write(&rig, "cyclonedx", &out, &err), "",
           "two models are no one model (R-EXPORT-06)");
    rig_make(&rig, 0x20);
    is_str(rig_write(&rig, "cyclonedx", &out, &err), "", "nothing known is no bill");
    jb_buf_release(&out);
    return done_testing();
}
