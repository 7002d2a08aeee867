/* SPDX-License-Identifier: Apache-2.0 */
/* Hit rates of intervals and medians of errors, over all and by fifths of the work. What cannot be compared counts as nothing. */
#include "predict/skill.h"

#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/num.h"

#define WHOLE_PPM INT64_C(1000000)
#define PART_PPM  (WHOLE_PPM / (JB_SKILL_PARTS - 1))

static int compare(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a;
    const int64_t y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* The mean of the middle two where their number is even. */
static int64_t median(int64_t *values, size_t n)
{
    if (n == 0)
        return 0;
    qsort(values, n, sizeof values[0], compare);
    return n % 2 ? values[n / 2] : values[n / 2 - 1] / 2 + values[n / 2] / 2;
}

static bool is_inside(const struct jb_figure *figure, int64_t truth)
{
    return figure->low <= truth && truth <= figure->high;
}

static int64_t error_ppm(const struct jb_figure *figure, int64_t truth)
{
    const int64_t off = figure->best > truth ? figure->best - truth : truth - figure->best;

    return truth > 0 ? jb_muldiv_sat_i64(off, WHOLE_PPM, truth, JB_ROUND_NEAREST) : INT64_MAX;
}

static int64_t fraction_ppm(const struct jb_predicted *predicted)
{
    return predicted->total_work > 0 ? jb_muldiv_sat_i64(predicted->work, WHOLE_PPM,
                                                         predicted->total_work, JB_ROUND_FLOOR)
                                     : 0;
}

static void sum_up(const struct jb_skill_row *rows, size_t n_rows, int64_t *energy_errors,
                   int64_t *duration_errors, struct jb_skill *skill)
{
    const char *run_id = "";

    for (size_t i = 0; i < n_rows; i++) {
        const struct jb_skill_row *const row = &rows[i];
        const struct jb_predicted *const predicted = &row->predicted;
        const int64_t at_ppm = fraction_ppm(predicted);
        if (row->why_not || at_ppm < skill->from_ppm || at_ppm >= skill->to_ppm)
            continue;
        skill->n_runs += strcmp(run_id, predicted->run_id) != 0;
        run_id = predicted->run_id;
        skill->n_energy_inside += is_inside(&predicted->energy_uj, row->energy_uj);
        skill->n_duration_inside += is_inside(&predicted->duration_ns, row->duration_ns);
        energy_errors[skill->n] = error_ppm(&predicted->energy_uj, row->energy_uj);
        duration_errors[skill->n] = error_ppm(&predicted->duration_ns, row->duration_ns);
        skill->n++;
    }
    skill->energy_error_ppm = median(energy_errors, skill->n);
    skill->duration_error_ppm = median(duration_errors, skill->n);
}

jb_rc jb_skill_of(const struct jb_skill_row *rows, size_t n_rows,
                  struct jb_skill ret[JB_SKILL_PARTS], struct jb_error *err)
{
    JB_AUTO(jb_free_auto) int64_t *errors = calloc(2 * n_rows + 1, sizeof *errors);

    if (!errors)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for %zu predictions", n_rows);
    for (size_t part = 0; part < JB_SKILL_PARTS; part++) {
        ret[part] = (struct jb_skill){
            .from_ppm = part == 0 ? 0 : (int64_t)(part - 1) * PART_PPM,
            .to_ppm = part == 0 ? INT64_MAX : (int64_t)part * PART_PPM,
        };
        if (part == JB_SKILL_PARTS - 1)
            ret[part].to_ppm = INT64_MAX;
        sum_up(rows, n_rows, errors, errors + n_rows, &ret[part]);
    }
    return JB_OK;
}
