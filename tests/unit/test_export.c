/* SPDX-License-Identifier: Apache-2.0 */
/* The table of formats: R-EXPORT-05. */
#include "../tap.h"
#include "export_rig.h"

int main(void)
{
    struct rig rig;
    struct jb_error err;
    JB_AUTO(jb_buf_release) struct jb_buf out = JB_BUF(65536);

    ok(jb_export_find("hf-cards") == NULL && jb_export_find("") == NULL, "no name is guessed");
    for (size_t i = 0; jb_export_formats[i]; i++) {
        const struct jb_export_format *const format = jb_export_formats[i];
        ok(jb_export_find(format->name) == format && format->summary[0] && format->file[0],
           "%s is found by its name", format->name);
        rig_make(&rig, 0x7);
        rig.options.publisher = "Lab";
        for (size_t k = 0; k < 3; k++)
            rig_tariff(&rig.runs[k]);
        ok(rig_write(&rig, format->name, &out, &err)[0] != '\0', "%s writes what is there: %s",
           format->name, err.message);
        struct jb_buf small = JB_BUF(64);
        ok(format->write(&rig.inventory, &rig.options, &small, &err) < 0,
           "%s that does not fit is an error, never cut", format->name);
        jb_buf_release(&small);
        rig_make(&rig, 0);
        is_str(rig_write(&rig, format->name, &out, &err), "", "%s of no run is refused",
               format->name);
        is_i64(err.code, JB_E_NOT_FOUND, "as not found");
    }
    return done_testing();
}
