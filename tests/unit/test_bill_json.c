/* SPDX-License-Identifier: Apache-2.0 */
/* Tags out of JSON inside of CSV. R-BILL-08. */
#include "import/bill_int.h"
#include "tap.h"

static void test_unquote(void)
{
    char buf[64];

    jb_bill__unquote("\"a \"\"b\"\" c\"", 11, buf);
    is_str(buf, "a \"b\" c", "doubled quotes are one");
    jb_bill__unquote("NULL", 4, buf);
    is_str(buf, "", "NULL is nothing");
    jb_bill__unquote("\"NULL\"", 6, buf);
    is_str(buf, "NULL", "in quotes it is a word");
    jb_bill__unquote("plain", 5, buf);
    is_str(buf, "plain", "what has no quotes stays");
    jb_bill__unquote("\"", 1, buf);
    is_str(buf, "\"", "half a pair is text");
}

static const char *glance(const char *field, const char *name, bool *ret_known)
{
    static char text[64];
    const char *value = NULL;
    size_t len = 0;

    if (!jb_bill__json_glance(field, strlen(field), "|user_", name, &value, &len, ret_known))
        return NULL;
    (void)snprintf(text, sizeof text, "%.*s", (int)len, value);
    return text;
}

static void test_glance(void)
{
    static const char tags[] = "\"{\"\"a\"\": \"\"1\"\", \"\"user_B\"\":\"\"two\"\"}\"";
    static const char *const unknown[] = {
        "NULL",
        "\"{}",
        "{}",
        "\"{\"\"a\"\": 5}\"",
        "\"{\"\"a\"\": \"\"\\\\u0041\"\"}\"",
        "\"{\"\"a\"\": \"\"1\"\"} \"",
        "\"{\"\"a\"\"}\"",
        "\"{\"\"a\"\":{\"\"b\"\":\"\"c\"\"}}\"",
        "\"[{\"\"key\"\":\"\"a\"\"}]\"",
        "\"\"",
        "\"{\"\"a\"\": \"\"1\"\",}\"",
        "\"{\"\"a\"\": \"\"1\"}\"",
    };
    bool is_known = false;

    is_str(glance(tags, "a", &is_known), "1", "the first");
    is_str(glance(tags, "b", &is_known), "two", "the last, with its prefix, in another case");
    ok(!glance(tags, "c", &is_known) && is_known, "a tag that is not there is known not to be");
    ok(!glance("\"{}\"", "a", &is_known) && is_known, "nor in nothing");
    for (size_t i = 0; i < JB_ARRAY_LEN(unknown); i++) {
        const char *const value = glance(unknown[i], "a", &is_known);
        ok(!value && !is_known, "%s is for a whole reader", unknown[i]);
    }
}

static void test_value(void)
{
    static const struct {
        const char *json, *value;
    } cases[] = {
        {"{\"a\": \"1\"}", "1"},
        {"{\"user:a\": \"1\"}", "1"},
        {"{\"A\": 5}", "5"},
        {"{\"a\": true}", "true"},
        {"{\"a\": \"x\\u00e9\"}", "x\xc3\xa9"},
        {"[{\"key\": \"b\", \"value\": \"0\"}, {\"key\": \"a\", \"value\": \"2\"}]", "2"},
        {"{\"a\": \"\"}", NULL},
        {"{\"a\": null}", NULL},
        {"{\"b\": \"1\"}", NULL},
        {"{\"a\": ", NULL},
        {"a=1", NULL},
        {"", NULL},
        {"[1, 2]", NULL},
    };
    char buf[32];

    for (size_t i = 0; i < JB_ARRAY_LEN(cases); i++) {
        const bool has = jb_bill__json_value(cases[i].json, strlen(cases[i].json), "|user:", "z|a",
                                             buf, sizeof buf);
        is_str(has ? buf : NULL, cases[i].value, "a of '%s'", cases[i].json);
    }
}

int main(void)
{
    test_unquote();
    test_glance();
    test_value();
    return done_testing();
}
