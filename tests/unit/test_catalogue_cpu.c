/* SPDX-License-Identifier: Apache-2.0 */
/* A processor by its name: exact, by family, or unknown with a band over all it could be. R-CAT-01, 02, 04 to 07. */
#include "catalogue/catalogue.h"

#include "tap.h"

static struct jb_cpu_power find(const char *name, int64_t n_threads_seen)
{
    struct jb_cpu_power cpu = {.n_candidates = -1};
    if (jb_catalogue_find_cpu(name, n_threads_seen, &cpu, NULL) < 0)
        bail_out("jb_catalogue_find_cpu failed on '%s'", name);
    return cpu;
}

/* Low <= best <= high at every load, none below the one before. */
static bool is_sound(const struct jb_cpu_power *cpu)
{
    const struct jb_power_curve *const c = &cpu->per_thread;
    for (int i = 0; i < JB_CURVE_POINTS; i++) {
        if (c->low_uw[i] < 0 || c->low_uw[i] > c->best_uw[i] || c->best_uw[i] > c->high_uw[i])
            return false;
        if (i > 0 && (c->low_uw[i] < c->low_uw[i - 1] || c->best_uw[i] < c->best_uw[i - 1] ||
                      c->high_uw[i] < c->high_uw[i - 1]))
            return false;
    }
    return c->high_uw[0] > 0 && c->n_threads == 1 && cpu->source[0] != '\0' && cpu->note &&
           cpu->name[0] != '\0';
}

static bool contains(const struct jb_cpu_power *outer, const struct jb_cpu_power *inner)
{
    for (int i = 0; i < JB_CURVE_POINTS; i++)
        if (outer->per_thread.low_uw[i] > inner->per_thread.low_uw[i] ||
            outer->per_thread.high_uw[i] < inner->per_thread.high_uw[i])
            return false;
    return true;
}

static void test_exact(void)
{
    /* 280 W over 128 threads is 2.1875 W; x 0.12, 0.32, 0.75, 1.02. Low ends: x 0.002554, 0.512; high: x 0.162, 1.377. */
    const struct jb_cpu_power milan = find("AMD EPYC 7763 64-Core Processor", 0);
    is_i64(milan.match, JB_CPU_EXACT, "a full model name is an exact match");
    is_str(milan.name, "AMD EPYC 7763", "the match is named as in the table");
    ok(milan.n_threads == 128 && milan.has_tdp && milan.tdp_best_mw == 280000 &&
           milan.n_candidates == 1,
       "EPYC 7763 has 128 threads and 280 W");
    is_i64(milan.per_thread.best_uw[0], 262500, "idle is 0.12 of TDP per thread");
    is_i64(milan.per_thread.best_uw[1], 700000, "10 %% is 0.32 of TDP per thread");
    is_i64(milan.per_thread.best_uw[2], 1640625, "50 %% is 0.75 of TDP per thread");
    is_i64(milan.per_thread.best_uw[3], 2231250, "100 %% is 1.02 of TDP per thread");
    is_i64(milan.per_thread.low_uw[0], 5586, "the low edge is rounded down: 5586.875");
    is_i64(milan.per_thread.high_uw[3], 3012188, "the high edge is rounded up: 3012187.5");
    ok(strstr(milan.source, "AMD product tables"), "the source is named");

    const struct jb_cpu_power cloud = find("Intel(R) Xeon(R) Platinum 8259CL CPU @ 2.50GHz", 0);
    is_i64(cloud.match, JB_CPU_EXACT, "a cloud model with a published curve is an exact match");
    is_i64(cloud.per_thread.best_uw[0], 569900, "its idle is the published 0.5699 W per thread");
    is_i64(cloud.per_thread.best_uw[3], 4639000,
           "its full load is the published 4.639 W per thread");
    ok(!cloud.has_tdp && cloud.n_threads == 0, "what its source does not give stays absent");
    ok(is_sound(&cloud), "its curve has a band");
}

static void test_names(void)
{
    static const char *const same[][2] = {
        {"AMD Ryzen 9 5950X 16-Core Processor", "AMD Ryzen 9 5950X"},
        {"AMD Ryzen 7 7840U w/ Radeon 780M Graphics", "AMD Ryzen 7 7840U"},
        {"AMD FX(tm)-8350 Eight-Core Processor", "AMD FX-8350"},
        {"  intel(r)  XEON(R)   cpu e5-2680 V4 @ 2.40GHz\n", "Intel Xeon E5-2680 v4"},
        {"Intel\xc2\xae Core\xe2\x84\xa2 i7-8700K CPU @ 3.70GHz", "Intel Core i7-8700K"},
        {"AMD Ryzen Threadripper PRO 3995WX 64-Cores", "AMD Ryzen Threadripper PRO 3995WX"},
        {"13th Gen Intel(R) Core(TM) i3-13100E", "Intel Core i3-13100E"},
    };
    for (size_t i = 0; i < JB_ARRAY_LEN(same); i++) {
        const struct jb_cpu_power cpu = find(same[i][0], 0);
        is_str(cpu.name, same[i][1], "marks, clock and filler do not hide '%s'", same[i][1]);
        is_i64(cpu.match, JB_CPU_EXACT, "and it is an exact match");
    }
    char long_name[4096];
    memset(long_name, 'x', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    is_i64(find(long_name, 0).match, JB_CPU_UNKNOWN, "a name of 4 KiB is unknown and does no harm");
}

static void test_threads(void)
{
    /* i7-8700K: 95 W, 6 cores; the table bounds its threads by 6 and 12. 95 / 12 = 7.916667 W. */
    const struct jb_cpu_power open = find("Intel Core i7-8700K", 0),
                              seen = find("Intel Core i7-8700K", 12);
    ok(open.n_threads == 0 && open.match == JB_CPU_EXACT,
       "a range of threads is no number of threads");
    is_i64(seen.n_threads, 12, "what the machine shows settles a range it lies in");
    is_i64(seen.per_thread.best_uw[3], 8075000, "95 W over 12 threads x 1.02 is 8.075 W");
    ok(contains(&open, &seen), "the band of the open number contains the settled one");
    is_i64(find("Intel Core i7-8700K", 2).n_threads, 0,
           "two threads of a six-core part are a virtual machine's, and ignored");
    is_i64(find("Intel Core i7-8700K", 96).n_threads, 0,
           "96 threads of a six-core part are several sockets', and ignored");
    is_i64(find("AMD EPYC 7763", 4).n_threads, 128,
           "a number outside what the table says is ignored");

    /* E5-2686 v3: the table has 120 W and neither cores nor threads. */
    const struct jb_cpu_power bare = find("Intel(R) Xeon(R) CPU E5-2686 v3 @ 2.00GHz", 0);
    is_i64(bare.match, JB_CPU_FAMILY, "a known model without threads takes the band of its family");
    is_str(bare.name, "Intel Xeon E5-2686 v3", "and keeps its name");
    ok(bare.tdp_low_mw == 120000 && bare.tdp_high_mw == 120000 && bare.n_candidates > 10,
       "and its own TDP");
    const struct jb_cpu_power told = find("Intel(R) Xeon(R) CPU E5-2686 v3 @ 2.00GHz", 36);
    is_i64(told.match, JB_CPU_EXACT, "with the threads the machine shows it is exact");
    is_i64(told.per_thread.best_uw[3], 3400000, "120 W over 36 threads x 1.02 is 3.4 W");
}

static void test_family(void)
{
    /* Least: EPYC 9845, 390 W / 320 = 1.21875 W; most: EPYC 72F3, 180 W / 16 = 11.25 W. */
    const struct jb_cpu_power epyc = find("AMD EPYC", 0);
    is_i64(epyc.match, JB_CPU_FAMILY, "the masked name of a virtual machine is a family");
    is_i64(epyc.n_candidates, 145, "all 145 EPYC models with threads stand behind it");
    is_i64(epyc.per_thread.best_uw[3], 3825000,
           "its best is the middle EPYC, 3.75 W per thread, x 1.02");
    is_i64(epyc.per_thread.low_uw[3], 624000, "its low end is the least EPYC x 0.512");
    is_i64(epyc.per_thread.high_uw[3], 15491250, "its high end is the greatest EPYC x 1.377");
    ok(strstr(epyc.name, "family EPYC"), "the name says that it is a family");

    static const struct {
        const char *name;
        const char *family;
    } machines[] = {
        {"AMD EPYC Processor (with IBPB)", "EPYC*"},
        {"AMD EPYC-Milan Processor", "EPYC 3rd Gen*"},
        {"AMD EPYC-Rome Processor", "EPYC 2nd Gen*"},
        {"AMD EPYC 7B13", "EPYC 3rd Gen (Milan)"},
        {"AMD EPYC 9B14", "EPYC 4th Gen (Genoa)"},
        {"Intel(R) Xeon(R) CPU @ 2.20GHz", "Xeon*"},
        {"Intel Xeon Processor (Skylake, IBRS)", "Xeon Skylake*"},
        {"Intel Xeon Processor (Cascadelake)", "Xeon Cascade Lake*"},
        {"Intel(R) Xeon(R) Platinum 8399C CPU @ 2.80GHz", "Xeon Ice Lake"},
        {"Intel(R) Xeon(R) Platinum 8499C CPU @ 2.70GHz", "Xeon Sapphire Rapids"},
        {"Intel Core Processor (Broadwell, IBRS)", "Xeon *Broadwell*"},
    };
    for (size_t i = 0; i < JB_ARRAY_LEN(machines); i++) {
        const struct jb_cpu_power cpu = find(machines[i].name, 0);
        ok(cpu.match == JB_CPU_FAMILY && strstr(cpu.name, machines[i].family) && is_sound(&cpu) &&
               cpu.n_candidates > 3,
           "'%s' is the family %s", machines[i].name, machines[i].family);
    }
    const struct jb_cpu_power milan = find("AMD EPYC-Milan Processor", 0),
                              one = find("AMD EPYC 7763", 0);
    ok(contains(&epyc, &milan) && contains(&milan, &one),
       "a wider family contains the narrower, and that its models");
}

static void test_unknown(void)
{
    const struct jb_cpu_power any = find("QEMU Virtual CPU version 2.5+", 0), none = find(NULL, 0);
    is_i64(any.match, JB_CPU_UNKNOWN, "an unknown processor is said to be unknown");
    is_str(any.name, "unknown processor", "its name says so");
    is_i64(any.n_candidates, 1503,
           "all 1503 server and desktop models with threads stand behind it, none of the others");
    is_i64(find("", 0).match, JB_CPU_UNKNOWN, "so is an empty name");
    ok(any.per_thread.low_uw[3] < any.per_thread.best_uw[3] &&
           any.per_thread.best_uw[3] < any.per_thread.high_uw[3],
       "and it is a band, not one number");
    ok(contains(&none, &any) && contains(&any, &none), "no name and a strange name are the same");
    const struct jb_cpu_power epyc = find("AMD EPYC", 0), xeon = find("Intel Xeon", 0);
    ok(contains(&any, &epyc) && contains(&any, &xeon), "the band covers every server family");
    const struct jb_cpu_power intel = find("Intel Wonder One", 0);
    is_str(intel.name, "unknown Intel processor", "a known vendor narrows the unknown");
    ok(contains(&any, &intel), "and its band lies within the wider one");
    is_i64(find("ARMv8 Processor rev 1", 0).match, JB_CPU_UNKNOWN,
           "an Arm processor without a row is unknown");
}

struct walk {
    int64_t n_lost, n_unsound, n_exact;
};

static jb_rc look_up(void *context, const struct jb_catalogue_cell *cells, size_t n)
{
    struct walk *const walk = context;
    const struct jb_cpu_power cpu = find(cells[0].text, 0);
    (void)n;
    if (strcmp(cpu.name, cells[0].text) != 0) {
        walk->n_lost++;
        diag("'%s' was found as '%s'", cells[0].text, cpu.name);
    }
    walk->n_unsound += !is_sound(&cpu);
    walk->n_exact += cpu.match == JB_CPU_EXACT;
    return JB_OK;
}

static void test_all(void)
{
    static const char *const tables[] = {"cpus", "cpu_power"};
    for (size_t i = 0; i < JB_ARRAY_LEN(tables); i++) {
        struct walk walk = {0};
        size_t n = 0;
        /* The measured rows of cpu_power feed the band and are looked up through cpus. */
        const jb_rc rc =
            jb_catalogue_list(tables[i], i == 0 ? NULL : "modelled", look_up, &walk, &n, NULL);
        ok(rc == JB_OK && n > 0 && walk.n_lost == 0, "every name in %s is found under itself",
           tables[i]);
        is_i64(walk.n_unsound, 0, "every row of %s gives an ordered band and a source", tables[i]);
        ok(walk.n_exact > 0, "%lld of %zu are exact", (long long)walk.n_exact, n);
    }
}

int main(void)
{
    test_exact();
    test_names();
    test_threads();
    test_family();
    test_unknown();
    test_all();
    return done_testing();
}
