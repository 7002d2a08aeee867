/* SPDX-License-Identifier: Apache-2.0 */
/* The distance of two words is the known one. */
#include "base/apart.h"
#include "tap.h"

int main(void)
{
    char as[201], bs[201];

    memset(as, 'a', 200);
    memset(bs, 'b', 200);
    as[200] = bs[200] = '\0';
    is_i64((int64_t)jb_words_apart("show", "shwo"), 2, "two letters apart");
    is_i64((int64_t)jb_words_apart("", "abc"), 3, "all letters apart");
    is_i64((int64_t)jb_words_apart("kitten", "sitting"), 3, "the example of the textbooks");
    is_i64((int64_t)jb_words_apart("same", "same"), 0, "none apart");
    is_i64((int64_t)jb_words_apart(as, bs), 64, "of long words only the beginning counts");
    return done_testing();
}
