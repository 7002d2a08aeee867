/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of a machine's meters to numbers (R-SENSOR-90 to -93). Must never take half an answer for a whole one. */
#include "sensor/node_answer.h"

#include <string.h>

#include "base/compiler.h"
#include "base/cursor.h"
#include "base/num.h"

#define POWER_IS_MEASURED 0x40
#define HAS_POWER         0x01

/* IPMI 2.0, table 5-2; DCMI adds 0x80 to 0x83 of its own, which name parameters that we do not send. */
static const struct {
    uint8_t code;
    jb_rc rc;
} completions[] = {
    {0x00, JB_OK},
    {0xc0, JB_E_AGAIN},       /* node busy */
    {0xc1, JB_E_UNAVAILABLE}, /* invalid command */
    {0xc2, JB_E_UNAVAILABLE}, /* invalid for this unit */
    {0xc3, JB_E_AGAIN},       /* timeout */
    {0xc4, JB_E_AGAIN},       /* out of space */
    {0xcb, JB_E_UNAVAILABLE}, /* requested data not present */
    {0xcc, JB_E_UNAVAILABLE}, /* invalid data field */
    {0xce, JB_E_AGAIN},       /* response could not be provided */
    {0xd0, JB_E_AGAIN},       /* in initialisation or update */
    {0xd1, JB_E_AGAIN},
    {0xd2, JB_E_AGAIN},
    {0xd4, JB_E_PERMISSION},  /* insufficient privilege, or disabled */
    {0xd5, JB_E_AGAIN},       /* not supported in the present state */
    {0xd6, JB_E_UNAVAILABLE}, /* function disabled */
};

/* Completion code and group; the cursor then stands behind both. */
static jb_rc begin_answer(struct jb_cursor *at)
{
    const uint8_t code = jb_cursor_u8(at);

    if (at->failed)
        return JB_E_AGAIN;
    for (size_t i = 0; i < JB_ARRAY_LEN(completions); i++)
        if (completions[i].code == code && completions[i].rc < 0)
            return completions[i].rc;
    return code != 0 || jb_cursor_u8(at) != DCMI_GROUP || at->failed ? JB_E_AGAIN : JB_OK;
}

jb_rc dcmi__parse_power(const uint8_t *bytes, size_t len, struct dcmi_power *ret)
{
    struct jb_cursor at = jb_cursor_over(bytes, len);
    const jb_rc rc = begin_answer(&at);

    if (rc < 0)
        return rc;
    struct dcmi_power power = {0};
    power.current_w = jb_cursor_u16(&at);
    power.least_w = jb_cursor_u16(&at);
    power.greatest_w = jb_cursor_u16(&at);
    power.average_w = jb_cursor_u16(&at);
    power.stamp_s = jb_cursor_u32(&at);
    power.period_ms = jb_cursor_u32(&at);
    power.is_active = (jb_cursor_u8(&at) & POWER_IS_MEASURED) != 0;
    if (at.failed)
        return JB_E_AGAIN;
    *ret = power;
    return JB_OK;
}

jb_rc dcmi__parse_capabilities(const uint8_t *bytes, size_t len, bool *ret_has_power)
{
    struct jb_cursor at = jb_cursor_over(bytes, len);
    const jb_rc rc = begin_answer(&at);

    if (rc < 0)
        return rc;
    (void)jb_cursor_bytes(&at, 3); /* version of the standard, revision of the parameter */
    (void)jb_cursor_u8(&at);       /* mandatory capabilities: reserved */
    const uint8_t optional = jb_cursor_u8(&at);
    if (at.failed)
        return JB_E_AGAIN;
    *ret_has_power = (optional & HAS_POWER) != 0;
    return JB_OK;
}

static size_t digits_at(const char *text, size_t len, size_t at)
{
    size_t n = 0;

    while (at + n < len && text[at + n] >= '0' && text[at + n] <= '9')
        n++;
    return n;
}

static bool follows(const char *text, size_t len, size_t at, const char *word)
{
    const size_t n = strlen(word);

    return len - at >= n && memcmp(text + at, word, n) == 0;
}

jb_rc cray__parse(const char *text, size_t len, const char *unit, uint64_t *ret)
{
    const size_t n_value = digits_at(text, len, 0);
    size_t at = n_value;
    uint64_t value;

    if (len > 0 && text[len - 1] == '\n')
        len--;
    if (jb_parse_u64(text, n_value, false, &value) < 0 || !follows(text, len, at, " "))
        return JB_E_AGAIN;
    at++;
    if (!follows(text, len, at, unit))
        return JB_E_AGAIN;
    at += strlen(unit);
    if (at < len) {
        if (!follows(text, len, at, " "))
            return JB_E_AGAIN;
        at++;
        const size_t n_time = digits_at(text, len, at);
        at += n_time;
        if (n_time == 0 || !follows(text, len, at, " us") || at + 3 != len)
            return JB_E_AGAIN;
    }
    *ret = value;
    return JB_OK;
}

/* The next word of the line; its length, 0 at the end. */
static size_t next_word(const char *text, size_t len, size_t *at, const char **ret_word)
{
    size_t n = 0;

    while (*at < len && (text[*at] == ' ' || text[*at] == '\t'))
        (*at)++;
    *ret_word = text + *at;
    while (*at + n < len && text[*at + n] != ' ' && text[*at + n] != '\t')
        n++;
    *at += n;
    return n;
}

static bool is_word(const char *word, size_t len, const char *want)
{
    return len == strlen(want) && memcmp(word, want, len) == 0;
}

jb_rc exec_line__parse(const char *text, size_t len, struct exec_line *ret)
{
    struct exec_line line = {0};
    const char *word;
    size_t at = 0;

    if (len > 0 && text[len - 1] == '\r')
        len--;
    if (len > EXEC_LINE_MAX)
        return JB_E_INPUT;
    size_t n = next_word(text, len, &at, &word);
    line.is_energy = is_word(word, n, "joules");
    if (!line.is_energy && !is_word(word, n, "watts"))
        return JB_E_INPUT;
    n = next_word(text, len, &at, &word);
    if (jb_parse_decimal(word, n, 6, &line.value) < 0 || line.value < 0)
        return JB_E_INPUT;
    n = next_word(text, len, &at, &word);
    if (n > 0) {
        if (!is_word(word, n, "at"))
            return JB_E_INPUT;
        n = next_word(text, len, &at, &word);
        if (jb_parse_decimal(word, n, 6, &line.utc_us) < 0 || line.utc_us < 0 ||
            next_word(text, len, &at, &word) > 0)
            return JB_E_INPUT;
        line.has_time = true;
    }
    *ret = line;
    return JB_OK;
}
