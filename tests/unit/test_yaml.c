/* SPDX-License-Identifier: Apache-2.0 */
/* A file of YAML is the tree it shows, with its lines, or is refused where it stops being one. R-YAML-01. */
#include <unistd.h>

#include "base/clock.h"
#include "tap.h"
#include "yaml/yaml.h"

static struct jb_error failure;

static struct jb_yaml *parse_bytes(const char *bytes, size_t len)
{
    struct jb_yaml *yaml = NULL;

    failure = (struct jb_error){0};
    if (jb_yaml_parse("a.yaml", bytes, len, &yaml, &failure) < 0)
        return NULL;
    return yaml;
}

static struct jb_yaml *parse(const char *text)
{
    return parse_bytes(text, strlen(text));
}

static void test_tree(void)
{
    JB_AUTO(jb_yaml_free_auto)
    struct jb_yaml *yaml = parse("# a case\n"
                                 "name: DNN of a bank\n"
                                 "hours: 360..672 h   # told in the interview\n"
                                 "boards: \"unknown\"\n"
                                 "list:\n"
                                 "  - one\n"
                                 "  - {two: 2, three: [3, 4]}\n"
                                 "nothing:\n"
                                 "block: |\n"
                                 "  first\n"
                                 "  second\n");
    if (!yaml)
        bail_out("%s", failure.message);
    const struct jb_yaml_node *const root = jb_yaml_root(yaml);
    ok(root->kind == JB_YAML_MAP && root->n == 6, "six keys");
    is_str(root->keys[1]->text, "hours", "in the order of the file");
    is_str(root->items[1]->text, "360..672 h", "a value without its remark");
    is_i64((int64_t)root->items[1]->line, 3, "in its line");
    is_i64((int64_t)root->items[1]->column, 8, "and column");
    ok(!jb_yaml_get(root, "name")->is_quoted && jb_yaml_get(root, "boards")->is_quoted,
       "quotes are told apart");
    const struct jb_yaml_node *const list = jb_yaml_get(root, "list");
    ok(list && list->kind == JB_YAML_LIST && list->n == 2, "a list of two");
    is_str(list->items[0]->text, "one", "the first");
    const struct jb_yaml_node *const map = list->items[1];
    ok(map->kind == JB_YAML_MAP && map->line == 7, "the second is a mapping in line 7");
    is_str(jb_yaml_get(jb_yaml_get(map, "three"), "x") ? "some" : "none", "none",
           "a list has no keys");
    is_str(jb_yaml_get(map, "three")->items[1]->text, "4", "a list in a mapping in a list");
    is_str(jb_yaml_get(root, "nothing")->text, "", "no value is the empty text");
    is_str(jb_yaml_get(root, "block")->text, "first\nsecond\n", "a block keeps its lines");
    ok(jb_yaml_get(root, "block")->is_quoted, "and is no bare word");
    ok(!jb_yaml_get(root, "nam"), "a key that is not there");
    is_str(jb_yaml_name(yaml), "a.yaml", "its name");
    (void)jb_yaml_fail(yaml, map, &failure, "do", "it is '%s'", "a\tb");
    is_str(failure.message, "a.yaml:7:5: it is 'a?b'", "an error names file, line and column");
    is_i64(failure.code, JB_E_INPUT, "as refused input");
}

static void test_nothing(void)
{
    static const char *const nothings[] = {"", "# only a remark\n", "---\n", "--- # x\n...\n"};

    for (size_t i = 0; i < JB_ARRAY_LEN(nothings); i++) {
        JB_AUTO(jb_yaml_free_auto) struct jb_yaml *yaml = parse(nothings[i]);
        ok(yaml && !jb_yaml_root(yaml), "nothing in it: %zu", i);
    }
    JB_AUTO(jb_yaml_free_auto) struct jb_yaml *quoted = parse("''");
    ok(quoted && jb_yaml_root(quoted), "an empty text in quotes is a value");
}

static void test_refused(void)
{
    static const struct {
        const char *text, *message, *name;
    } cases[] = {
        {"a: 1\nb: 2\na: 3\n", "a.yaml:3:1: 'a' stands twice, first in line 1", "a key twice"},
        {"x:\n  - {k: 1, k: 2}\n", "a.yaml:2:12: 'k' stands twice, first in line 2",
         "in a mapping within"},
        {"a: &b 1\nc: *b\n", "a.yaml:1:4: anchors have no meaning here", "an anchor"},
        {"a: 1\nc: *b\n", "a.yaml:2:4: anchors have no meaning here", "an alias"},
        {"a: !!int 1\n", "a.yaml:1:4: tags have no meaning here", "a tag"},
        {"a: !x [1]\n", "a.yaml:1:4: tags have no meaning here", "a tag of a list"},
        {"a: 1\n---\nb: 2\n", "a.yaml:2:1: a second document begins", "a second document"},
        {"? [a]\n: b\n", "a.yaml:1:3: a key is one line of text", "a list as key"},
        {"? |\n  a\n  b\n: b\n", "a.yaml:1:3: a key is one line of text", "a key of two lines"},
        {"'': b\n", "a.yaml:1:1: a key is one line of text", "an empty key"},
        {"a: \"x\\x07y\"\n", "a.yaml:1:4: a control character in the text", "a control character"},
        {"a: \"x\\0y\"\n", "a.yaml:1:4: a control character in the text", "a zero byte"},
        {"a: 'x\ty'\n", "a.yaml:1:4: a control character in the text", "a tab"},
        {"ok: 1\na: x\x01y\n", "a.yaml:2:5: not plain text", "a control character as byte"},
        {"ok: 1\na: \xff\n", "a.yaml:2:4: not plain text", "no UTF-8"},
        {"a: [1, 2\nb: 3\n", "a.yaml:2:2: not YAML: did not find expected ',' or ']'",
         "an open bracket"},
        {"a: 1\n\tb: 2\n", "a.yaml:2:1: not YAML: found a tab character that violates indentation",
         "a tab as indent"},
        {"a: b: c\n", "a.yaml:1:5: not YAML: mapping values are not allowed in this context",
         "two colons"},
    };

    for (size_t i = 0; i < JB_ARRAY_LEN(cases); i++) {
        ok(!parse(cases[i].text), "%s is refused", cases[i].name);
        is_str(failure.message, cases[i].message, "with its place");
        is_i64(failure.code, JB_E_INPUT, "as input");
    }
}

/* A text of `n` times `piece`, after `head`. */
static char *many(const char *head, const char *piece, size_t n, size_t *ret_len)
{
    const size_t n_head = strlen(head), n_piece = strlen(piece);
    char *const text = malloc(n_head + n * n_piece + 1);

    if (!text)
        bail_out("no memory");
    memcpy(text, head, n_head + 1);
    for (size_t i = 0; i < n; i++)
        memcpy(text + n_head + i * n_piece, piece, n_piece + 1);
    *ret_len = n_head + n * n_piece;
    return text;
}

/* A megabyte of what libyaml would otherwise ponder for minutes is settled at once. */
static void test_ceilings(void)
{
    static const struct {
        const char *head, *piece, *message;
    } cases[] = {
        {"a: ", "[", "a.yaml:1:19: more than 16 lists and mappings inside each other"},
        {"a: ", "{a: ", "a.yaml:1:64: more than 16 lists and mappings inside each other"},
        {"", "- ", "a.yaml:1:33: more than 16 lists and mappings inside each other"},
        {"", "? ", "a.yaml:1:3: a key is one line of text"},
        {"", "-\n", "a.yaml:100000:2: more than 100000 values"},
        {"a: [", "[],", "a.yaml:1:299996: more than 100000 values"},
        {"a: ", "\"", NULL},
        {"a: ", "x\n\n ", NULL},
        {"a: |\n", " x\n", NULL},
        {"", "#", NULL},
        {"", "\n", NULL},
        {"", "{", "a.yaml:1:2: a key is one line of text"},
    };

    for (size_t i = 0; i < JB_ARRAY_LEN(cases); i++) {
        const size_t n = (JB_YAML_BYTES_MAX - 8) / strlen(cases[i].piece);
        size_t len;
        char *const text = many(cases[i].head, cases[i].piece, n, &len);
        JB_AUTO(jb_yaml_free_auto) struct jb_yaml *yaml = parse_bytes(text, len);
        free(text);
        if (cases[i].message)
            is_str(yaml ? "taken" : failure.message, cases[i].message, "many of '%s'",
                   cases[i].piece);
        else
            ok(true, "a megabyte of piece %zu ends", i);
    }
    size_t len;
    char *const large = many("", "#", JB_YAML_BYTES_MAX + 1, &len);
    ok(!parse_bytes(large, len), "a byte too many is refused");
    is_str(failure.message, "'a.yaml' is larger than 1048576 bytes", "by its size");
    JB_AUTO(jb_yaml_free_auto) struct jb_yaml *most = parse_bytes(large, len - 1);
    ok(most, "and the largest is taken");
    free(large);
}

static void test_keys_ceiling(void)
{
    static char text[JB_YAML_KEYS_MAX * 16];
    size_t len = 0;

    for (int i = 0; i < JB_YAML_KEYS_MAX; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "k%d: 1\n", i);
    JB_AUTO(jb_yaml_free_auto) struct jb_yaml *yaml = parse(text);
    ok(yaml && jb_yaml_root(yaml)->n == JB_YAML_KEYS_MAX, "as many keys as may be");
    (void)snprintf(text + len, sizeof text - len, "last: 1\n");
    ok(!parse(text), "one more is refused");
    is_str(failure.message, "a.yaml:1025:1: more than 1024 keys", "in its line");
}

static void test_names(void)
{
    struct jb_yaml *yaml = NULL;
    char name[301];

    memset(name, 'd', sizeof name);
    memcpy(name + 290, "/case.yaml", 11);
    is_i64(jb_yaml_parse(name, "a: [", 4, &yaml, &failure), JB_E_INPUT, "refused");
    ok(strncmp(failure.message, "...ddd", 6) == 0 && strstr(failure.message, "/case.yaml:"),
       "a long path leaves room for what is wrong: %s", failure.message);
    is_i64(jb_yaml_parse("a\nb", "a: [", 4, &yaml, &failure), JB_E_INPUT, "refused");
    ok(strncmp(failure.message, "a?b:", 4) == 0, "a name is cleaned");
}

static void test_files(void)
{
    char path[4096];
    struct jb_yaml *yaml = NULL;
    const char *const folder = getenv("JB_TMP");

    (void)snprintf(path, sizeof path, "%s/test.yaml", folder ? folder : "/tmp");
    FILE *const file = fopen(path, "we");
    if (!file)
        bail_out("no %s", path);
    (void)fputs("key: value\n", file);
    (void)fclose(file);
    ok(jb_yaml_read(path, &yaml, &failure) == JB_OK &&
           strcmp(jb_yaml_get(jb_yaml_root(yaml), "key")->text, "value") == 0,
       "a file is read");
    jb_yaml_free(yaml);
    yaml = NULL;
    (void)unlink(path);
    is_i64(jb_yaml_read(path, &yaml, &failure), JB_E_NOT_FOUND, "one that is gone is not found");
    ok(jb_yaml_read("/", &yaml, &failure) < 0 && strstr(failure.message, "cannot read '/'"),
       "a folder is no file");
    ok(!yaml, "and nothing was given back");
}

int main(void)
{
    test_tree();
    test_nothing();
    test_refused();
    test_ceilings();
    test_keys_ceiling();
    test_names();
    test_files();
    return done_testing();
}
