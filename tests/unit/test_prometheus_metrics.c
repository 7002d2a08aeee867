/* SPDX-License-Identifier: Apache-2.0 */
/* The table of exporters holds together, and asks for what it knows. R-PROM-01, R-PROM-02. */
#include "tap.h"

#include "import/prometheus.h"

static const char *selector(const char *const *presets, size_t n, const char *match,
                            struct jb_buf *buf)
{
    const struct jb_prometheus_wanted wanted = {presets, n};

    jb_buf_clear(buf);
    jb_prometheus_selector(&wanted, match, buf);
    return jb_buf_text(buf);
}

static void test_rows(void)
{
    size_t n_bad = 0;
    size_t n = 0;

    for (const struct jb_prometheus_metric *at = jb_prometheus_metrics; at->preset; at++, n++) {
        const bool is_energy = strstr(at->name, "joule") || strstr(at->name, "ENERGY");
        const bool is_sound = at->domain && at->accuracy_ppm > 0 && at->max_power_uw > 0 &&
                              at->rank > 0 && (at->decimals == 6 || at->decimals == 3) &&
                              at->is_counter == is_energy &&
                              (at->scope != JB_SCOPE_OTHER || at->is_watched);
        n_bad += !is_sound;
        if (!is_sound)
            diag("row of '%s'", at->name);
    }
    ok(n > 20 && n_bad == 0, "each row has unit, band and limit, and posts only what it knows");
    ok(jb_prometheus_is_preset("dcgm") && jb_prometheus_is_preset("node-exporter") &&
           !jb_prometheus_is_preset("dcg") && !jb_prometheus_is_preset(""),
       "presets are known by their names");
}

int main(void)
{
    static const char *const ipmi[] = {"ipmi"};
    static const char *const two[] = {"ipmi", "dcgm"};
    struct jb_buf buf = JB_BUF(4000);

    test_rows();
    is_str(selector(ipmi, 1, "", &buf),
           "{__name__=~\"ipmi_dcmi_power_consumption_watts|ipmi_power_watts\"}",
           "each metric is asked for once");
    is_str(selector(two, 2, "instance=\"n:1\"", &buf),
           "{__name__=~\"DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION|DCGM_FI_DEV_POWER_USAGE|"
           "DCGM_FI_DEV_BOARD_POWER_WATTS|ipmi_dcmi_power_consumption_watts|ipmi_power_watts\","
           "instance=\"n:1\"}",
           "of the presets, and only the series that are asked for");
    ok(strstr(selector(NULL, 0, "", &buf), "kepler_node_cpu_joules_total|") && buf.len < 1500,
       "without presets all are asked for, in one question");
    jb_buf_release(&buf);
    return done_testing();
}
