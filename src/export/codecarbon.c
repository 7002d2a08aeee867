/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CodeCarbon's emissions.csv, in the order of columns of its version 3.2.9, one row for each run. Its energy holds the PUE, its power
 * does not. What is not known is empty, never 0. R-EXPORT-11.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "catalogue/catalogue.h"
#include "export/export_int.h"

static const char header[] =
    "timestamp,project_name,run_id,experiment_id,duration,emissions,emissions_rate,cpu_power,gpu_"
    "power,ram_power,cpu_energy,gpu_energy,ram_energy,energy_consumed,water_consumed,country_name,"
    "country_iso_code,region,cloud_provider,cloud_region,os,python_version,codecarbon_version,cpu_"
    "count,cpu_model,gpu_count,gpu_model,longitude,latitude,ram_total_size,tracking_mode,cpu_"
    "utilization_percent,gpu_utilization_percent,ram_utilization_percent,ram_used_gb,on_cloud,pue,"
    "wue\n";

static void text(struct jb_buf *out, const char *field)
{
    jb_buf_add_text(out, ",");
    jb_buf_add_csv(out, field);
}

static void number(struct jb_buf *out, bool is_known, jb_i128 value, unsigned scale)
{
    jb_buf_add_text(out, ",");
    if (is_known)
        export__decimal(value, scale, out);
}

static void skip(struct jb_buf *out, size_t n)
{
    while (n-- > 0)
        jb_buf_add_text(out, ",");
}

/* The parts that CodeCarbon has columns for, in their order; whether they are all of the energy. */
struct parts {
    int64_t it_uj[3];
    bool is_all;
};

static struct parts parts_of(const struct jb_inventory_run *run)
{
    const int64_t *const device = run->device_uj;

    return (struct parts){
        .it_uj = {device[JB_DEVICE_CPU], device[JB_DEVICE_GPU], device[JB_DEVICE_DRAM]},
        .is_all =
            run->energy_uj.is_known && device[JB_DEVICE_NODE] == 0 && device[JB_DEVICE_OTHER] == 0,
    };
}

/* IT energy times PUE, as CodeCarbon writes it; read again and divided it is the same. */
static int64_t with_pue(const struct jb_inventory_run *run, int64_t it_uj)
{
    return run->is_facility_posted && run->pue_milli >= 1000
               ? jb_muldiv_sat_i64(it_uj, run->pue_milli, 1000, JB_ROUND_NEAREST)
               : it_uj;
}

static void add_power(const struct jb_inventory_run *run, int64_t it_uj, struct jb_buf *out)
{
    /* uJ / ns x 1000 is W; six decimals of it. */
    const int64_t uw = run->duration_ns > 0 ? jb_muldiv_sat_i64(it_uj, JB_NS_PER_S,
                                                                run->duration_ns, JB_ROUND_NEAREST)
                                            : 0;

    number(out, it_uj > 0 && run->duration_ns > 0, uw, 6);
}

static void add_energy(const struct jb_inventory_run *run, struct jb_buf *out)
{
    const struct parts parts = parts_of(run);
    int64_t total_uj = with_pue(run, run->energy_uj.best);

    for (size_t i = 0; i < JB_ARRAY_LEN(parts.it_uj); i++)
        add_power(run, parts.is_all ? parts.it_uj[i] : 0, out);
    if (parts.is_all)
        total_uj = 0;
    for (size_t i = 0; i < JB_ARRAY_LEN(parts.it_uj); i++) {
        const int64_t energy_uj = with_pue(run, parts.it_uj[i]);
        jb_buf_add_text(out, ",");
        if (!parts.is_all || energy_uj == 0)
            continue;
        export__kwh(energy_uj, out);
        total_uj = jb_add_sat_i64(total_uj, energy_uj);
    }
    jb_buf_add_text(out, ",");
    if (run->energy_uj.is_known)
        export__kwh(total_uj, out);
}

/* "aws/eu-west-1" is a cloud's region; what else it is has a country or none that we know. */
static void add_place(const char *place, struct jb_buf *out)
{
    struct jb_catalogue_country country = {"", ""};
    const char *const dash = strchr(place, '-');
    char zone[24];

    if (jb_catalogue_country(place, &country)) {
        text(out, country.name);
        text(out, country.alpha3);
        /* Of "US-CA" the part after the dash. */
        text(out, dash && snprintf(zone, sizeof zone, "%s", dash + 1) > 0 ? zone : "");
    } else {
        skip(out, 2);
        text(out, place);
    }
}

static void add_hardware(const struct jb_inventory_run *run, struct jb_buf *out)
{
    char model[160];

    number(out, run->n_boards >= 0, run->n_boards, 0);
    (void)snprintf(model, sizeof model, "%" PRId64 " x %.120s", run->n_boards, run->hardware);
    text(out, run->hardware[0] == '\0' ? "" : run->n_boards > 0 ? model : run->hardware);
}

static void add_row(const struct jb_inventory_run *run, const struct jb_export_options *options,
                    struct jb_buf *out)
{
    const struct jb_figure *const carbon = &run->location_ugco2e;
    char end[32];

    /* Without a zone, as that tool has it; it is UTC. */
    jb_format_utc(run->end_utc_us, false, end, sizeof end);
    end[strcspn(end, "Z")] = '\0';
    jb_buf_add_text(out, end);
    text(out, run->project);
    text(out, run->id);
    text(out, run->group);
    number(out, true, run->duration_ns, 9);
    number(out, carbon->is_known, carbon->best, 9);
    /* kg/s, 15 decimals: ug x 10^15 / (10^9 x s). */
    number(out, carbon->is_known && run->duration_ns > 0,
           run->duration_ns > 0
               ? ((jb_i128)carbon->best * 1000000 * JB_NS_PER_S * 2 / run->duration_ns + 1) / 2
               : 0,
           15);
    add_energy(run, out);
    skip(out, 1); /* water */
    add_place(run->place, out);
    skip(out, 4); /* cloud and its region, operating system, Python */
    text(out, options->software);
    skip(out, 2); /* processors */
    add_hardware(run, out);
    skip(out, 3); /* longitude, latitude, memory */
    text(out, run->method == JB_METHOD_C2 ? "process" : "machine");
    skip(out, 5); /* use, and on_cloud */
    number(out, run->is_facility_posted && run->pue_milli >= 1000, run->pue_milli, 3);
    skip(out, 1);
    jb_buf_add_text(out, "\n");
}

static jb_rc write_rows(const struct jb_inventory *inventory,
                        const struct jb_export_options *options, struct jb_buf *out,
                        struct jb_error *err)
{
    struct export_pick pick;
    const jb_rc rc = export__pick(inventory, options, EXPORT_ALL, &pick, err);

    if (rc < 0)
        return rc;
    jb_buf_add_text(out, header);
    for (size_t i = 0; i < inventory->n_runs; i++)
        if (export__takes(&pick, &inventory->runs[i]))
            add_row(&inventory->runs[i], options, out);
    return export__done(out, "table", err);
}

const struct jb_export_format export__codecarbon = {
    .name = "codecarbon",
    .summary = "CodeCarbon's emissions.csv, one row for each run, in kWh and kg",
    .file = "emissions.csv",
    .write = write_rows,
};
