/* SPDX-License-Identifier: Apache-2.0 */
/* R-EXPORT-16: rows of FOCUS for chargeback. That our importer reads the same energy again: tests/cli/export.sh. */
#include "../tap.h"
#include "export_rig.h"

static struct rig rig;
static struct jb_error err;
static struct jb_buf out = JB_BUF(65536);

#define TAGS                                                                                    \
    "\"{\"\"project\"\": \"\"speech\"\", \"\"model\"\": \"\"wav7b\"\", \"\"model_version\"\": " \
    "\"\"2\"\", \"\"stage\"\": \"\"pretrain\"\", \"\"part\"\": \"\"training\"\", "              \
    "\"\"run_id\"\": \"\"r1\"\"}\""

static void rows(void)
{
    rig_make(&rig, 1);
    rig_tariff(&rig.runs[0]);
    rig.options.publisher = "Lab";
    rig.options.carbon_price_micro_per_tonne = 25000000;
    rig.options.currency = "EUR";
    const char *const text = rig_write(&rig, "focus", &out, &err);
    is_str(
        text ? strchr(text, '\n') : "",
        "\n"
        "2.16,Lab,Lab,EUR,2026-02-01T00:00:00Z,2026-01-01T00:00:00Z,Usage,,Electricity of a run,"
        "Usage-Based,2026-01-01T02:00:00Z,2026-01-01T00:00:00Z,7.2,kWh,2.16,2.16,Lab,2.16,7.2,kWh,"
        "Lab,Lab,NL,r1,wav7b,training run,AI and Machine Learning,Electricity of "
        "training,speech," TAGS ",measured,C-2,6.84,7.56,\n"
        "0.54,Lab,Lab,EUR,2026-02-01T00:00:00Z,2026-01-01T00:00:00Z,Usage,,What the building added "
        "to a run "
        "(PUE),Usage-Based,2026-01-01T02:00:00Z,2026-01-01T00:00:00Z,1.8,kWh,0.54,0.54,Lab,"
        "0.54,1.8,kWh,Lab,Lab,NL,r1,wav7b,training run,AI and Machine Learning,Electricity of the "
        "building,speech," TAGS ",measured,C-2,1.71,1.89,\n"
        "0.09,Lab,Lab,EUR,2026-02-01T00:00:00Z,2026-01-01T00:00:00Z,Purchase,,Offset of a run's "
        "location-based CO2e; its carbon figure stays,One-Time,2026-01-01T02:00:00Z,"
        "2026-01-01T00:00:00Z,,,0.09,0.09,Lab,0.09,0.0036,Tonnes,Lab,Lab,NL,r1,wav7b,training run,"
        "Other,Carbon offset,speech," TAGS ",measured,C-2,,,3600\n",
        "9 kWh at 0.30 are 2.16 + 0.54; 3.6 kg at 25 a tonne are 0.09");
}

static void costs(void)
{
    rig_make(&rig, 1);
    rig.options.publisher = "Lab";
    is_str(rig_write(&rig, "focus", &out, &err), "", "a run without a cost is refused");
    rig_tariff(&rig.runs[0]);
    rig.runs[0].cost_micro = rig_band(100);
    rig.runs[0].facility_uj.best = RIG_KWH / 10 * 36;
    ok(strstr(rig_write(&rig, "focus", &out, &err), "\n0.000067,") != NULL &&
           strstr(jb_buf_text(&out), "\n0.000033,") != NULL,
       "100 millionths part into 67 and 33: none is lost");
    ok(strstr(jb_buf_text(&out), "Carbon offset") == NULL, "no price, no offset");
    rig.options.carbon_price_micro_per_tonne = 1;
    rig.options.currency = "USD";
    is_str(rig_write(&rig, "focus", &out, &err), "", "two currencies are not on one invoice");
    rig.options.carbon_price_micro_per_tonne = -1;
    rig.runs[0].currency = "";
    is_str(rig_write(&rig, "focus", &out, &err), "", "a cost in no currency is refused");
    rig.runs[0].currency = "EUR";
    rig.options.publisher = "";
    is_str(rig_write(&rig, "focus", &out, &err), "", "somebody issues it");
}

static void periods(void)
{
    rig_make(&rig, 1);
    rig_tariff(&rig.runs[0]);
    rig.options.publisher = "Lab";
    rig.runs[0].start_utc_us = INT64_C(1767225599500000); /* half a second before 2026 */
    rig.runs[0].end_utc_us = INT64_C(1767225600500000);
    ok(strstr(rig_write(&rig, "focus", &out, &err),
              ",2026-02-01T00:00:00Z,2025-12-01T00:00:00Z,") != NULL,
       "months that the run was in");
    ok(strstr(jb_buf_text(&out), ",2026-01-01T00:00:01Z,2025-12-31T23:59:59Z,") != NULL,
       "whole seconds around it");
    rig.runs[0].start_utc_us = INT64_C(1767225599000000) - INT64_C(86400000000);
    rig.runs[0].end_utc_us = INT64_C(1767225599000000);
    ok(strstr(rig_write(&rig, "focus", &out, &err),
              ",2026-01-01T00:00:00Z,2025-12-01T00:00:00Z,") != NULL,
       "after December comes January");
    rig.inventory.scope.since_utc_us = INT64_C(1764547200000000); /* 2025-12-01 */
    rig.inventory.scope.until_utc_us = INT64_C(1767312000000000); /* 2026-01-02 */
    ok(strstr(rig_write(&rig, "focus", &out, &err),
              ",2026-01-02T00:00:00Z,2025-12-01T00:00:00Z,") != NULL,
       "the period that was asked for");
}

static void layers(void)
{
    rig_make(&rig, 0x18);
    rig_tariff(&rig.runs[0]);
    rig_tariff(&rig.runs[1]);
    rig.options.publisher = "Lab";
    ok(strstr(rig_write(&rig, "focus", &out, &err), ",measured,C-2,") != NULL &&
           strstr(jb_buf_text(&out), ",reconstructed,B,") != NULL,
       "both layers are there, marked (R-EXPORT-03)");
    rig.options.layer = JB_LAYER_MEASURED;
    ok(strstr(rig_write(&rig, "focus", &out, &err), ",reconstructed,") == NULL,
       "or the one that was asked for");
}

int main(void)
{
    rows();
    costs();
    periods();
    layers();
    jb_buf_release(&out);
    return done_testing();
}
