/* SPDX-License-Identifier: Apache-2.0 */
/* Slurm's ways to write values. R-BOOKS-22, R-BOOKS-23. */
#include "import/book_sacct_int.h"
#include "tap.h"

#define S INT64_C(1000000000)

static void is_duration(const char *text, int64_t want_ns)
{
    int64_t ns = -1;

    ok(sacct__duration(text, strlen(text), &ns) == JB_OK && ns == want_ns, "duration %s", text);
}

static void is_none(const char *text)
{
    int64_t ns = -1;

    ok(sacct__duration(text, strlen(text), &ns) < 0 && ns == -1, "no duration: '%s'", text);
}

static void is_memory(const char *text, int64_t want_mib)
{
    int64_t mib = -1;

    ok(sacct__memory(text, strlen(text), 8, 2, &mib) == JB_OK && mib == want_mib, "memory %s",
       text);
}

static void is_energy(const char *text, int64_t low, int64_t best, int64_t high)
{
    struct jb_figure uj = {.is_known = false};

    ok(sacct__energy(text, strlen(text), &uj) == JB_OK && uj.is_known == (best > 0) &&
           uj.low == low && uj.best == best && uj.high == high,
       "energy '%s'", text);
}

static void test_tres(void)
{
    static const char text[] = "billing=96,cpu=1.5K,energy=1200,fs/disk=0,gres/gpu:v100=2,"
                               "gres/gpu:a100=4,gres/gpu=6,mem=2T,node=12";
    struct sacct_tres tres;

    ok(sacct__tres(text, sizeof text - 1, &tres) == JB_OK, "resources");
    ok(tres.n_cpus == 1500 && tres.n_nodes == 12 && tres.memory_mib == 2097152, "amounts");
    ok(tres.n_gpus == 6 && tres.n_gpu_types == 2 && strcmp(tres.gpu_type, "v100") == 0,
       "GPUs of two types are six");
    is_i64(tres.energy_uj.best, 1200000000, "energy in J");
    ok(sacct__tres("gres/gpu:a100=4", 15, &tres) == JB_OK && tres.n_gpus == 4, "only by type");
    ok(sacct__tres("cpu=00:10:00,mem=12K", 20, &tres) == JB_OK && tres.n_cpus == 0,
       "a time of CPU is no number of them");
    ok(sacct__tres("", 0, &tres) == JB_OK && tres.n_cpus == 0, "nothing");
    ok(sacct__tres("cpu", 3, &tres) == JB_E_INPUT &&
           sacct__tres("cpu=-1", 6, &tres) == JB_E_INPUT &&
           sacct__tres("mem=4Q", 6, &tres) == JB_E_INPUT,
       "others are refused");
}

int main(void)
{
    is_duration("00:00", 0);
    is_duration("01:02", 62 * S);
    is_duration("01:02.500", 62 * S + S / 2);
    is_duration("10:01:02", 36062 * S);
    is_duration("2-03:04:05", 183845 * S);
    is_duration("1-12", 129600 * S);
    is_duration("59", 59 * S);
    is_none("");
    is_none("-");
    is_none("1-");
    is_none("1:2:3:4");
    is_none("a");
    is_none("1:b");
    is_none("00:01x");
    is_none("99999999999999999999");
    is_memory("4G", 4096);
    is_memory("4Gc", 32768);
    is_memory("4Gn", 8192);
    is_memory("1.5T", 1572864);
    is_memory("512K", 0);
    is_memory("2000", 2000);
    is_memory("", -1);
    is_memory("?", -1);
    is_energy("", 0, 0, 0);
    is_energy("0", 0, 0, 0);
    is_energy("18446744073709551614", 0, 0, 0);
    is_energy("12", 12000000, 12000000, 12000000);
    is_energy("12.3K", 12250000000, 12300000000, 12350000000);
    is_energy("2G", INT64_C(1500000000000000), INT64_C(2000000000000000),
              INT64_C(2500000000000000));
    test_tres();
    return done_testing();
}
