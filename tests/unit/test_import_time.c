/* SPDX-License-Identifier: Apache-2.0 */
/* Times with and without a zone, against `date -u`. R-BOOKS-03. */
#include "import/import_int.h"
#include "tap.h"

/* 2024-05-10T11:00:00Z */
#define UTC_NS INT64_C(1715338800000000000)

static void is_time(const char *text, int64_t want_ns, bool want_zone)
{
    int64_t ns = 0;
    bool has_zone = !want_zone;

    ok(import__parse_time(text, strlen(text), &ns, &has_zone) == JB_OK && ns == want_ns &&
           has_zone == want_zone,
       "%s", text);
}

static void is_none(const char *text)
{
    int64_t ns = 0;
    bool has_zone;

    ok(import__parse_time(text, strlen(text), &ns, &has_zone) < 0, "no time: '%s'", text);
}

int main(void)
{
    is_time("2024-05-10T11:00:00", UTC_NS, false);
    is_time("2024-05-10 11:00:00", UTC_NS, false);
    is_time("2024-05-10T11:00:00.25", UTC_NS + 250000000, false);
    is_time("2024-05-10T11:00:00Z", UTC_NS, true);
    is_time("2024-05-10T13:00:00+02:00", UTC_NS, true);
    is_time("2024-05-10T06:30:00.5-0430", UTC_NS + 500000000, true);
    is_none("2024-05-10T11:00");
    is_none("2024-05-10T11:00:00.");
    is_none("2024-05-10T11:00:00 ");
    is_none("2024-05-10T11:00:00+15:00");
    is_none("2024-02-30T11:00:00");
    is_none("9999-02-20T11:00:00");
    is_none("");
    return done_testing();
}
