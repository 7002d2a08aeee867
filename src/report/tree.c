/* SPDX-License-Identifier: Apache-2.0 */
/* Channels with settled roles to the lines of a tree. A pure function; must never leave a channel out (R-TREE-10). */
#include "report/tree.h"

#include <stdio.h>
#include <string.h>

#define DEPTH_MAX 16

/* How the branches are drawn: a level that goes on, one that has ended, a part, the last part. */
struct strokes {
    const char *on, *over, *part, *last, *compared, *last_compared;
};

static const struct strokes utf8 = {"\u2502  ",      "   ",      "\u251c\u2500 ",
                                    "\u2514\u2500 ", "\u251c~ ", "\u2514~ "};
static const struct strokes ascii = {"|  ", "   ", "|- ", "`- ", "|~ ", "`~ "};

struct drawing {
    const struct jb_channel *channels;
    size_t n;
    const struct strokes *strokes;
    struct jb_tree_line *lines;
    size_t n_lines;
    bool is_drawn[JB_CHANNELS_MAX];
};

static bool is_compared(const struct jb_channel *channel)
{
    return channel->role == JB_ROLE_CHECK || channel->role == JB_ROLE_DUPLICATE;
}

static void say_meaning(const struct jb_channel *channel, char *buf, size_t size)
{
    switch (channel->role) {
    case JB_ROLE_POST: (void)snprintf(buf, size, "posts all it reads"); break;
    case JB_ROLE_PARENT:
        (void)snprintf(buf, size, "posts what it reads above its parts: platform");
        break;
    case JB_ROLE_DETAIL: (void)snprintf(buf, size, "inside %s: shown", channel->parent); break;
    case JB_ROLE_DUPLICATE:
        (void)snprintf(buf, size, "%s once more: compared", channel->parent);
        break;
    case JB_ROLE_CHECK:
        if (channel->parent[0])
            (void)snprintf(buf, size, "compared with %s", channel->parent);
        else
            (void)snprintf(buf, size, "overlaps others: shown");
        break;
    }
}

static bool lies_in(const struct drawing *drawing, size_t i, size_t parent)
{
    return !drawing->is_drawn[i] && i != parent &&
           strcmp(drawing->channels[i].parent, drawing->channels[parent].id) == 0;
}

/* The next part of `parent` that is not drawn yet: what counts before what is compared; n for none. */
static size_t next_part(const struct drawing *drawing, size_t parent)
{
    size_t compared = drawing->n;

    for (size_t i = 0; i < drawing->n; i++) {
        if (!lies_in(drawing, i, parent))
            continue;
        if (!is_compared(&drawing->channels[i]))
            return i;
        if (compared == drawing->n)
            compared = i;
    }
    return compared;
}

static void draw(struct drawing *drawing, size_t i, const char *before, const char *stroke,
                 const char *below, size_t depth)
{
    struct jb_tree_line *const line = &drawing->lines[drawing->n_lines++];
    char under[sizeof line->branch];

    drawing->is_drawn[i] = true;
    line->channel = i;
    (void)snprintf(line->branch, sizeof line->branch, "%s%s", before, stroke);
    say_meaning(&drawing->channels[i], line->meaning, sizeof line->meaning);
    (void)snprintf(under, sizeof under, "%s%s", before, depth < DEPTH_MAX ? below : "");
    for (size_t part = next_part(drawing, i); part < drawing->n;) {
        const struct strokes *const s = drawing->strokes;
        const bool is_check = is_compared(&drawing->channels[part]);
        /* Whether it is the last shows only once it is marked. */
        drawing->is_drawn[part] = true;
        const size_t following = next_part(drawing, i);
        const bool is_last = following == drawing->n;
        const char *const part_stroke =
            is_check ? (is_last ? s->last_compared : s->compared) : (is_last ? s->last : s->part);
        draw(drawing, part, under, part_stroke, is_last ? s->over : s->on, depth + 1);
        part = next_part(drawing, i);
    }
}

static bool has_parent(const struct drawing *drawing, size_t i)
{
    for (size_t k = 0; k < drawing->n; k++)
        if (k != i && strcmp(drawing->channels[k].id, drawing->channels[i].parent) == 0)
            return true;
    return false;
}

size_t jb_tree_draw(const struct jb_channel *channels, size_t n, bool is_utf8,
                    struct jb_tree_line *ret_lines)
{
    struct drawing drawing = {.channels = channels,
                              .n = n < JB_CHANNELS_MAX ? n : JB_CHANNELS_MAX,
                              .strokes = is_utf8 ? &utf8 : &ascii,
                              .lines = ret_lines};

    /* What counts first, then what stands by itself and is only compared, then what a circle of parents hides. */
    for (int turn = 0; turn < 3; turn++)
        for (size_t i = 0; i < drawing.n; i++)
            if (!drawing.is_drawn[i] && (turn == 2 || (!has_parent(&drawing, i) &&
                                                       is_compared(&channels[i]) == (turn == 1))))
                draw(&drawing, i, "", "", "", 0);
    return drawing.n_lines;
}
