/* SPDX-License-Identifier: Apache-2.0 */
/* Runs that others reported, against the papers they stand in. R-CAT-18. */
#include "catalogue/catalogue.h"

#include "tap.h"

static struct jb_reference_run find(const char *run_id)
{
    for (size_t i = 0; i < jb_catalogue_n_reference_runs(); i++) {
        const struct jb_reference_run run = jb_catalogue_reference_run_at(i);
        if (strcmp(run.run_id, run_id) == 0)
            return run;
    }
    bail_out("no run '%s'", run_id);
    return (struct jb_reference_run){0};
}

int main(void)
{
    /* Strubell et al. 2019, Table 3: Transformer (base), 8 x P100, 12 h, 1415.78 W, 27 kWh with PUE 1.58. */
    const struct jb_reference_run base = find("transformer-base__strubell-et-al-2019-ar");
    is_str(base.hardware, "NVIDIA P100", "the hardware as the paper names it");
    is_i64(base.n_devices_milli, 8000, "eight boards");
    is_i64(base.wall_us, INT64_C(43200000000), "twelve hours");
    is_i64(base.device_us, INT64_C(345600000000), "96 hours of one board");
    is_i64(base.avg_mw, 1415780, "1415.78 W");
    is_i64(base.energy_uj, INT64_C(97200000000000), "27 kWh");
    ok(base.pue_milli == 1580 && base.is_pue_included == 1, "with a PUE of 1.58");
    ok(base.n_parameters == 65000000 && base.published_year == 2017, "65 M parameters, 2017");
    is_i64(base.training_tflop, -1, "what the paper does not give is no zero");
    is_str(base.source_id, "strubell-2019", "its source");

    /* The thesis's method B: 672 h of a K80 at 300 W, PUE 1.125. */
    const struct jb_reference_run half =
        find("faster-r-cnn-resnet101-high__kloosterman-2021-thesi");
    ok(half.energy_uj == INT64_C(226) * 3600000000000 && half.pue_milli == 1125,
       "a case of the thesis: 226 kWh");

    size_t n_measured = 0, n_modelled_measured = 0, n_bad = 0;
    for (size_t i = 0; i < jb_catalogue_n_reference_runs(); i++) {
        const struct jb_reference_run run = jb_catalogue_reference_run_at(i);
        n_measured += run.is_measured;
        n_modelled_measured += run.is_measured && strcmp(run.evidence, "modelled") == 0;
        n_bad += run.run_id[0] == '\0' || run.model[0] == '\0' || run.source_id[0] == '\0' ||
                 run.energy_uj == 0 || run.wall_us < -1;
    }
    ok(n_measured >= 150, "at least 150 runs were measured (%zu)", n_measured);
    is_i64((int64_t)n_modelled_measured, 0, "no modelled figure passes for a measured one");
    is_i64((int64_t)n_bad, 0, "every run has a name, a source, and no energy of zero");
    return done_testing();
}
