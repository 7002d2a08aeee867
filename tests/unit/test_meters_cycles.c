/* SPDX-License-Identifier: Apache-2.0 */
/* cli/meters_cycles: what can be counted of runs here, and what cannot with the step. R-CYCLES-02, -04. */
#include "cli/meters_cycles.h"
#include "tap.h"

static void is_text(const struct jb_cycles *cycles, const char *want, const char *name)
{
    const struct jb_style style = {.width = 300};
    struct jb_buf out = JB_BUF(4096);

    jb_meters_cycles_text(cycles, &style, &out);
    is_str(jb_buf_text(&out), want, "%s", name);
    jb_buf_release(&out);
}

int main(void)
{
    struct jb_cycles cycles = {.is_user_only = false};

    for (int i = 0; i < JB_CYCLES_EVENTS; i++)
        jb_cycles_absent(JB_CYCLES_DENIED, 3, &cycles.counts[i]);
    is_text(&cycles,
            "\nCycles: not counted: perf_event_paranoid is 3: `sysctl "
            "kernel.perf_event_paranoid=2`, or give joulebook cap_perfmon\n",
            "denied counters with the step");
    cycles.counts[JB_CYCLES_INSTRUCTIONS].is_known = cycles.counts[JB_CYCLES_CYCLES].is_known =
        true;
    jb_cycles_absent(JB_CYCLES_NO_COUNTER, 3, &cycles.counts[JB_CYCLES_REFERENCE]);
    cycles.is_user_only = true;
    is_text(&cycles,
            "\nCycles: instructions, cycles of each run, for method A; without the kernel's part: "
            "cap_perfmon or `sysctl kernel.perf_event_paranoid=1` would add it; ref-cycles not: "
            "this machine's kernel shows no such counter (a virtual machine?)\n",
            "what is counted, and what not");
    json_t *const object = jb_meters_cycles_json(&cycles);
    char *const text = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);
    is_str(text,
           "{\"cycles\":{\"is_counted\":true,\"why_not\":null},\"instructions\":{\"is_counted\":"
           "true,\"why_not\":null},\"is_user_only\":true,\"ref-cycles\":{\"is_counted\":false,"
           "\"why_not\":\"this machine's kernel shows no such counter (a virtual machine?)\"}}",
           "and as JSON");
    free(text);
    json_decref(object);
    return done_testing();
}
