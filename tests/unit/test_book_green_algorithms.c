/* SPDX-License-Identifier: Apache-2.0 */
/* Exports of the calculator, worked out by hand. R-BOOKS-60. */
#include "import_book.h"

#define HEADER                                                                                     \
    "coreType;CPUmodel;numberCPUs;tdpCPU;usageCPU;CPUpower;GPUmodel;numberGPUs;usageGPU;GPUpower;" \
    "memory;runTime_hour;runTime_min;runTime;location;carbonIntensity;PUE;PSF;carbonEmissions;"    \
    "energy_needed;power_needed;appVersion\n"

static struct book_folder folder;
static const struct jb_import_asked plain = {.utc_offset_s = 0};

static void take(const char *text)
{
    (void)take_text_as(&folder, "green-algorithms", "ga.csv", text, &plain);
}

static void refuses(const char *text, const char *part)
{
    take(text);
    ok(took.rc == JB_E_INPUT && took.n == 0 && strstr(took.err.message, part),
       "refused for '%s': %s", part, took.err.message);
}

int main(void)
{
    const struct jb_rebuilt *const run = &took.runs[0];

    folder = book_new_folder();
    /* 10 h x (12 x 10 W + 2 x 250 W x 0.5 + 80 GB x 0.3725 W) x 1.5 = 3.998 x 1.5 = 5.997 kWh */
    take(HEADER
         "Both;Xeon;12;10;1.0;10;V100;2;0.5;250;80;10;0;10.0;NL;400;1.5;1;2398.8;5.997;599.7;"
         "v2.2\n");
    ok(took.rc == JB_OK && took.n == 1 && run->n_lines == 3, "an export is a run: %s",
       took.err.message);
    is_i64(run->lines[0].energy_uj.best + run->lines[1].energy_uj.best +
               run->lines[2].energy_uj.best,
           KWH_UJ / 1000 * 5997, "its parts sum to what it tells");
    is_i64(find_line(run, "green-algorithms/gpu")->energy_uj.best, KWH_UJ / 1000 * 3750,
           "250 W for 10 h with PUE 1.5");
    ok(run->is_pue_included && run->run.pue_milli == 1500, "its PUE is in them");
    ok(run->method == JB_METHOD_B && run->lines[0].origin == JB_ORIGIN_RATED, "rated, method B");
    ok(!has_note(run, "by its own formula") && run->has_no_times, "they agree; it tells no time");
    is_i64(run->told_gco2e_ug.best, INT64_C(2398800000), "its carbon is told");
    is_str(run->run.place, "NL", "its place");
    take(HEADER "CPU;Xeon;12;10;1.0;10;;;;;0;10;0;10;NL;400;1;3;1440;9.9;360;v2.2\n");
    ok(has_note(run, "3600 Wh by its own formula, not the 9900 Wh") &&
           has_note(run, "multiplied by 3.000"),
       "a total that disagrees is said (R-BOOKS-60)");
    take("energy_needed,runTime\n2,1\n");
    ok(took.n == 1 && find_line(run, "green-algorithms/total")->energy_uj.best == 2 * KWH_UJ,
       "a total alone");
    take("energy_needed,runTime\n0,1\n");
    ok(took.n == 0 && n_left("no energy") == 1, "nothing filled in is no run");
    refuses("", "empty");
    refuses("a,b\n", "energy_needed");
    refuses("energy_needed,PUE\n1,0.5\n", "'PUE'");
    refuses("energy_needed,runTime\nx,1\n", "line 2, 'energy_needed'");
    refuses("energy_needed,runTime\n1,x\n", "line 2, 'runTime'");
    refuses("energy_needed,runTime\n1\n", "1 fields under a header of 2");
    book_remove_folder(&folder);
    return done_testing();
}
