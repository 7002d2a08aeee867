/* SPDX-License-Identifier: Apache-2.0 */
/* R-EXPORT-15: (O + M) per R of ISO/IEC 21031. */
#include "../tap.h"
#include "export_rig.h"

static struct rig rig;
static struct jb_error err;
static struct jb_buf out = JB_BUF(65536);

static const char *score(const char *unit)
{
    rig.options.functional_unit = unit;
    return rig_write(&rig, "sci", &out, &err);
}

static void runs(void)
{
    rig_make(&rig, RIG_MEASURED);
    ok(strstr(score(""), "\"low\": 1510.5,\n    \"best\": 1590,\n    \"high\": 1669.5,\n"
                         "    \"unit\": \"gCO2eq per run\"\n") != NULL,
       "4770 g of three runs, 5 %% either way");
    ok(strstr(jb_buf_text(&out), "\"is_complete\": false") != NULL &&
           strstr(jb_buf_text(&out), "not stated: the score is of operation alone") != NULL,
       "without what making the hardware emitted it is not complete, and says so");
    ok(strstr(jb_buf_text(&out), "\"energy_kwh\": 11.925,\n"
                                 "    \"intensity_gco2e_per_kwh\": 400,\n"
                                 "    \"carbon_g\": 4770,\n") != NULL,
       "O = E x I");
    rig_make(&rig, 0x7);
    rig.options.embodied_ugco2e = 30 * RIG_G;
    ok(strstr(score("run"), "\"best\": 1600,") != NULL &&
           strstr(jb_buf_text(&out), "\"is_complete\": true") != NULL,
       "with 30 g more it is (4770 + 30) / 3");
    rig.runs[0].market_ugco2e = rig_band(0);
    ok(strstr(score("run"), "\"best\": 1600,") != NULL, "certificates change nothing");
}

static void reserved(void)
{
    rig_make(&rig, 1);
    rig.runs[0].reserved_uj = rig_band(RIG_KWH / 10 * 144); /* twice of what it used */
    ok(strstr(score("run"), "\"best\": 7200,") != NULL &&
           strstr(jb_buf_text(&out), "\"energy_kwh\": 18,") != NULL &&
           strstr(jb_buf_text(&out), "\"intensity_gco2e_per_kwh\": 400,") != NULL,
       "energy of what was kept for the run counts, idle or not, at the same intensity");
    rig.runs[0].reserved_uj.is_known = false;
    ok(strstr(score("run"), "\"best\": 3600,") != NULL &&
           strstr(jb_buf_text(&out), "of 1 runs only what they used is known") != NULL,
       "where that is not known it is said");
}

static void units(void)
{
    rig_make(&rig, 1);
    ok(strstr(score("flop"), "\"best\": 85.714286,") != NULL &&
           strstr(jb_buf_text(&out), "gCO2eq per 10^18 FLOP") != NULL,
       "3600 g over 42 x 10^18 FLOP");
    ok(strstr(score("token"), "\"best\": 3.6,") != NULL, "3600 g over 1000 million tokens");
    ok(strstr(score("parameter"), "\"best\": 514.285714,") != NULL,
       "3600 g over 7 billion parameters");
    is_str(score("epoch"), "", "no such unit");
    is_i64(err.code, JB_E_USAGE, "as a mistake of use");
    rig_make(&rig, 3);
    is_str(score("flop"), "", "operations of all runs or of none");
    ok(strstr(err.message, "'r2'") != NULL, "with the run that does not tell");
    ok(strstr(score("parameter"), "\"best\": 617.142857,") != NULL,
       "parameters are of the model: 4320 / 7");
    rig.runs[1].n_parameters = 1;
    is_str(score("parameter"), "", "not of two");
}

/* R-EXPORT-07: 3600 g + 720 g over what both ranks tell of one training. */
static void ranks(void)
{
    rig_make(&rig, 3);
    rig_ranks(&rig);
    ok(strstr(score("token"), "\"best\": 4.32,") != NULL, "1000 million tokens, not 2000");
    ok(strstr(score("flop"), "\"best\": 102.857143,") != NULL, "42 x 10^18 FLOP, not 84");
    ok(strstr(score("run"), "\"best\": 4320,") != NULL, "two ranks are one training run");
}

int main(void)
{
    runs();
    reserved();
    units();
    ranks();
    rig_make(&rig, 1);
    rig.runs[0].location_ugco2e.is_known = false;
    is_str(score(""), "", "no score without carbon");
    rig_make(&rig, RIG_ALL);
    is_str(score(""), "", "two layers are refused");
    jb_buf_release(&out);
    return done_testing();
}
