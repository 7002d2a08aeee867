/* SPDX-License-Identifier: Apache-2.0 */
/* R-EXPORT-17: items of the EU's Model Documentation Form. */
#include "../tap.h"
#include "export_rig.h"

#define X      \
    "\xc3\x97" \
    "10^"

static struct rig rig;
static struct jb_error err;
static struct jb_buf out = JB_BUF(65536);

static bool has(const char *text)
{
    return strstr(rig_write(&rig, "eu-form", &out, &err), text) != NULL;
}

static void full(void)
{
    rig_make(&rig, RIG_MEASURED);
    is_str(
        rig_write(&rig, "eu-form", &out, &err),
        "# Model Documentation Form: energy and compute of training\n"
        "\n"
        "Model: wav7b, version 2\n"
        "Made: 2026-01-02T00:00:00Z by joulebook 0.1.0, from measured runs\n"
        "\n"
        "## Training time\n"
        "\n"
        "Wall-clock: 1.7" X "-1 days, in which at least one of the runs went (range: less than 1 "
        "month)\n"
        "Hardware: 7.5" X "-1 NVIDIA A100 days\n"
        "\n"
        "## Amount of computation used for training\n"
        "\n"
        "4.2" X "19 FLOP (order of magnitude: 10^19)\n"
        "Methodology: 6 x parameters x tokens (1 run); not known and not in it: 3 runs\n"
        "\n"
        "## Amount of energy used for training\n"
        "\n"
        "1.2" X "-2 MWh (measured)\n"
        "Methodology: 4 runs (search 1, training 3), measured, method C-1, C-2; 96.4 % by counter, "
        "3.6 % modelled; 90 % interval of IT energy 9.41 kWh to 10.4 kWh; the energy of 1 of the "
        "runs is not known and not in it\n"
        "Boundary: IT equipment as far as it was measured or told, the share of the runs; with "
        "what "
        "the building adds (PUE) for 2 of 3 runs; of it IT energy 9.9" X "-3 MWh; of the life of "
        "the model what made it: development, search, failed and final runs, without evaluation "
        "and "
        "inference\n"
        "\n"
        "## Number of parameters\n"
        "\n"
        "7.0" X "9 (class: 5-15B)\n",
        "11.925 kWh, 4 h = 0.1667 days, 4 boards x 4.5 h = 0.75 days");
}

static void figures(void)
{
    rig_make(&rig, 1);
    rig.runs[0].facility_uj = rig_band(0);
    rig.runs[0].energy_uj =
        (struct jb_figure){true, false, RIG_KWH * 99500, RIG_KWH * 100000, RIG_KWH * 100500};
    ok(has("\n1.00" X "2 MWh"), "three figures where the band is narrower than 10 %%");
    rig.runs[0].energy_uj.high = RIG_KWH * 109500;
    ok(has("\n1.0" X "2 MWh"), "two where it is not");
    rig.runs[0].end_utc_us = rig.runs[0].start_utc_us + INT64_C(91) * 86400 * 1000000;
    ok(has("9.1" X "1 days") && has("range: 1 to 3 months"), "91 days");
    rig.runs[0].end_utc_us += INT64_C(86400) * 1000000;
    ok(has("range: 3 to 6 months"), "92 days are more than three twelfths of a year");
    rig.runs[0].end_utc_us += INT64_C(91) * 86400 * 1000000;
    ok(has("range: more than 6 months"), "183 days are more than half a year");
    rig.runs[0].n_parameters = 500000000;
    ok(has("5.0" X "8 (class: 1-500M)"), "the end of a class is in it");
    rig.runs[0].n_parameters++;
    ok(has("(class: 500M-5B)"), "and what is more is not");
    rig.runs[0].n_parameters = INT64_C(1000000000001);
    ok(has("1.0" X "12 (class: >1T)"), "the last class");
    rig.runs[0].training_flop = (jb_i128)38 * 1000000000 * 1000000000 * 1000000;
    ok(has("3.8" X "25 FLOP (order of magnitude: 10^25)"), "as many operations as the largest");
    rig.runs[0].training_flop = (jb_i128)996 * 1000000000 * 1000000000 * 1000;
    ok(has("1.0" X "24 FLOP (order of magnitude: 10^24)"), "9.96e23 is carried in both");
}

/* R-EXPORT-07 */
static void ranks(void)
{
    rig_make(&rig, 3);
    rig_ranks(&rig);
    ok(has("\n4.2" X "19 FLOP (") && has("tokens (1 run)\n"),
       "operations that each rank tells of the whole training count once");
    rig.runs[0].training_flop = -1;
    ok(has("\n4.2" X "19 FLOP (") && !has("not known and not in it: 1 run\n\n## Amount of energy"),
       "one rank that tells them is enough");
    ok(has("\n1.1" X "-2 MWh"), "energy is of both: 10.8 kWh");
    rig.runs[1].stage = "search";
    rig.runs[0].training_flop = rig.runs[1].training_flop;
    ok(has("\n8.4" X "19 FLOP ("), "another stage of the group is another training");
}

static void missing(void)
{
    rig_make(&rig, 0x20);
    rig.runs[0].hardware = "";
    rig.runs[0].board_ns = -1;
    ok(has("used for training\n\nN/A\nMissing: the energy of none of the 1 runs is known"),
       "no energy is N/A, and says what is missing");
    ok(has("computation used for training\n\nN/A\nMissing: "), "no operations");
    ok(has("Hardware: N/A: "), "no hardware");
    ok(has("parameters\n\nN/A\nMissing: "), "no parameters");
    rig_make(&rig, 0x12);
    is_str(rig_write(&rig, "eu-form", &out, &err), "", "two layers are refused");
    rig_make(&rig, 0x10);
    ok(has(" MWh (estimated)\n"), "what papers tell is an estimate");
    rig_make(&rig, 3);
    rig.runs[1].hardware = "H200";
    ok(has("Hardware: 3.3" X "-1 NVIDIA A100 days; 1.7" X "-1 H200 days\n"),
       "8 h and 4 h of boards, by model");
}

int main(void)
{
    full();
    figures();
    ranks();
    missing();
    jb_buf_release(&out);
    return done_testing();
}
