/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes to a tree of nodes with their lines, by the events of libyaml. Must never mend what it reads: an anchor, a tag,
 * a key twice, a control character, a second document stop it where they stand (R-YAML-01). By events and not by
 * libyaml's own documents, because those forget anchors, and because depth can then be bounded while it reads:
 * libyaml looks through every open bracket at each token.
 */
#include "yaml/yaml.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>
#include <yaml.h>

#include "base/clean.h"

#define NAME_MAX_BYTES 120 /* of a path in a message, so that what is wrong still fits behind it */

/* What the document owns, freed together. */
struct block {
    struct block *next;
    max_align_t bytes[];
};

struct jb_yaml {
    char name[NAME_MAX_BYTES];
    struct block *blocks;
    const struct jb_yaml_node *root;
};

struct level {
    struct jb_yaml_node *node;
    size_t first; /* of its children among the nodes that wait */
};

struct reading {
    struct jb_yaml *yaml;
    yaml_parser_t parser;
    const struct jb_yaml_node *
        *waiting; /* children of collections still open, the outer ones first */
    size_t n_waiting, capacity;
    struct level levels[JB_YAML_DEPTH_MAX];
    size_t depth;
    size_t n_nodes;
};

static void *keep(struct jb_yaml *yaml, size_t size)
{
    struct block *const block = calloc(1, sizeof *block + size);

    if (!block)
        return NULL;
    block->next = yaml->blocks;
    yaml->blocks = block;
    return block->bytes;
}

void jb_yaml_free(struct jb_yaml *yaml)
{
    if (!yaml)
        return;
    for (struct block *block = yaml->blocks; block;) {
        struct block *const next = block->next;
        free(block);
        block = next;
    }
    free(yaml);
}

const struct jb_yaml_node *jb_yaml_root(const struct jb_yaml *yaml)
{
    return yaml->root;
}

const char *jb_yaml_name(const struct jb_yaml *yaml)
{
    return yaml->name;
}

const struct jb_yaml_node *jb_yaml_get(const struct jb_yaml_node *map, const char *key)
{
    for (size_t i = 0; map->kind == JB_YAML_MAP && i < map->n; i++)
        if (strcmp(map->keys[i]->text, key) == 0)
            return map->items[i];
    return NULL;
}

JB_PRINTF(6, 0)
static jb_rc fail_at(const struct jb_yaml *yaml, size_t line, size_t column, struct jb_error *err,
                     const char *hint, const char *format, va_list args)
{
    char message[320], clean[320];

    (void)vsnprintf(message, sizeof message, format, args);
    jb_clean_copy(message, clean, sizeof clean);
    return jb_fail(err, JB_E_INPUT, hint, "%s:%zu:%zu: %s", yaml->name, line, column, clean);
}

jb_rc jb_yaml_fail(const struct jb_yaml *yaml, const struct jb_yaml_node *node,
                   struct jb_error *err, const char *hint, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    const jb_rc rc =
        fail_at(yaml, node ? node->line : 1, node ? node->column : 1, err, hint, format, args);
    va_end(args);
    return rc;
}

JB_PRINTF(5, 6)
static jb_rc fail_mark(const struct jb_yaml *yaml, yaml_mark_t mark, struct jb_error *err,
                       const char *hint, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    const jb_rc rc = fail_at(yaml, mark.line + 1, mark.column + 1, err, hint, format, args);
    va_end(args);
    return rc;
}

static jb_rc no_memory(const struct jb_yaml *yaml, struct jb_error *err)
{
    return jb_fail(err, JB_E_NOMEM, NULL, "no memory for '%s'", yaml->name);
}

/* --- nodes ----------------------------------------------------------------------------------------------------- */

static jb_rc wait(struct reading *reading, const struct jb_yaml_node *node, struct jb_error *err)
{
    if (reading->n_waiting == reading->capacity) {
        const size_t capacity = reading->capacity ? 2 * reading->capacity : 64;
        const struct jb_yaml_node **const more =
            realloc(reading->waiting, capacity * sizeof reading->waiting[0]);
        if (!more)
            return no_memory(reading->yaml, err);
        reading->waiting = more;
        reading->capacity = capacity;
    }
    reading->waiting[reading->n_waiting++] = node;
    return JB_OK;
}

/* Whether the next node is the key of a pair. */
static bool is_key_next(const struct reading *reading)
{
    if (reading->depth == 0)
        return false;
    const struct level *const level = &reading->levels[reading->depth - 1];
    return level->node->kind == JB_YAML_MAP && (reading->n_waiting - level->first) % 2 == 0;
}

/* A key is one line of text, and none before it in its mapping is the same. */
static jb_rc check_key(const struct reading *reading, const struct jb_yaml_node *key,
                       struct jb_error *err)
{
    const struct level *const level = &reading->levels[reading->depth - 1];

    if (key->kind != JB_YAML_SCALAR || !key->text[0] || strchr(key->text, '\n'))
        return jb_yaml_fail(reading->yaml, key, err, "write 'key: value'",
                            "a key is one line of text");
    if (reading->n_waiting - level->first >= 2 * (size_t)JB_YAML_KEYS_MAX)
        return jb_yaml_fail(reading->yaml, key, err, NULL, "more than %d keys", JB_YAML_KEYS_MAX);
    for (size_t i = level->first; i < reading->n_waiting; i += 2)
        if (strcmp(reading->waiting[i]->text, key->text) == 0)
            return jb_yaml_fail(reading->yaml, key, err, "keep one of the two",
                                "'%.60s' stands twice, first in line %zu", key->text,
                                reading->waiting[i]->line);
    return JB_OK;
}

static jb_rc add_node(struct reading *reading, const yaml_event_t *event, enum jb_yaml_kind kind,
                      struct jb_yaml_node **ret_node, struct jb_error *err)
{
    struct jb_yaml_node *node;

    if (reading->n_nodes == JB_YAML_NODES_MAX)
        return fail_mark(reading->yaml, event->start_mark, err, NULL, "more than %d values",
                         JB_YAML_NODES_MAX);
    reading->n_nodes++;
    node = keep(reading->yaml, sizeof *node);
    if (!node)
        return no_memory(reading->yaml, err);
    *node = (struct jb_yaml_node){.kind = kind,
                                  .line = event->start_mark.line + 1,
                                  .column = event->start_mark.column + 1,
                                  .text = ""};
    *ret_node = node;
    return JB_OK;
}

/* Puts a whole node where the next one belongs. */
static jb_rc place_node(struct reading *reading, const struct jb_yaml_node *node,
                        struct jb_error *err)
{
    if (is_key_next(reading)) {
        const jb_rc rc = check_key(reading, node, err);
        if (rc < 0)
            return rc;
    }
    if (reading->depth == 0) {
        reading->yaml->root = node;
        return JB_OK;
    }
    return wait(reading, node, err);
}

/* Clean but for the ends of its lines. */
static bool is_clean_lines(const char *text, size_t len)
{
    while (len > 0) {
        const size_t n = *text == '\n' ? 1 : jb_clean_character(text, len);
        if (n == 0)
            return false;
        text += n;
        len -= n;
    }
    return true;
}

static jb_rc add_scalar(struct reading *reading, const yaml_event_t *event, struct jb_error *err)
{
    const char *const text = (const char *)event->data.scalar.value;
    const size_t len = event->data.scalar.length;
    struct jb_yaml_node *node = NULL;

    if (!is_clean_lines(text, len))
        return fail_mark(reading->yaml, event->start_mark, err, "write blanks instead of tabs",
                         "a control character in the text");
    jb_rc rc = add_node(reading, event, JB_YAML_SCALAR, &node, err);
    if (rc < 0)
        return rc;
    char *const copy = keep(reading->yaml, len + 1);
    if (!copy)
        return no_memory(reading->yaml, err);
    memcpy(copy, text, len);
    node->text = copy;
    node->is_quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    rc = place_node(reading, node, err);
    return rc;
}

static jb_rc begin_collection(struct reading *reading, const yaml_event_t *event,
                              enum jb_yaml_kind kind, struct jb_error *err)
{
    struct jb_yaml_node *node = NULL;

    if (reading->depth == JB_YAML_DEPTH_MAX)
        return fail_mark(reading->yaml, event->start_mark, err, NULL,
                         "more than %d lists and mappings inside each other", JB_YAML_DEPTH_MAX);
    jb_rc rc = add_node(reading, event, kind, &node, err);
    if (rc == JB_OK)
        rc = place_node(reading, node, err);
    if (rc < 0)
        return rc;
    reading->levels[reading->depth++] = (struct level){.node = node, .first = reading->n_waiting};
    return JB_OK;
}

/* Its children come off the stack into an array of their own. */
static jb_rc end_collection(struct reading *reading, struct jb_error *err)
{
    const struct level *const level = &reading->levels[--reading->depth];
    const size_t n = reading->n_waiting - level->first;
    struct jb_yaml_node *const node = level->node;

    reading->n_waiting = level->first;
    if (n == 0)
        return JB_OK;
    const struct jb_yaml_node **const children = reading->waiting + level->first;
    const struct jb_yaml_node **const kept = keep(reading->yaml, n * sizeof kept[0]);
    if (!kept)
        return no_memory(reading->yaml, err);
    if (node->kind == JB_YAML_LIST) {
        memcpy(kept, children, n * sizeof kept[0]);
        node->n = n;
        node->items = kept;
        return JB_OK;
    }
    node->n = n / 2;
    for (size_t i = 0; i < node->n; i++) {
        kept[i] = children[2 * i];
        kept[node->n + i] = children[2 * i + 1];
    }
    node->keys = kept;
    node->items = kept + node->n;
    return JB_OK;
}

/* --- events ---------------------------------------------------------------------------------------------------- */

/* What libyaml refused. For bytes that are no text it gives no line, only how far it had come. */
static jb_rc not_yaml(const struct reading *reading, const char *bytes, size_t len,
                      struct jb_error *err)
{
    const yaml_parser_t *const parser = &reading->parser;
    yaml_mark_t mark = parser->problem_mark;

    if (parser->error == YAML_MEMORY_ERROR)
        return no_memory(reading->yaml, err);
    if (parser->error == YAML_READER_ERROR) {
        mark = (yaml_mark_t){.line = 0};
        for (size_t i = 0; i < parser->problem_offset && i < len; i++) {
            mark.column = bytes[i] == '\n' ? 0 : mark.column + 1;
            mark.line += bytes[i] == '\n';
        }
        return fail_mark(reading->yaml, mark, err, "write it in UTF-8, without control characters",
                         "not plain text");
    }
    return fail_mark(reading->yaml, mark, err,
                     "a blank after ':' and '-', no tabs, quotes in pairs", "not YAML: %.120s",
                     parser->problem ? parser->problem : "it cannot be read");
}

/* Anchors and tags: the value would not be what is written there. */
static jb_rc check_plain(const struct reading *reading, const yaml_event_t *event,
                         const yaml_char_t *anchor, const yaml_char_t *tag, struct jb_error *err)
{
    if (anchor)
        return fail_mark(reading->yaml, event->start_mark, err,
                         "write the value out; a text that begins with '&' or '*' goes in quotes",
                         "anchors have no meaning here");
    if (tag)
        return fail_mark(reading->yaml, event->start_mark, err,
                         "take it out; a text that begins with '!' goes in quotes",
                         "tags have no meaning here");
    return JB_OK;
}

static jb_rc take_event(struct reading *reading, const yaml_event_t *event, bool *ret_is_end,
                        struct jb_error *err)
{
    jb_rc rc = JB_OK;

    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (reading->n_nodes > 0)
            return fail_mark(reading->yaml, event->start_mark, err,
                             "take the line '---' before it out", "a second document begins");
        return JB_OK;
    case YAML_ALIAS_EVENT: return check_plain(reading, event, event->data.alias.anchor, NULL, err);
    case YAML_SCALAR_EVENT:
        rc = check_plain(reading, event, event->data.scalar.anchor, event->data.scalar.tag, err);
        return rc < 0 ? rc : add_scalar(reading, event, err);
    case YAML_SEQUENCE_START_EVENT:
        rc = check_plain(reading, event, event->data.sequence_start.anchor,
                         event->data.sequence_start.tag, err);
        return rc < 0 ? rc : begin_collection(reading, event, JB_YAML_LIST, err);
    case YAML_MAPPING_START_EVENT:
        rc = check_plain(reading, event, event->data.mapping_start.anchor,
                         event->data.mapping_start.tag, err);
        return rc < 0 ? rc : begin_collection(reading, event, JB_YAML_MAP, err);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT: return end_collection(reading, err);
    case YAML_STREAM_END_EVENT: *ret_is_end = true; return JB_OK;
    default: return JB_OK;
    }
}

static jb_rc take_events(struct reading *reading, const char *bytes, size_t len,
                         struct jb_error *err)
{
    bool is_end = false;

    while (!is_end) {
        yaml_event_t event;
        if (!yaml_parser_parse(&reading->parser, &event))
            return not_yaml(reading, bytes, len, err);
        const jb_rc rc = take_event(reading, &event, &is_end, err);
        yaml_event_delete(&event);
        if (rc < 0)
            return rc;
    }
    const struct jb_yaml_node *const root = reading->yaml->root;
    if (root && root->kind == JB_YAML_SCALAR && !root->is_quoted && !root->text[0])
        reading->yaml->root = NULL; /* remarks only */
    return JB_OK;
}

/* A path for messages: its end where it is long. */
static void name_file(struct jb_yaml *yaml, const char *name)
{
    const size_t len = strlen(name);
    const size_t max = sizeof yaml->name - 1;
    char text[NAME_MAX_BYTES];

    (void)snprintf(text, sizeof text, "%s%s", len > max ? "..." : "",
                   len > max ? name + (len - (max - 3)) : name);
    jb_clean_copy(text, yaml->name, sizeof yaml->name);
}

jb_rc jb_yaml_parse(const char *name, const void *bytes, size_t len, struct jb_yaml **ret_yaml,
                    struct jb_error *err)
{
    struct reading reading = {.yaml = NULL};
    JB_AUTO(jb_yaml_free_auto) struct jb_yaml *yaml = calloc(1, sizeof *yaml);

    if (!yaml)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for '%s'", name);
    name_file(yaml, name);
    if (len > JB_YAML_BYTES_MAX)
        return jb_fail(err, JB_E_INPUT, "divide it", "'%s' is larger than %zu bytes", yaml->name,
                       JB_YAML_BYTES_MAX);
    reading.yaml = yaml;
    if (!yaml_parser_initialize(&reading.parser))
        return no_memory(yaml, err);
    yaml_parser_set_encoding(&reading.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reading.parser, bytes, len);
    const jb_rc rc = take_events(&reading, bytes, len, err);
    yaml_parser_delete(&reading.parser);
    free(reading.waiting);
    if (rc < 0)
        return rc;
    *ret_yaml = yaml;
    yaml = NULL;
    return JB_OK;
}

static void close_auto(const int *fd)
{
    if (*fd > STDIN_FILENO)
        (void)close(*fd);
}

jb_rc jb_yaml_read(const char *path, struct jb_yaml **ret_yaml, struct jb_error *err)
{
    const bool is_stdin = strcmp(path, "-") == 0;
    size_t len = 0;

    JB_AUTO(close_auto)
    const int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return jb_fail_errno(err, errno, NULL, "cannot read '%s'", path);
    JB_AUTO(jb_free_auto) char *bytes = malloc(JB_YAML_BYTES_MAX + 1);
    if (!bytes)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for '%s'", path);
    while (len < JB_YAML_BYTES_MAX + 1) {
        const ssize_t n = read(fd, bytes + len, JB_YAML_BYTES_MAX + 1 - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return jb_fail_errno(err, errno, NULL, "cannot read '%s'", path);
        if (n == 0)
            break;
        len += (size_t)n;
    }
    return jb_yaml_parse(is_stdin ? "standard input" : path, bytes, len, ret_yaml, err);
}
