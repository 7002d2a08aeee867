/* SPDX-License-Identifier: Apache-2.0 */
/* The shipped cases are in the executable, are those of examples/cases, and name no person and no firm. */
#include "../tap.h"

#include "base/os.h"
#include "case/case.h"

int main(void)
{
    /* Providers, and what firms and persons carry with their names. */
    static const char *const firms[] = {"Azure", "Microsoft", "Google", "Amazon", "IBM",
                                        "B.V.",  "N.V.",      "Ltd",    "Inc.",   "GmbH",
                                        "LLP",   "Mr.",       "Ms.",    "Dr."};
    const char *name;
    size_t n = 0;

    for (; (name = jb_case_shipped_name(n)); n++) {
        JB_AUTO(jb_case_free_auto) struct jb_case *one = NULL;
        JB_AUTO(jb_case_free_auto) struct jb_case *file = NULL;
        struct jb_error err = {0};
        char path[128];
        (void)snprintf(path, sizeof path, "examples/cases/%s.yaml", name);
        ok(jb_case_open(name, &one, &err) == JB_OK, "%s is read", name);
        if (err.message[0])
            diag("%s", err.message);
        ok(jb_case_open(path, &file, &err) == JB_OK && one && file &&
               strcmp(one->title, file->title) == 0,
           "%s is the file of that name", name);
        is_str(one ? one->id : "", name, "and is called what it is called");
        for (size_t i = 0; i < JB_ARRAY_LEN(firms); i++)
            if (strstr(jb_case_shipped_text(name), firms[i]))
                ok(false, "%s does not name %s", name, firms[i]);
    }
    is_i64((int64_t)n, 4, "there are four");
    JB_AUTO(jb_case_free_auto) struct jb_case *none = NULL;
    struct jb_error err = {0};
    ok(jb_case_open("asphalt", &none, &err) == JB_E_NOT_FOUND && strstr(err.hint, "asphalt-damage"),
       "one that is not there is refused with those that are");
    ok(jb_case_shipped_text("../asphalt-damage") == NULL, "a path is no name");
    return done_testing();
}
