/* SPDX-License-Identifier: Apache-2.0 */
/* Counts to a line of the spool and back, digit by digit; what they mean is settled when it is read. R-CYCLES-06. */
#include "pipeline/cycles_record.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/num.h"
#include "pipeline/marks_file.h"

#define WORD "cycles"

/* "cycles 0 -1 raw enabled running why ...": three numbers and the reason, one of which is nothing, for each event. */
jb_rc jb_cycles_to_line(const struct jb_cycles *cycles, char *line, size_t size,
                        struct jb_error *err)
{
    struct jb_buf text = JB_BUF(JB_MARK_TEXT - 1);

    jb_buf_addf(&text, "%c" WORD " %d %" PRId64, JB_MARK_OURS, (int)cycles->is_user_only,
                cycles->paranoid);
    for (size_t i = 0; i < JB_CYCLES_EVENTS; i++) {
        const struct jb_cycles_count *const count = &cycles->counts[i];
        jb_buf_addf(&text, " %d %" PRId64 " %" PRId64 " %" PRId64, (int)count->absence, count->raw,
                    count->enabled_ns, count->running_ns);
    }
    const bool fits = text.failed == JB_OK && text.len < size;
    if (fits)
        memcpy(line, jb_buf_text(&text), text.len + 1);
    jb_buf_release(&text);
    return fits ? JB_OK : jb_fail(err, JB_E_RANGE, NULL, "the counts of a run do not fit a line");
}

static bool next_number(const char **at, int64_t *ret)
{
    const size_t len = strcspn(*at, " ");
    const bool is_number = jb_parse_i64(*at, len, false, ret) == JB_OK;

    *at += len + ((*at)[len] == ' ' ? 1 : 0);
    return is_number;
}

jb_rc jb_cycles_from_line(const char *line, struct jb_cycles *ret, struct jb_error *err)
{
    static const char word[] = WORD " ";
    struct jb_cycles cycles = {.is_user_only = false};
    const char *at = line + 1;
    int64_t is_user_only = 0;
    bool is_right = line[0] == JB_MARK_OURS && strncmp(at, word, strlen(word)) == 0;

    at += is_right ? strlen(word) : 0;
    is_right = is_right && next_number(&at, &is_user_only) && next_number(&at, &cycles.paranoid);
    for (size_t i = 0; i < JB_CYCLES_EVENTS && is_right; i++) {
        int64_t absence, raw, enabled_ns, running_ns;
        is_right = next_number(&at, &absence) && next_number(&at, &raw) &&
                   next_number(&at, &enabled_ns) && next_number(&at, &running_ns) && absence >= 0 &&
                   absence < INT32_MAX;
        if (is_right && absence == JB_CYCLES_THERE)
            jb_cycles_settle(raw, enabled_ns, running_ns, &cycles.counts[i]);
        else if (is_right)
            jb_cycles_absent((enum jb_cycles_absence)absence, cycles.paranoid, &cycles.counts[i]);
    }
    if (!is_right)
        return jb_fail(err, JB_E_INPUT, NULL, "a line of the spool tells no cycles");
    cycles.is_user_only = is_user_only != 0;
    *ret = cycles;
    return JB_OK;
}
