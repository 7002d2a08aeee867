/* SPDX-License-Identifier: Apache-2.0 */
/* What is remembered is found by its bytes alone; a full memo forgets and goes on. R-BILL-02. */
#include "import/bill_int.h"
#include "tap.h"

static struct bill_field field(const char *text)
{
    return (struct bill_field){text, strlen(text)};
}

int main(void)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    struct bill_memo memo = {0};
    int values[2] = {0};
    const struct bill_field ab[] = {field("a"), field("b")};
    const struct bill_field joined[] = {field("ab"), field("")};
    bool good = true;

    if (!jb_bill__memo_init(&memo, 64, 4096))
        bail_out("no memory");
    ok(!jb_bill__recall(&memo, 1, ab, 2), "nothing is there at first");
    jb_bill__remember(&memo, 1, ab, 2, &values[0]);
    ok(jb_bill__recall(&memo, 1, ab, 2) == &values[0], "what was put is found");
    ok(!jb_bill__recall(&memo, 1, joined, 2),
       "not with other borders, though the hash be the same");
    jb_bill__remember(&memo, 1, joined, 2, &values[1]);
    ok(jb_bill__recall(&memo, 1, joined, 2) == &values[1] &&
           jb_bill__recall(&memo, 1, ab, 2) == &values[0],
       "both of one hash");
    for (size_t len = 0; len <= 36; len++)
        for (size_t at = 0; at < len; at++) {
            char other[40];
            memcpy(other, letters, sizeof letters);
            other[at] = '!';
            const struct bill_field a = {letters, len};
            const struct bill_field b = {other, len};
            good = good && jb_bill__hash_fields(1, &a, 1) != jb_bill__hash_fields(1, &b, 1);
            jb_bill__remember(&memo, 9, &a, 1, &values[0]);
            good = good && !jb_bill__recall(&memo, 9, &b, 1) && jb_bill__recall(&memo, 9, &a, 1);
        }
    ok(good, "one byte of any makes a difference, at every place and length");
    ok(memo.n < memo.n_slots && memo.n_bytes <= memo.max_bytes,
       "it never holds more than its room");
    jb_bill__memo_release(&memo);
    return done_testing();
}
