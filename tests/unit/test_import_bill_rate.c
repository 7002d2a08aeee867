/* SPDX-License-Identifier: Apache-2.0 */
/* What machines, their parts and functions of a bill draw, by hand from the catalogue's rows. R-BILL-10 to -12. */
#include "import_bill.h"

static struct bill_rates rates;

/* Rates remember the group they are of. */
static const struct jb_bill_group *group_of(enum jb_bill_class class, enum jb_bill_part part,
                                            const char *provider, const char *instance)
{
    static struct jb_bill_group groups[16];
    static size_t n;

    if (n == JB_ARRAY_LEN(groups))
        bail_out("too many groups");
    groups[n] = (struct jb_bill_group){.class = class,
                                       .part = part,
                                       .provider = provider,
                                       .instance = instance,
                                       .service = "service",
                                       .account = "",
                                       .run = "",
                                       .reason = "",
                                       .region = "",
                                       .unit = "",
                                       .currency = ""};
    return &groups[n++];
}

static const struct bill_rate *find(const struct jb_bill_group *group, bool has_own_cpu)
{
    struct jb_error err = {0};
    size_t at = 0;

    book_must(bill_rate_find(&rates, group, has_own_cpu, &at, &err), &err, "rate");
    return &rates.list[at];
}

/* Watts of a rate's best figure to milliwatts: it is that of 1000 h. */
static int64_t mw(const struct jb_figure *rate)
{
    return jb_muldiv_sat_i64(rate->best, 1, 1000 * WH_UJ / 1000, JB_ROUND_NEAREST);
}

static void test_machines(void)
{
    const struct jb_bill_group *const micro =
        group_of(JB_BILL_INSTANCE, JB_BILL_WHOLE, "AWS", "t2.micro");
    const struct jb_bill_group *const half =
        group_of(JB_BILL_INSTANCE, JB_BILL_WHOLE, "Amazon Web Services, Inc.", "p2.xlarge");
    const struct bill_rate *rate = find(micro, false);

    /* One thread of a E5-2676 v3 at half load 3.5412 W, 1 GiB at 0.375 W, and a fifth for the rest. */
    is_i64(mw(&rate->whole_uj), 4699, "t2.micro: (3.5412 W + 0.375 W) x 1.2 = 4.699 W");
    ok(!rate->boards_uj.is_known, "has no boards");
    is_str(rate->label, "aws t2.micro", "and a name");
    ok(rate->whole_uj.low < rate->whole_uj.best / 4 && rate->whole_uj.high > rate->whole_uj.best,
       "from idle to full load: a bill tells no use");
    rate = find(half, false);
    is_i64(rate->n_boards_milli, 500, "p2.xlarge is half a K80");
    is_i64(mw(&rate->boards_uj), 110850, "of 300 W, in training at 0.739: 110.85 W");
    ok(rate->boards_uj.low < rate->boards_uj.best / 3, "down to idle, for the hours were held");
    ok(rate->whole_uj.best > rate->boards_uj.best, "the host comes to it");
    const size_t n = rates.n;
    (void)find(micro, false);
    is_i64((int64_t)rates.n, (int64_t)n, "a name is worked out once");
}

static void test_parts(void)
{
    const struct jb_bill_group *const memory =
        group_of(JB_BILL_INSTANCE, JB_BILL_MEMORY_GIB, "Google", "N1");
    const struct jb_bill_group *const cpu =
        group_of(JB_BILL_INSTANCE, JB_BILL_VCPU, "Google", "N1");
    const struct jb_bill_group *const board =
        group_of(JB_BILL_INSTANCE, JB_BILL_GPU, "Google", "Nvidia Tesla T4");
    const struct jb_bill_group *const function =
        group_of(JB_BILL_FUNCTION, JB_BILL_MEMORY_GIB, "AWS", "");
    const int64_t memory_mw = mw(&find(memory, false)->whole_uj);
    const int64_t cpu_mw = mw(&find(cpu, false)->whole_uj);

    is_i64(memory_mw, 450, "a GiB: 0.375 W x 1.2");
    is_i64(mw(&find(board, false)->whole_uj), 62076, "a T4 alone: 70 W x 0.739 x 1.2");
    is_i64(find(board, false)->n_boards_milli, 1000, "is one board");
    ok(cpu_mw > 1000 && cpu_mw < 6000, "a thread of any server is some watts");
    is_i64(mw(&find(function, false)->whole_uj), 450, "memory of a function, processors apart");
    /* 1769 MiB and one thread, of which a GiB is 1024 / 1769. */
    const int64_t want = memory_mw + jb_muldiv_sat_i64(cpu_mw, 1024, 1769, JB_ROUND_NEAREST);
    ok(off_ppm(mw(&find(function, true)->whole_uj), want) < 1000,
       "a GiB of Lambda has 0.579 threads with it: %lld mW", (long long)want);
}

static void test_unknown(void)
{
    const struct jb_bill_group *const type =
        group_of(JB_BILL_INSTANCE, JB_BILL_WHOLE, "AWS", "x99.large");
    const struct jb_bill_group *const board =
        group_of(JB_BILL_INSTANCE, JB_BILL_GPU, "Google", "Nvidia Z9000");
    const struct jb_bill_group *const time = group_of(JB_BILL_FUNCTION, JB_BILL_WHOLE, "AWS", "");

    is_str(find(type, false)->why_not, "instance type 'x99.large' of AWS is not in the catalogue",
           "no type is guessed");
    is_str(find(board, false)->why_not,
           "accelerator 'Nvidia Z9000' of Google is not in the catalogue", "nor an accelerator");
    is_str(find(time, false)->why_not, "time of functions whose memory is not told: service",
           "nor the memory of a function");
    ok(!find(type, false)->whole_uj.is_known, "and nothing has figures");
}

static void test_energy(void)
{
    const struct jb_figure rate = {.is_known = true, .low = 1000, .best = 2000, .high = 3001};
    struct jb_error err = {0};
    struct jb_figure got = {0};

    ok(bill_rate_energy(&rate, BILL_RATE_US / 2, &got, &err) == JB_OK && got.low == 500 &&
           got.best == 1000 && got.high == 1501,
       "half the time, edges outward");
    const struct jb_figure large = {.is_known = true, .low = 1, .best = 1, .high = INT64_MAX / 2};
    ok(bill_rate_energy(&large, 3 * BILL_RATE_US, &got, &err) == JB_E_RANGE && got.best == 1000,
       "what passes 64 bits is refused");
}

int main(void)
{
    test_machines();
    test_parts();
    test_unknown();
    test_energy();
    bill_rates_release(&rates);
    return done_testing();
}
