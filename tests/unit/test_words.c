/* SPDX-License-Identifier: Apache-2.0 */
/* The words of the nouns stand in books: each value has one, each word leads back, and none of them changes. */
#include "model/account.h"
#include "model/sample.h"
#include "model/share.h"
#include "tap.h"

#define WORDS(kind, type, n, all)                                                                \
    do {                                                                                         \
        char joined[512] = "";                                                                   \
        bool leads_back = true;                                                                  \
        for (int i = 0; i < (n); i++) {                                                          \
            const char *word = jb_##kind##_name((enum type)i);                                   \
            (void)snprintf(joined + strlen(joined), sizeof joined - strlen(joined), "%s%s",      \
                           i ? "|" : "", word);                                                  \
            leads_back = leads_back && jb_##kind##_from_name(word) == i;                         \
        }                                                                                        \
        is_str(joined, all, "the words of " #kind " are those that stand in books");             \
        ok(leads_back &&jb_##kind##_from_name("no such word") == -1, "and lead back");           \
        is_str(jb_##kind##_name((enum type)(n)), "unknown", "a value that none has is unknown"); \
    } while (0)

int main(void)
{
    WORDS(scope, jb_scope, 12,
          "facility|node|psys|module|package|core|uncore|dram|gpu|rail|battery|other");
    WORDS(device, jb_device, 5, "cpu|dram|gpu|node|other");
    WORDS(semantics, jb_semantics, 6,
          "counter|gauge|gauge-average|busy-time|gauge-since-last|told");
    WORDS(origin, jb_origin, 7, "counter|gauge|calibrated|modelled|rated|billed|stated");
    WORDS(role, jb_role, 5, "post|parent|detail|check|duplicate");
    WORDS(gap, jb_gap, 11,
          "none|counter reset|unread too long|implausible|suspend|device "
          "gone|unreadable|handover|range|stale gauge|no answer");
    WORDS(idle_source, jb_idle_source, 5, "unknown|calibrated|quiet window|stated|modelled");
    WORDS(layer, jb_layer, 3, "measured|reconstructed|predicted");
    WORDS(run_status, jb_run_status, 5, "open|done|interrupted|void|reconciled");
    WORDS(method, jb_method, 4, "A|B|C-1|C-2");
    return done_testing();
}
