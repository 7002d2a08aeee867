/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a site's table: taken or refused with file and line. The first byte chooses the table. R-CAT-30, R-CAT-31. */
#include "catalogue/catalogue_int.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const tables[] = {
        "accelerators.csv",   "instances.csv",   "regions.csv", "pue.csv",
        "grid_intensity.csv", "equivalents.csv", "cpus.csv"};
    struct jb_error err = {0};
    if (size == 0)
        return 0;
    struct catalogue__site *const site = catalogue__site_new();
    if (!site)
        return 0;
    if (catalogue__site_add(site, tables[data[0] % JB_ARRAY_LEN(tables)], "fuzz",
                            (const char *)data + 1, size - 1, &err) < 0 &&
        err.message[0] == '\0')
        abort();
    catalogue__site_free(site);
    return 0;
}
