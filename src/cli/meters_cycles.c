/* SPDX-License-Identifier: Apache-2.0 */
/* What a probe of the processors' counters found, in words: counted, counted of the user's part only, or why not and the step. */
#include "cli/meters_cycles.h"

#include "report/table.h"

void jb_meters_cycles_text(const struct jb_cycles *cycles, const struct jb_style *style,
                           struct jb_buf *out)
{
    struct jb_buf text = JB_BUF(1024);
    const struct jb_cycles_count *const counts = cycles->counts;
    bool is_first = true;

    if (jb_cycles_is_absent(cycles)) {
        jb_buf_addf(&text, "not counted: %s", counts[JB_CYCLES_CYCLES].why_not);
    } else {
        for (int i = 0; i < JB_CYCLES_EVENTS; i++) {
            if (counts[i].is_known)
                jb_buf_addf(&text, "%s%s", is_first ? "" : ", ",
                            jb_cycles_event_name((enum jb_cycles_event)i));
            is_first = is_first && !counts[i].is_known;
        }
        jb_buf_addf(&text, " of each run, for method A%s",
                    cycles->is_user_only ? "; without the kernel's part: cap_perfmon or "
                                           "`sysctl kernel.perf_event_paranoid=1` would add it"
                                         : "");
        for (int i = 0; i < JB_CYCLES_EVENTS; i++)
            if (!counts[i].is_known)
                jb_buf_addf(&text, "; %s not: %s", jb_cycles_event_name((enum jb_cycles_event)i),
                            counts[i].why_not);
    }
    jb_text_wrap(jb_buf_text(&text), "\nCycles: ", "  ", style, out);
    jb_buf_release(&text);
}

json_t *jb_meters_cycles_json(const struct jb_cycles *cycles)
{
    json_t *const object = json_pack("{s:b}", "is_user_only", (int)cycles->is_user_only);
    bool is_whole = object != NULL;

    for (int i = 0; i < JB_CYCLES_EVENTS; i++) {
        const struct jb_cycles_count *const count = &cycles->counts[i];
        json_t *const why = count->is_known ? json_null() : json_string(count->why_not);
        is_whole = json_object_set_new(object, jb_cycles_event_name((enum jb_cycles_event)i),
                                       json_pack("{s:b, s:o}", "is_counted", (int)count->is_known,
                                                 "why_not", why)) == 0 &&
                   is_whole;
    }
    if (is_whole)
        return object;
    json_decref(object);
    return NULL;
}
