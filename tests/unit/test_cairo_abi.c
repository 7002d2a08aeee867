/* SPDX-License-Identifier: Apache-2.0 */
/* Every function is found by its name, or what is missing is named (R-PAGE-13). */
#include "page/cairo_abi.h"

#include "tap.h"

int main(void)
{
    struct cairo_api api = {0};
    struct jb_error error = {0};
    const jb_rc rc = page__cairo_load(&api, &error);

    if (rc < 0) {
        is_i64(rc, JB_E_UNAVAILABLE, "not installed");
        ok(strstr(error.message, ".so.") && strstr(error.hint, "apt install"),
           "what is missing and its package are named");
        return done_testing();
    }
    const char *const bytes = (const char *)&api;
    bool is_whole = true;
    for (size_t at = 0; at < sizeof api; at += sizeof api.fill) {
        void *symbol;
        memcpy(&symbol, bytes + at, sizeof symbol);
        is_whole = is_whole && symbol;
    }
    ok(is_whole, "no function is left out of the table");
    return done_testing();
}
