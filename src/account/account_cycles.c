/* SPDX-License-Identifier: Apache-2.0 */
/* Counted cycles x energy per cycle, beside what the processors' meters gave: method A with its gaps. R-CYCLES-01. */
#include "account/account_int.h"

#define PPM 1000000

void jb_account_told_cycles(struct jb_account_builder *builder, const struct jb_cycles *counts,
                            const struct jb_epc *epc, bool has_inner_runs)
{
    builder->has_cycles = true;
    builder->has_inner_runs = has_inner_runs;
    builder->cycles = *counts;
    builder->epc = *epc;
}

/* Of the posted meters of processors: the run's share, and all they gave. */
static void sum_cpu(const struct jb_account *account, struct jb_account_cycles *cycles)
{
    for (size_t i = 0; i < account->n_lines; i++) {
        const struct jb_account_line *const line = &account->lines[i];
        if (line->role != JB_ROLE_POST || line->device != JB_DEVICE_CPU || !line->run_uj.is_known)
            continue;
        cycles->has_cpu = true;
        cycles->cpu_run_uj = jb_add_sat_i64(cycles->cpu_run_uj, line->run_uj.best);
        cycles->cpu_total_uj = jb_add_sat_i64(cycles->cpu_total_uj, line->total_uj.best);
    }
}

static int64_t gap_ppm(int64_t energy_uj, int64_t beside_uj)
{
    return beside_uj > 0
               ? jb_muldiv_sat_i64(energy_uj - beside_uj, PPM, beside_uj, JB_ROUND_NEAREST)
               : 0;
}

static void price(const struct jb_account_builder *builder, struct jb_account *account)
{
    struct jb_account_cycles *const cycles = &account->cycles;
    const struct jb_cycles_count *const count = &builder->cycles.counts[JB_CYCLES_CYCLES];

    if (!count->is_known || !builder->epc.is_known)
        return;
    if (!builder->epc.is_given && builder->epc.is_user_only != builder->cycles.is_user_only) {
        jb_account_note(account,
                        "no energy by cycles: the energy per cycle of this machine holds for "
                        "cycles %s the kernel's, and these were counted %s them: `joulebook "
                        "calibrate --cycles` fits it anew",
                        builder->epc.is_user_only ? "without" : "with",
                        builder->epc.is_user_only ? "with" : "without");
        return;
    }
    /* R-CYCLES-10 */
    if (builder->has_inner_runs) {
        jb_account_note(account, "no energy by cycles: those of the runs inside of this one are "
                                 "counted with it, and their energy is not in it");
        return;
    }
    if (jb_cycles_energy(count->low, count->best, count->high, &builder->epc, &cycles->energy_uj,
                         NULL) < 0)
        return;
    cycles->epc = builder->epc;
    cycles->gap_run_ppm = gap_ppm(cycles->energy_uj.best, cycles->cpu_run_uj);
    cycles->gap_total_ppm = gap_ppm(cycles->energy_uj.best, cycles->cpu_total_uj);
}

void jb_account_cycles(const struct jb_account_builder *builder, struct jb_account *account)
{
    struct jb_account_cycles *const cycles = &account->cycles;

    if (!builder->has_cycles)
        return;
    cycles->is_told = true;
    cycles->has_inner = builder->has_inner_runs;
    cycles->counts = builder->cycles;
    jb_cycles_cpi(&cycles->counts, &cycles->cpi_ppm);
    sum_cpu(account, cycles);
    price(builder, account);
}
