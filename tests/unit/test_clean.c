/* SPDX-License-Identifier: Apache-2.0 */
/* Only whole UTF-8 characters that a terminal does not obey are stored. */
#include "base/clean.h"
#include "tap.h"

int main(void)
{
    char buf[12];

    is_i64((int64_t)jb_clean_character("a", 1), 1, "a letter has one byte");
    is_i64((int64_t)jb_clean_character("\xC3\xA4", 2), 2, "an umlaut has two");
    is_i64((int64_t)jb_clean_character("\xE2\x82\xAC", 3), 3, "the euro sign has three");
    is_i64((int64_t)jb_clean_character("\xF0\x9F\x94\x8B", 4), 4, "a battery has four");
    ok(jb_clean_character("\x1B", 1) == 0 && jb_clean_character("\x7F", 1) == 0 &&
           jb_clean_character("\xC2\x9B", 2) == 0,
       "escape, delete and the one-byte CSI may not stand");
    ok(jb_clean_character("\xC3", 1) == 0 && jb_clean_character("\xA4", 1) == 0 &&
           jb_clean_character("\xC0\xAF", 2) == 0 && jb_clean_character("\xED\xA0\x80", 3) == 0 &&
           jb_clean_character("\xF4\x90\x80\x80", 4) == 0,
       "half a character, an overlong one, a surrogate and what is beyond Unicode may not stand");
    ok(jb_clean_is("caf\xC3\xA9") && !jb_clean_is("caf\xE9") && !jb_clean_is("a\nb"),
       "a text is clean if all of it is");

    jb_clean_copy("caf\xE9\x1B[0m", buf, sizeof buf);
    is_str(buf, "caf??[0m", "what may not stand becomes a question mark");
    jb_clean_copy("12345678901", buf, sizeof buf);
    is_str(buf, "12345678901", "a text that just fits stays whole");
    jb_clean_copy("123456789012", buf, sizeof buf);
    is_str(buf, "12345678...", "a longer one is cut and says so");
    jb_clean_copy("1234567\xE2\x82\xAC"
                  "890",
                  buf, sizeof buf);
    is_str(buf, "1234567...", "never within a character");
    jb_clean_copy("", buf, sizeof buf);
    is_str(buf, "", "nothing stays nothing");
    return done_testing();
}
