/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of public keys. R-KEY-05. */
#include "base/num.h"
#include "sign/key_file.h"
#include "tap.h"

#define PETER "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
#define ENOCH "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
#define UTC   "2026-11-23T06:41:56Z"

static jb_rc parse(const char *text, struct jb_listed_key **ret, size_t *ret_n,
                   struct jb_error *err)
{
    return jb_key_list_parse(text, strlen(text), ret, ret_n, err);
}

static void taken(void)
{
    static const char text[] =
        "# keys of example.com\n\n" PETER "\n" ENOCH " from=2026-01-01T00:00:00Z revoked=" UTC
        " reason=laptop lost, see #12\n";
    struct jb_listed_key *keys = NULL;
    size_t n = 0;
    struct jb_error err = {0};

    is_i64(parse(PETER, &keys, &n, &err), JB_OK, "a single vkey is a list");
    ok(n == 1 && strcmp(keys[0].key.name, "PeterNeumann") == 0 && keys[0].revoked_utc_us == 0 &&
           keys[0].valid_from_utc_us == 0,
       "of one key");
    free(keys);
    keys = NULL;
    is_i64(parse(text, &keys, &n, &err), JB_OK, "a list is read");
    is_i64((int64_t)n, 2, "two keys");
    /* date -u -d 2026-11-23T06:41:56Z +%s; the first is 2026-01-01 */
    is_i64(keys[1].revoked_utc_us, INT64_C(1795416116) * 1000000, "since when one is revoked");
    is_i64(keys[1].valid_from_utc_us, INT64_C(1767225600) * 1000000, "from when it was good");
    is_str(keys[1].reason, "laptop lost, see #12", "and why");
    JB_AUTO(jb_buf_release) struct jb_buf out = JB_BUF(10000);
    jb_key_list_text(keys, n, &out);
    is_str(jb_buf_text(&out),
           PETER "\n" ENOCH " from=2026-01-01T00:00:00.000000Z revoked=2026-11-23T06:41:56.000000Z "
                 "reason=laptop lost, see #12\n",
           "it is written");
    struct jb_listed_key *again = NULL;
    is_i64(parse(jb_buf_text(&out), &again, &n, &err), JB_OK, "and read again");
    ok(n == 2 && memcmp(again, keys, 2 * sizeof *keys) == 0, "to the same");
    free(again);
    free(keys);
}

static void refused(void)
{
    static const struct {
        const char *text;
        const char *where;
    } lists[] = {
        {"", "no key"},
        {"# nothing\n", "no key"},
        {"\n\nx\n", "line 3"},
        {PETER " \n", "line 1"},
        {" " PETER "\n", "line 1"},
        {PETER "\r\n", "line 1"},
        {PETER "\n" PETER "\n", "line 2"},
        {PETER "\n" PETER " revoked=" UTC " reason=x\n", "line 2"},
        {PETER " revoked=" UTC "\n", "line 1"},
        {PETER " revoked=" UTC " reason=\n", "line 1"},
        {PETER " revoked=yesterday reason=x\n", "line 1"},
        {PETER " reason=x\n", "line 1"},
        {PETER " revoked=" UTC " from=" UTC " reason=x\n", "line 1"},
        {PETER " from=" UTC " from=" UTC "\n", "line 1"},
        {PETER " from=" UTC " more\n", "line 1"},
        {PETER " Revoked=" UTC " reason=x\n", "line 1"},
        {PETER " revoked=" UTC " reason=a\tb\n", "line 1"},
        {PETER " from=1970-01-01T00:00:00Z\n", "line 1"},
        {"joulebook.signing-key/1\n", "line 1"},
    };
    struct jb_listed_key *keys = NULL;
    size_t n = 0;

    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        struct jb_error err = {0};
        ok(parse(lists[i].text, &keys, &n, &err) == JB_E_INPUT &&
               strstr(err.message, lists[i].where),
           "refused, and where is told, number %zu", i);
    }
    /* The same key under another name: revoked under one, it must not be good under the other. */
    struct jb_public_key renamed;
    char vkey[JB_VKEY_TEXT];
    struct jb_error err = {0};
    JB_AUTO(jb_buf_release) struct jb_buf text = JB_BUF(10000);
    if (jb_vkey_parse(PETER, &renamed, NULL) != JB_OK)
        bail_out("no key");
    renamed.name[0] = 'p';
    jb_buf_addf(&text, PETER " revoked=" UTC " reason=x\n%s\n",
                jb_vkey(&renamed, vkey, sizeof vkey));
    is_i64(parse(jb_buf_text(&text), &keys, &n, &err), JB_E_INPUT,
           "a key that stands there under another name, too");
    char reason[600];
    memset(reason, 'r', sizeof reason);
    reason[128] = '\0';
    jb_buf_clear(&text);
    jb_buf_addf(&text, PETER " revoked=" UTC " reason=%s\n", reason);
    is_i64(parse(jb_buf_text(&text), &keys, &n, &err), JB_E_INPUT,
           "a reason of 128 bytes is too long");
    reason[127] = '\0';
    jb_buf_clear(&text);
    jb_buf_addf(&text, PETER " revoked=" UTC " reason=%s\n", reason);
    is_i64(parse(jb_buf_text(&text), &keys, &n, &err), JB_OK, "one of 127 is not");
    free(keys);
    is_i64(jb_key_list_parse(PETER "\0\n", strlen(PETER) + 2, &keys, &n, &err), JB_E_INPUT,
           "a NUL is refused");
}

int main(void)
{
    taken();
    refused();
    return done_testing();
}
