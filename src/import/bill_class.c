/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A row's texts to what it is, by the laws of its format's table; knows no provider itself. Every row gets exactly one
 * class, and each that holds no energy a reason. R-BILL-06, R-BILL-07.
 */
#include <string.h>

#include "base/clean.h"
#include "import/bill_int.h"

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool jb_bill__same(const char *a, size_t a_len, const char *b, size_t b_len)
{
    if (a_len != b_len)
        return false;
    for (size_t i = 0; i < a_len; i++)
        if (lower(a[i]) != lower(b[i]))
            return false;
    return true;
}

bool jb_bill__next(const char **list, const char **ret, size_t *ret_len)
{
    const char *const at = *list;

    if (!at)
        return false;
    const char *const bar = strchr(at, '|');
    *ret = at;
    *ret_len = bar ? (size_t)(bar - at) : strlen(at);
    *list = bar ? bar + 1 : NULL;
    return true;
}

bool jb_bill__matches(enum bill_match match, const char *text, const char *alternatives)
{
    const size_t len = strlen(text);
    const char *one;
    size_t n;

    if (match == BILL_EMPTY)
        return len == 0;
    if (match == BILL_IS_NOT)
        return !jb_bill__matches(BILL_IS, text, alternatives);
    while (jb_bill__next(&alternatives, &one, &n)) {
        if (match == BILL_IS && jb_bill__same(text, len, one, n))
            return true;
        if (n > len)
            continue;
        const size_t last = match == BILL_HAS ? len - n : 0;
        for (size_t at = 0; match != BILL_IS && at <= last; at++)
            if (jb_bill__same(text + at, n, one, n))
                return true;
    }
    return false;
}

static bool is_letter(char c)
{
    return lower(c) >= 'a' && lower(c) <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* p3.2xlarge, u-6tb1.metal, ml.g5.xlarge, db.r6g.large: what stands after the last dot is a size. */
static bool is_aws_type(const char *word, size_t len)
{
    static const char *const sizes[] = {"nano", "micro", "small", "medium", "large", "metal"};
    size_t dot = len;

    /* A family of the search service stands behind: r5.large.search. */
    if (len > 7 && jb_bill__same(word + len - 7, 7, ".search", 7))
        len -= 7;
    dot = len;
    while (dot > 0 && word[dot - 1] != '.')
        dot--;
    if (dot < 2 || dot == len || !is_letter(word[0]))
        return false;
    for (size_t i = 0; i < JB_ARRAY_LEN(sizes); i++) {
        const size_t n = strlen(sizes[i]);
        const char *const size = word + dot;
        /* "2xlarge", "metal-24xl": a size begins with a digit, an x or its name. */
        if (len - dot >= n &&
            (jb_bill__same(word + len - n, n, sizes[i], n) || jb_bill__same(size, n, sizes[i], n)))
            return is_digit(size[0]) || lower(size[0]) == 'x' ||
                   jb_bill__same(size, n, sizes[i], n);
    }
    return false;
}

static bool is_azure_type(const char *word, size_t len)
{
    const size_t n = strlen("Standard_");

    return len > n &&
           (jb_bill__same(word, n, "Standard_", n) ||
            (len > 6 && jb_bill__same(word, 6, "Basic_", 6))) &&
           is_letter(word[len > n ? n : 6]);
}

/* n1-standard-8, a2-highgpu-1g, m1-ultramem-40, e2-micro: a letter and a digit, a dash, a kind. */
static bool is_gcp_type(const char *word, size_t len)
{
    static const char kinds[] =
        "standard|highmem|highcpu|megamem|ultramem|hypermem|highgpu|megagpu|ultragpu|edgegpu|"
        "micro|small|medium|maxgpu|node";
    const char *kind = kinds;
    const char *one;
    size_t n;
    size_t dash = 0;

    while (dash < len && word[dash] != '-')
        dash++;
    if (dash < 2 || dash > 4 || dash == len || !is_letter(word[0]) || !is_digit(word[1]))
        return false;
    while (jb_bill__next(&kind, &one, &n))
        if (len - dash - 1 >= n && jb_bill__same(word + dash + 1, n, one, n))
            return true;
    return false;
}

static bool is_gcp_family(const char *word, size_t len)
{
    return (len == 2 || len == 3) && is_letter(word[0]) && is_digit(word[1]) &&
           (len == 2 || is_letter(word[2]));
}

static void put(char buf[JB_BILL_TEXT], const char *text, size_t len)
{
    while (len > 0 && text[0] == ' ') {
        text++;
        len--;
    }
    while (len > 0 && text[len - 1] == ' ')
        len--;
    if (len >= JB_BILL_TEXT)
        len = JB_BILL_TEXT - 1;
    memcpy(buf, text, len);
    buf[len] = '\0';
}

static bool is_word_byte(char c)
{
    return jb_clean_is_alnum(c) || c == '.' || c == '-' || c == '_';
}

static bool find_word(const char *text, bool (*is_type)(const char *word, size_t len),
                      char buf[JB_BILL_TEXT])
{
    while (*text) {
        size_t len = 0;
        while (is_word_byte(text[len]))
            len++;
        size_t n = len;
        while (n > 0 && !jb_clean_is_alnum(text[n - 1]))
            n--;
        if (n > 0 && is_type(text, n)) {
            put(buf, text, n);
            return true;
        }
        text += len > 0 ? len : 1;
    }
    return false;
}

/* Words that say how a machine was bought, not what it is. */
static const char plan_words[] = "Spot|Preemptible|Predefined|Custom|Low Priority|Reserved|Sole "
                                 "Tenancy|DWS|Calendar Mode|Defined Duration|VM";

/* Takes words of a plan, with the blank beside them, from both ends. */
static void strip_plan(const char **text, size_t *len)
{
    bool is_found = true;

    while (is_found) {
        const char *words = plan_words;
        const char *one;
        size_t n;
        is_found = false;
        while (jb_bill__next(&words, &one, &n)) {
            if (*len > n && (*text)[n] == ' ' && jb_bill__same(*text, n, one, n)) {
                *text += n + 1;
                *len -= n + 1;
                is_found = true;
            }
            if (*len > n && (*text)[*len - n - 1] == ' ' &&
                jb_bill__same(*text + *len - n, n, one, n)) {
                *len -= n + 1;
                is_found = true;
            }
        }
    }
}

/* "NC6s v3", "D2 v3/DS2 v3", "NC6 Spot": the first of two, without the plan. */
static bool find_azure_meter(const char *text, char buf[JB_BILL_TEXT])
{
    size_t len = strcspn(text, "/");
    size_t letters = 0;

    strip_plan(&text, &len);
    while (letters < len && is_letter(text[letters]))
        letters++;
    if (letters == 0 || letters > 4 || letters == len || !is_digit(text[letters]))
        return false;
    put(buf, text, len);
    return true;
}

static bool find_before(const char *text, const char *words, char buf[JB_BILL_TEXT])
{
    const size_t text_len = strlen(text);
    const char *one;
    size_t n;

    while (jb_bill__next(&words, &one, &n))
        for (size_t at = 1; at + n <= text_len; at++)
            if (jb_bill__same(text + at, n, one, n)) {
                size_t len = at;
                /* "Vertex AI: Training on Nvidia Tesla T4 GPU running ..." */
                for (size_t on = 0; on + 4 < at; on++)
                    if (memcmp(text + on, " on ", 4) == 0) {
                        text += on + 4;
                        len = at - on - 4;
                        break;
                    }
                strip_plan(&text, &len);
                put(buf, text, len);
                return buf[0] != '\0';
            }
    return false;
}

static bool find_in(const struct bill_clue *clue, const char *text, char buf[JB_BILL_TEXT])
{
    switch (clue->shape) {
    case BILL_SHAPE_AWS: return find_word(text, is_aws_type, buf);
    case BILL_SHAPE_AZURE: return find_word(text, is_azure_type, buf);
    case BILL_SHAPE_AZURE_METER: return find_azure_meter(text, buf);
    case BILL_SHAPE_GCP: return find_word(text, is_gcp_type, buf);
    case BILL_SHAPE_GCP_FAMILY: return find_word(text, is_gcp_family, buf);
    case BILL_SHAPE_BEFORE: return find_before(text, clue->word, buf);
    case BILL_SHAPE_ALL: break;
    }
    put(buf, text, strlen(text));
    return buf[0] != '\0';
}

static bool find_instance(const struct bill_clue *clue, const struct bill_texts *texts,
                          char buf[JB_BILL_TEXT])
{
    char value[JB_BILL_TEXT];

    for (; clue->column != BILL_N_COLUMNS; clue++) {
        const char *text = texts->text[clue->column];
        if (clue->key) {
            if (!jb_bill__json_value(text, strlen(text), "", clue->key, value, sizeof value))
                continue;
            text = value;
        }
        if (find_in(clue, text, buf))
            return true;
    }
    return false;
}

static bool holds(const struct bill_when *when, const struct bill_texts *texts,
                  enum bill_unit_kind unit_kind)
{
    if (when->match == BILL_ALWAYS)
        return true;
    if (when->match == BILL_UNIT_IS)
        return when->unit_kind == unit_kind;
    return jb_bill__matches(when->match, texts->text[when->column], when->text);
}

static bool law_holds(const struct bill_law *law, const struct bill_texts *texts,
                      enum bill_unit_kind unit_kind, char buf[JB_BILL_TEXT])
{
    for (size_t i = 0; i < BILL_WHENS; i++)
        if (!holds(&law->when[i], texts, unit_kind))
            return false;
    if (law->instance)
        put(buf, law->instance, strlen(law->instance));
    return !law->clues || find_instance(law->clues, texts, buf);
}

void jb_bill__classify(const struct jb_bill_format *format, const struct bill_texts *texts,
                       bool has_quantity, bool has_pricing_quantity, struct bill_verdict *ret)
{
    struct bill_verdict verdict = {
        .class = JB_BILL_UNKNOWN,
        .reason = "nothing in the row says what it is",
        .unit = texts->text[BILL_UNIT],
        .multiple = 1,
    };
    int64_t multiple = 1;

    /* Where the consumed quantity is missing, the priced one stands for it. */
    verdict.is_pricing_quantity = !has_quantity && has_pricing_quantity;
    if (verdict.is_pricing_quantity || verdict.unit[0] == '\0')
        verdict.unit = texts->text[BILL_PRICING_UNIT];
    const struct bill_unit *const of = jb_bill__unit(verdict.unit, &multiple);
    if (verdict.is_pricing_quantity)
        verdict.multiple = multiple;
    for (size_t i = 0; i < format->n_laws; i++) {
        const struct bill_law *const law = &format->laws[i];
        verdict.instance[0] = '\0';
        if (!law_holds(law, texts, of ? of->kind : BILL_UNIT_OTHER, verdict.instance))
            continue;
        verdict.class = law->class;
        verdict.part = law->part;
        verdict.reason = law->reason ? law->reason : "";
        verdict.multiple *= law->n_machines ? law->n_machines : 1;
        break;
    }
    if (verdict.class == JB_BILL_INSTANCE || verdict.class == JB_BILL_FUNCTION ||
        verdict.class == JB_BILL_ENERGY) {
        verdict.of = of;
        if (!of || (!has_quantity && !has_pricing_quantity)) {
            verdict.class = JB_BILL_UNKNOWN;
            verdict.reason = of ? "no quantity" : "its unit is no time and no energy";
            verdict.of = NULL;
        }
    }
    *ret = verdict;
}
