/* SPDX-License-Identifier: Apache-2.0 */
/* R-EXPORT-11: CodeCarbon's emissions.csv. That our importer reads the same back: tests/cli/export.sh. */
#include "../tap.h"
#include "base/num.h"
#include "export_rig.h"

/* As CodeCarbon 3.2.9 writes it. */
#define HEADER                                                                                     \
    "timestamp,project_name,run_id,experiment_id,duration,emissions,emissions_rate,cpu_power,gpu_" \
    "power,ram_power,cpu_energy,gpu_energy,ram_energy,energy_consumed,water_consumed,country_"     \
    "name,country_iso_code,region,cloud_provider,cloud_region,os,python_version,codecarbon_"       \
    "version,cpu_count,cpu_model,gpu_count,gpu_model,longitude,latitude,ram_total_size,tracking_"  \
    "mode,cpu_utilization_percent,gpu_utilization_percent,ram_utilization_percent,ram_used_gb,on_" \
    "cloud,pue,wue\n"

/* Written times PUE and divided by it again, as our importer does: R-BOOKS-10. */
static void read_again(void)
{
    struct rig rig;
    struct jb_error err;
    JB_AUTO(jb_buf_release) struct jb_buf out = JB_BUF(65536);
    uint64_t state = 7;
    int64_t n_lost = 0;

    for (int i = 0; i < 2000; i++) {
        int64_t tenths = 0;
        int64_t back = 0;
        state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
        rig_make(&rig, 4);
        const int64_t uj = (int64_t)(state >> 14 >> (i % 48)) + 1;
        rig.runs[0].energy_uj.best = rig.runs[0].device_uj[JB_DEVICE_GPU] = uj;
        rig.runs[0].pue_milli = 1001 + (int64_t)(state >> 33) % 2000;
        const char *at = strchr(rig_write(&rig, "codecarbon", &out, &err), '\n');
        for (int k = 0; at && k < 11; k++)
            at = strchr(at + 1, ',');
        if (!at || jb_parse_decimal(at + 1, strcspn(at + 1, ","), 13, &tenths) < 0 ||
            jb_muldiv_i64((int64_t)(((jb_i128)tenths * 36 + 50) / 100), 1000, rig.runs[0].pue_milli,
                          JB_ROUND_NEAREST, &back) < 0 ||
            back != uj)
            n_lost++;
    }
    is_i64(n_lost, 0, "2000 energies of any size, with any PUE, are read again to the microjoule");
}

int main(void)
{
    struct rig rig;
    struct jb_error err;
    JB_AUTO(jb_buf_release) struct jb_buf out = JB_BUF(65536);

    rig_make(&rig, 1);
    /* 1.8, 5.04 and 0.36 kWh in 2 h are 900, 2520 and 180 W; times 1.25 they are 2.25, 6.3 and 0.45 kWh. */
    is_str(rig_write(&rig, "codecarbon", &out, &err),
           HEADER
           "2026-01-01T02:00:00,speech,r1,,7200,3.6,0.0005,900,2520,180,2.25,6.3,0.45,9,,"
           "Netherlands,NLD,,,,,,joulebook 0.1.0,,,4,4 x NVIDIA A100,,,,process,,,,,,1.25,\n",
           "energy holds the PUE, power does not; kg, kWh and W");
    rig_make(&rig, 2);
    is_str(rig_write(&rig, "codecarbon", &out, &err),
           HEADER "2026-01-01T02:30:00,speech,r2,,3600,0.72,0.0002,,,,,,,1.8,,Netherlands,NLD,,,,,,"
                  "joulebook 0.1.0,,,4,4 x NVIDIA A100,,,,machine,,,,,,,\n",
           "the node's energy is the total's alone");
    rig_make(&rig, 0x20);
    rig.runs[0].n_boards = -1;
    rig.runs[0].hardware = "";
    rig.runs[0].place = "US-CA";
    is_str(rig_write(&rig, "codecarbon", &out, &err),
           HEADER
           "2026-01-01T09:00:00,speech,r6,,3600,,,,,,,,,,,United States,USA,CA,,,,,joulebook "
           "0.1.0,,,,,,,,process,,,,,,,\n",
           "what is not known is empty, not 0");
    rig_make(&rig, 8);
    rig.runs[0].place = "lab, 2";
    rig.runs[0].project = "=1+1";
    ok(strstr(rig_write(&rig, "codecarbon", &out, &err), ",\"lab, 2\",,,,") != NULL,
       "a place that is no code of a country is a region");
    ok(strstr(jb_buf_text(&out), ",'=1+1,") != NULL, "no text becomes a formula of a spreadsheet");
    rig_make(&rig, RIG_ALL);
    is_str(rig_write(&rig, "codecarbon", &out, &err), "",
           "rows of two layers would be added by who reads them (R-EXPORT-03)");
    rig.options.layer = JB_LAYER_MEASURED;
    size_t n_lines = 0;
    for (const char *at = rig_write(&rig, "codecarbon", &out, &err); *at; at++)
        n_lines += *at == '\n';
    is_i64((int64_t)n_lines, 6, "a row for each run, evaluation too");
    read_again();
    return done_testing();
}
