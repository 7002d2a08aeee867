/* SPDX-License-Identifier: Apache-2.0 */
/* R-CASE-10: categories as tables 6.1 and 7.3 of the thesis print them, typed in here from print. */
#include "../tap.h"

#include "case/case.h"

int main(void)
{
    static const struct {
        const char *key, *letters;
    } printed[] = {
        {"complexity", "ST"},     {"innovation", "ST"},
        {"incentive", "OS"},      {"knowledge", "OS"},
        {"awareness", "OS"},      {"evaluation", "O"},
        {"training_time", "OT"},  {"hardware", "OS"},
        {"updating", "OS"},       {"conflicts", "OS"},
        {"provider_tools", "O"},  {"enforcement", "TP"},
        {"science_tools", "T"},   {"provider_information", "OS"},
        {"science_society", "S"},
    };

    for (size_t i = 0; i < JB_ARRAY_LEN(printed); i++) {
        const int id = jb_restriction_from_key(printed[i].key);
        char letters[8] = "";
        size_t n = 0;
        for (int c = 0; id >= 0 && c < JB_CATEGORIES; c++)
            if (jb_restrictions[id].directions[c])
                letters[n++] = jb_category_letter((enum jb_category)c);
        is_str(letters, printed[i].letters, "%s", printed[i].key);
    }
    is_i64(JB_ARRAY_LEN(printed), JB_RESTRICTIONS, "there are fifteen");
    is_i64(jb_restriction_from_key("hardwear"), -1, "another is none");
    is_str(jb_category_name(JB_CATEGORY_P), "policy", "categories have names");
    is_i64(jb_perspective_from_name(jb_perspective_name(JB_PERSPECTIVE_SCIENTIFIC)),
           JB_PERSPECTIVE_SCIENTIFIC, "so have perspectives");
    return done_testing();
}
