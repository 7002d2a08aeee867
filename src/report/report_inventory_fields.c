/* SPDX-License-Identifier: Apache-2.0 */
/* The figures of a run and of a sum in one table each, so that no format can forget one (R-REPORT-05). */
#include <stddef.h>

#include "report/report_inventory_int.h"

#define WORD(function, type)                                    \
    static const char *function##_word(const void *value)       \
    {                                                           \
        return jb_##function##_name(*(const enum type *)value); \
    }
WORD(layer, jb_layer)
WORD(run_status, jb_run_status)
WORD(part, jb_part)
WORD(method, jb_method)
WORD(flop_method, jb_flop_method)

#define RUN(member, kind)                                              \
    {                                                                  \
#member, kind, offsetof(struct jb_inventory_run, member), NULL \
    }
#define RUN_WORD(member, function)                                                       \
    {                                                                                    \
#member, REPORT_WORD, offsetof(struct jb_inventory_run, member), function##_word \
    }

const struct report__field report__run_fields[] = {
    RUN(id, REPORT_TEXT),
    RUN(group, REPORT_TEXT),
    RUN(parent_id, REPORT_TEXT),
    RUN(host, REPORT_TEXT),
    RUN(project, REPORT_TEXT),
    RUN(model, REPORT_TEXT),
    RUN(model_version, REPORT_TEXT),
    RUN(model_digest, REPORT_TEXT),
    RUN(architecture, REPORT_TEXT),
    RUN(application, REPORT_TEXT),
    RUN(configuration, REPORT_TEXT),
    RUN(hardware, REPORT_TEXT),
    RUN(place, REPORT_TEXT),
    RUN(source, REPORT_TEXT),
    RUN(currency, REPORT_TEXT),
    RUN(stage, REPORT_TEXT),
    RUN_WORD(part, part),
    RUN_WORD(layer, layer),
    RUN_WORD(status, run_status),
    RUN_WORD(method, method),
    RUN(exit_code, REPORT_KNOWN),
    RUN(start_utc_us, REPORT_NUMBER),
    RUN(end_utc_us, REPORT_NUMBER),
    RUN(duration_ns, REPORT_NUMBER),
    RUN(n_boards, REPORT_KNOWN),
    RUN(board_ns, REPORT_KNOWN),
    RUN(energy_uj, REPORT_FIGURE),
    RUN(facility_uj, REPORT_FIGURE),
    RUN(is_facility_posted, REPORT_CLAIM),
    RUN(location_ugco2e, REPORT_FIGURE),
    RUN(market_ugco2e, REPORT_FIGURE),
    RUN(cost_micro, REPORT_FIGURE),
    RUN(active_uj, REPORT_FIGURE),
    RUN(reserved_uj, REPORT_FIGURE),
    RUN(all_uj, REPORT_FIGURE),
    RUN(coverage, REPORT_COVERAGE),
    RUN(n_gaps, REPORT_NUMBER),
    RUN(gap_high_uj, REPORT_NUMBER),
    {"device", REPORT_DEVICES, 0, NULL},
    {"origin", REPORT_ORIGINS, offsetof(struct jb_inventory_run, origin_uj), NULL},
    RUN(idle_uj, REPORT_NUMBER),
    RUN(others_uj, REPORT_NUMBER),
    RUN(platform_uj, REPORT_NUMBER),
    RUN(market_mgco2e_per_kwh, REPORT_KNOWN),
    RUN(pue_milli, REPORT_KNOWN),
    RUN(tariff_micro_per_kwh, REPORT_KNOWN),
    RUN(n_parameters, REPORT_KNOWN),
    RUN(n_examples, REPORT_KNOWN),
    RUN(n_tokens, REPORT_KNOWN),
    RUN(n_epochs, REPORT_KNOWN),
    RUN(training_flop, REPORT_FLOP),
    RUN_WORD(flop_method, flop_method),
    {"metrics", REPORT_METRICS, 0, NULL},
    RUN(account_seq, REPORT_NUMBER),
    RUN(leaf, REPORT_HASH),
    {NULL, REPORT_TEXT, 0, NULL},
};

#define SUM(member, kind)                                              \
    {                                                                  \
#member, kind, offsetof(struct jb_inventory_sum, member), NULL \
    }

const struct report__field report__sum_fields[] = {
    SUM(n_runs, REPORT_NUMBER),
    SUM(n_unknown, REPORT_NUMBER),
    SUM(duration_ns, REPORT_NUMBER),
    SUM(board_ns, REPORT_NUMBER),
    SUM(energy_uj, REPORT_FIGURE),
    SUM(facility_uj, REPORT_FIGURE),
    SUM(n_without_facility, REPORT_NUMBER),
    SUM(facility_default_uj, REPORT_FIGURE),
    SUM(n_facility_default, REPORT_NUMBER),
    SUM(location_ugco2e, REPORT_FIGURE),
    SUM(n_without_location, REPORT_NUMBER),
    SUM(market_ugco2e, REPORT_FIGURE),
    SUM(n_without_market, REPORT_NUMBER),
    SUM(cost_micro, REPORT_FIGURE),
    SUM(n_without_cost, REPORT_NUMBER),
    SUM(coverage, REPORT_COVERAGE),
    {"device", REPORT_DEVICES, 0, NULL},
    {"origin", REPORT_ORIGINS, offsetof(struct jb_inventory_sum, origin_uj), NULL},
    SUM(training_flop, REPORT_FLOP),
    SUM(n_without_flop, REPORT_NUMBER),
    {NULL, REPORT_TEXT, 0, NULL},
};

struct report__devices report__devices_of(const struct report__field *fields, const void *owner)
{
    if (fields == report__run_fields) {
        const struct jb_inventory_run *const run = owner;
        return (struct report__devices){run->device_low_uj, run->device_uj, run->device_high_uj};
    }
    const struct jb_inventory_sum *const sum = owner;
    return (struct report__devices){sum->device_low_uj, sum->device_uj, sum->device_high_uj};
}
