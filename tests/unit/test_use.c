/* SPDX-License-Identifier: Apache-2.0 */
/* Looking up boards and their users; a copy carries what is used and no more. */
#include "model/use.h"

#include "tap.h"

int main(void)
{
    static struct jb_uses uses, copy;
    const uint64_t a = jb_use_key("0190aaaa-0000-7000-8000-000000000001");
    const uint64_t b = jb_use_key("0190aaaa-0000-7000-8000-000000000002");

    ok(a != b && a == jb_use_key("0190aaaa-0000-7000-8000-000000000001"),
       "a run's key is its own, and always the same");
    uses.n_boards = 2;
    uses.boards[0].channel = 7;
    uses.boards[1].channel = 3;
    uses.boards[1].busy_ns = 11;
    uses.n_uses = 3;
    uses.uses[0] = (struct jb_use){.run = a, .channel = 7, .busy_ns = 1};
    uses.uses[1] = (struct jb_use){.run = a, .channel = 3, .busy_ns = 2};
    uses.uses[2] = (struct jb_use){.run = b, .channel = 3, .busy_ns = 3};
    uses.uses[3] = (struct jb_use){.run = b, .channel = 7, .busy_ns = 4};
    is_i64(jb_uses_board(&uses, 3)->busy_ns, 11, "a board is found by its channel");
    ok(!jb_uses_board(&uses, 0), "one that says nothing is not there");
    is_i64(jb_uses_find(&uses, a, 3)->busy_ns, 2, "a use is found by run and board");
    ok(!jb_uses_find(&uses, b, 7), "what lies beyond the end is not there");
    jb_uses_copy(&copy, &uses);
    ok(jb_uses_find(&copy, b, 3)->busy_ns == 3 && jb_uses_board(&copy, 3)->busy_ns == 11 &&
           copy.uses[3].busy_ns == 0,
       "a copy has what is used, and nothing of what is not");
    return done_testing();
}
