/* SPDX-License-Identifier: Apache-2.0 */
/* Regions of a bill to zone and PUE, and what the user states before them. R-BILL-14. */
#include "import_bill.h"

static struct jb_rebuilt rebuilt;

static void place(const char *provider, const char *region, const struct jb_run *facts)
{
    const struct jb_bill_group group = {.provider = provider, .region = region};

    rebuilt = (struct jb_rebuilt){.run = *facts};
    rebuilt.run.start_utc_us = INT64_C(1725148800000000);
    bill_set_place(&group, facts, &rebuilt);
}

int main(void)
{
    struct jb_run stated = bill_facts;

    place("AWS", "us-west-2", &bill_facts);
    is_str(rebuilt.run.place, "US-OR", "Oregon's grid");
    ok(rebuilt.run.pue_milli >= 1050 && rebuilt.run.pue_milli <= 1250, "a PUE as AWS tells: %lld",
       (long long)rebuilt.run.pue_milli);
    ok(rebuilt.n_notes == 1 && strstr(rebuilt.notes[0], "as its provider tells") != NULL,
       "which a note says");
    place("AWS", "mars-1", &bill_facts);
    is_str(rebuilt.run.place, "", "a region that nobody knows is no place");
    is_i64(rebuilt.run.pue_milli, -1, "and has no PUE");
    ok(strstr(rebuilt.notes[0], "'mars-1' is not in the catalogue") != NULL, "which a note says");
    place("AWS", "", &bill_facts);
    ok(rebuilt.n_notes == 1 && rebuilt.run.place[0] == '\0', "nor has what tells no region");
    book_text(stated.place, sizeof stated.place, "NL");
    stated.pue_milli = 1300;
    place("AWS", "us-west-2", &stated);
    is_str(rebuilt.run.place, "NL", "a stated place goes before the region's");
    is_i64(rebuilt.run.pue_milli, 1300, "and so does a PUE");
    return done_testing();
}
