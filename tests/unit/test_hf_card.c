/* SPDX-License-Identifier: Apache-2.0 */
/* R-EXPORT-10: the block of a model card, in grams. */
#include "../tap.h"
#include "export_rig.h"

int main(void)
{
    struct rig rig;
    struct jb_error err;
    JB_AUTO(jb_buf_release) struct jb_buf out = JB_BUF(65536);

    rig_make(&rig, RIG_MEASURED);
    rig.inventory.n_runs--; /* without run 6 */
    is_str(
        rig_write(&rig, "hf-card", &out, &err),
        "---\n"
        "co2_eq_emissions:\n"
        "  emissions: 4770\n"
        "  source: \"joulebook 0.1.0, location-based: 3 runs (search 1, training 2), measured, "
        "method C-1, C-2; 96.4 % by counter, 3.6 % modelled; 90 % interval of IT energy 9.41 kWh "
        "to 10.4 kWh; IT equipment as far as it was measured or told, the share of the runs; with "
        "what the building adds (PUE) for 2 of 3 runs\"\n"
        "  geographical_location: \"NL\"\n"
        "  hardware_used: \"4 x NVIDIA A100\"\n"
        "---\n",
        "3600 + 720 + 450 g of what made the model; evaluation is not in it");

    rig_make(&rig, 1);
    rig.runs[0].location_ugco2e.best = 3600000001;
    rig.runs[0].place = "a \"b\\c";
    ok(strstr(rig_write(&rig, "hf-card", &out, &err), "  emissions: 3600.000001\n") != NULL,
       "the last microgram is written");
    ok(strstr(jb_buf_text(&out), "  training_type: \"pre-training\"\n") != NULL,
       "one type of training is named");
    ok(strstr(jb_buf_text(&out), "  geographical_location: \"a \\\"b\\\\c\"\n") != NULL,
       "quotes in a text are escaped");
    rig_make(&rig, 4);
    ok(strstr(rig_write(&rig, "hf-card", &out, &err), "  training_type: \"fine-tuning\"\n") != NULL,
       "fine-tuning is named");

    rig_make(&rig, RIG_MEASURED);
    ok(strstr(rig_write(&rig, "hf-card", &out, &err),
              "the energy of 1 of the runs is not known and not in it") != NULL,
       "a run that is not known is said");
    rig.runs[1].location_ugco2e.is_known = false;
    is_str(rig_write(&rig, "hf-card", &out, &err), "", "no number without the carbon of all runs");
    ok(strstr(err.message, "one of these runs") != NULL, "and why");
    rig_make(&rig, 0x20);
    is_str(rig_write(&rig, "hf-card", &out, &err), "", "nor where no energy is known");
    rig_make(&rig, 8);
    is_str(rig_write(&rig, "hf-card", &out, &err), "", "nor of an evaluation alone");
    rig_make(&rig, RIG_ALL);
    is_str(rig_write(&rig, "hf-card", &out, &err), "", "two layers are refused (R-EXPORT-03)");
    is_i64(err.code, JB_E_USAGE, "as a matter of choice");
    rig.options.layer = JB_LAYER_RECONSTRUCTED;
    ok(strstr(rig_write(&rig, "hf-card", &out, &err), "  emissions: 1440\n") != NULL,
       "and the chosen one is written");
    return done_testing();
}
