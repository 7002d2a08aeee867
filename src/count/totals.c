/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal of a walk added up: the whole, by operator, by layer, by type, and what was not counted. What is not known
 * is left out of a sum and stands in the list of what is missing, never in neither. R-COUNT-02, -05, -06, -08.
 */
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "count/count_int.h"
#include "count/dim_int.h"
#include "count/walk_int.h"

#define MISSED_MAX 256

/* Figures while they are added up. */
struct sums {
    struct jb_dim_sum macs, flops, bytes;
};

struct row {
    struct jb_span name, domain;
    uint64_t hash;
    int64_t n, n_parameters;
    struct sums sums;
    struct jb_dim macs, flops, bytes;
};

/* Rows by name and domain. */
struct rows {
    struct row *rows;
    size_t n, capacity;
    uint32_t *slots; /* number of the row + 1; 0: free */
    size_t n_slots;
};

static void add_entry(struct jb_dims *dims, struct sums *sums, const struct jb_entry *entry)
{
    jb_dim_sum_add(dims, &sums->macs, entry->macs);
    jb_dim_sum_add(dims, &sums->flops, entry->flops);
    jb_dim_sum_add(dims, &sums->bytes, entry->bytes);
}

static void drop_sums(struct sums *sums)
{
    free(sums->macs.terms);
    free(sums->flops.terms);
    free(sums->bytes.terms);
}

static void rows_release(struct rows *rows)
{
    for (size_t i = 0; i < rows->n; i++)
        drop_sums(&rows->rows[i].sums);
    free(rows->rows);
    free(rows->slots);
}

/* --- by operator ------------------------------------------------------------------------------------------------- */

static jb_rc more_slots(struct rows *rows, struct jb_error *err)
{
    const size_t wanted = rows->n_slots ? rows->n_slots * 2 : 256;
    uint32_t *const slots = calloc(wanted, sizeof *slots);
    if (!slots)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the operators of the model");
    for (size_t i = 0; i < rows->n; i++) {
        size_t at = rows->rows[i].hash & (wanted - 1);
        while (slots[at] != 0)
            at = (at + 1) & (wanted - 1);
        slots[at] = (uint32_t)i + 1;
    }
    free(rows->slots);
    rows->slots = slots;
    rows->n_slots = wanted;
    return JB_OK;
}

/* The row of that name, made where there is none; NULL: no memory, said in err. */
static struct row *row_of(struct rows *rows, uint64_t seed, struct jb_span name,
                          struct jb_span domain, struct jb_error *err)
{
    if ((rows->n + 1) * 2 > rows->n_slots && more_slots(rows, err))
        return NULL;
    const uint64_t hash = jb_walk__hash(jb_walk__hash(seed, domain), name);
    size_t at = hash & (rows->n_slots - 1);
    for (; rows->slots[at] != 0; at = (at + 1) & (rows->n_slots - 1)) {
        struct row *const row = &rows->rows[rows->slots[at] - 1];
        if (jb_span_equal(row->name, name) && jb_span_equal(row->domain, domain))
            return row;
    }
    if (jb_walk__grow((void **)&rows->rows, rows->n, &rows->capacity, sizeof *rows->rows, err))
        return NULL;
    struct row *const row = &rows->rows[rows->n];
    *row = (struct row){.name = name, .domain = domain, .hash = hash};
    rows->slots[at] = (uint32_t)++rows->n;
    return row;
}

static int compare_rows(const void *a, const void *b)
{
    const struct jb_count_row *const one = a, *const other = b;
    const double macs = jb_dim__magnitude(other->macs) - jb_dim__magnitude(one->macs);
    const double flops = jb_dim__magnitude(other->flops) - jb_dim__magnitude(one->flops);
    if (macs != 0)
        return macs > 0 ? 1 : -1;
    if (flops != 0)
        return flops > 0 ? 1 : -1;
    const int order = strcmp(one->name, other->name);
    return order != 0 ? order : strcmp(one->detail, other->detail);
}

static jb_rc end_rows(struct jb_walk *walk, struct rows *rows, const struct jb_count_row **ret,
                      size_t *ret_n, struct jb_error *err)
{
    struct jb_count_row *const list = jb_arena_get(walk->arena, rows->n + 1, sizeof *list);
    if (!list)
        return jb_arena_fail(walk->arena, err);
    for (size_t i = 0; i < rows->n; i++) {
        struct row *const row = &rows->rows[i];
        list[i] = (struct jb_count_row){.name = jb_count_text(walk->arena, row->name),
                                        .detail = jb_count_text(walk->arena, row->domain),
                                        .n = row->n,
                                        .n_parameters = row->n_parameters};
        if (!list[i].name || !list[i].detail)
            return jb_arena_fail(walk->arena, err);
        list[i].macs = jb_dim_sum_end(walk->dims, &row->sums.macs);
        list[i].flops = jb_dim_sum_end(walk->dims, &row->sums.flops);
        list[i].bytes = jb_dim_sum_end(walk->dims, &row->sums.bytes);
    }
    if (rows->n > 1)
        qsort(list, rows->n, sizeof *list, compare_rows);
    *ret = list;
    *ret_n = rows->n;
    return JB_OK;
}

static jb_rc by_operator(struct jb_walk *walk, struct rows *rows, struct jb_count *ret,
                         struct jb_error *err)
{
    for (size_t i = 0; i < walk->n_entries; i++) {
        const struct jb_entry *const entry = &walk->entries[i];
        struct row *const row =
            row_of(rows, walk->seed, entry->node->op_type, entry->node->domain, err);
        if (!row)
            return JB_E_NOMEM;
        row->n++;
        row->n_parameters = jb_add_sat_i64(row->n_parameters, entry->n_parameters);
        add_entry(walk->dims, &row->sums, entry);
    }
    return end_rows(walk, rows, &ret->by_op, &ret->n_by_op, err);
}

static struct jb_span type_name(int64_t type)
{
    const char *const name = jb_onnx_type_name(type);
    return jb_span_of(name ? name : "unknown type");
}

/* By the type multiplied or computed in; weights by the type they are stored in. */
static jb_rc by_type(struct jb_walk *walk, struct rows *rows, struct jb_count *ret,
                     struct jb_error *err)
{
    const struct jb_span none = jb_span_of("");
    for (size_t i = 0; i < walk->n_entries; i++) {
        const struct jb_entry *const entry = &walk->entries[i];
        if (jb_dim_is(entry->macs, 0) && jb_dim_is(entry->flops, 0))
            continue;
        struct row *const row = row_of(rows, walk->seed, type_name(entry->type), none, err);
        if (!row)
            return JB_E_NOMEM;
        row->n++;
        add_entry(walk->dims, &row->sums, entry);
    }
    for (const struct jb_weight *weight = walk->first_weight; weight; weight = weight->next) {
        if (!jb_weight__is_parameter(weight))
            continue;
        struct row *const row =
            row_of(rows, walk->seed, type_name(weight->tensor->type), none, err);
        if (!row)
            return JB_E_NOMEM;
        row->n_parameters = jb_add_sat_i64(row->n_parameters, weight->n_numbers);
    }
    return end_rows(walk, rows, &ret->by_type, &ret->n_by_type, err);
}

/* --- by layer ---------------------------------------------------------------------------------------------------- */

static bool is_layer(const struct jb_entry *entry)
{
    return !jb_dim_is(entry->macs, 0) || !jb_dim_is(entry->flops, 0) || entry->n_parameters > 0;
}

static jb_rc by_layer(struct jb_walk *walk, struct jb_count *ret, struct jb_error *err)
{
    size_t n = 0;
    for (size_t i = 0; i < walk->n_entries; i++)
        n += is_layer(&walk->entries[i]);
    struct jb_count_row *const list = jb_arena_get(walk->arena, n + 1, sizeof *list);
    JB_AUTO(jb_buf_release) struct jb_buf name = JB_BUF(65536);
    if (!list)
        return jb_arena_fail(walk->arena, err);
    for (size_t i = 0; i < walk->n_entries; i++) {
        const struct jb_entry *const entry = &walk->entries[i];
        if (!is_layer(entry))
            continue;
        jb_buf_clear(&name);
        jb_walk__layer(entry->place, entry->node, entry->index, &name);
        const struct jb_span span = {.at = (const uint8_t *)jb_buf_text(&name), .len = name.len};
        list[ret->n_by_layer] =
            (struct jb_count_row){.name = jb_count_text(walk->arena, span),
                                  .detail = jb_count_text(walk->arena, entry->node->op_type),
                                  .n = 1,
                                  .macs = entry->macs,
                                  .flops = entry->flops,
                                  .bytes = entry->bytes,
                                  .n_parameters = entry->n_parameters};
        if (!list[ret->n_by_layer].name || !list[ret->n_by_layer].detail)
            return jb_arena_fail(walk->arena, err);
        ret->n_by_layer++;
    }
    ret->by_layer = list;
    return JB_OK;
}

/* --- what is missing --------------------------------------------------------------------------------------------- */

struct missed {
    struct jb_span name, domain;
    const char *why;
    int64_t n;
    bool is_compute;
};

static struct missed *missed_of(struct missed *list, size_t *n, const struct jb_entry *entry)
{
    for (size_t i = 0; i < *n; i++) {
        if (list[i].is_compute == entry->is_compute && strcmp(list[i].why, entry->why) == 0 &&
            jb_span_equal(list[i].name, entry->node->op_type) &&
            jb_span_equal(list[i].domain, entry->node->domain))
            return &list[i];
    }
    /* Past the last place: all others together, none left out. */
    struct missed *const missed = &list[*n < MISSED_MAX ? *n : MISSED_MAX - 1];
    if (*n < MISSED_MAX - 1)
        *missed = (struct missed){.name = entry->node->op_type,
                                  .domain = entry->node->domain,
                                  .why = entry->why,
                                  .is_compute = entry->is_compute};
    else if (*n == MISSED_MAX - 1)
        *missed = (struct missed){.name = jb_span_of("other operators"),
                                  .why = "too many kinds to list",
                                  .is_compute = true};
    *n += *n < MISSED_MAX;
    return missed;
}

static int compare_missed(const void *a, const void *b)
{
    const struct jb_count_missed *const one = a, *const other = b;
    if (one->is_compute != other->is_compute)
        return one->is_compute ? -1 : 1;
    if (one->n != other->n)
        return one->n > other->n ? -1 : 1;
    const int order = strcmp(one->name, other->name);
    return order != 0 ? order : strcmp(one->why, other->why);
}

static const char *missed_name(struct jb_walk *walk, const struct missed *missed)
{
    JB_AUTO(jb_buf_release) struct jb_buf text = JB_BUF(1024);
    if (missed->domain.len == 0)
        return jb_count_text(walk->arena, missed->name);
    jb_buf_add(&text, missed->domain.at, missed->domain.len < 256 ? missed->domain.len : 256);
    jb_buf_add_text(&text, ".");
    jb_buf_add(&text, missed->name.at, missed->name.len < 256 ? missed->name.len : 256);
    return jb_count_text(
        walk->arena, (struct jb_span){.at = (const uint8_t *)jb_buf_text(&text), .len = text.len});
}

static jb_rc list_missed(struct jb_walk *walk, struct jb_count *ret, struct jb_error *err)
{
    struct missed found[MISSED_MAX];
    size_t n = 0;
    for (size_t i = 0; i < walk->n_entries; i++) {
        if (walk->entries[i].is_missed)
            missed_of(found, &n, &walk->entries[i])->n++;
    }
    struct jb_count_missed *const list = jb_arena_get(walk->arena, n + 1, sizeof *list);
    if (!list)
        return jb_arena_fail(walk->arena, err);
    for (size_t i = 0; i < n; i++) {
        list[i] = (struct jb_count_missed){.name = missed_name(walk, &found[i]),
                                           .why = found[i].why,
                                           .n = found[i].n,
                                           .is_compute = found[i].is_compute};
        if (!list[i].name)
            return jb_arena_fail(walk->arena, err);
    }
    if (n > 1)
        qsort(list, n, sizeof *list, compare_missed);
    ret->missed = list;
    ret->n_missed = n;
    return JB_OK;
}

/* --- parameters -------------------------------------------------------------------------------------------------- */

/* R-COUNT-08: each weight belongs to the layer that uses it first; used by two it is tied. All that cut it into parts are one. */
static void give_to_layers(struct jb_walk *walk)
{
    for (size_t i = 0; i < walk->n_uses; i++) {
        const struct jb_use *const use = &walk->uses[i];
        struct jb_weight *const weight = use->weight;
        if (!jb_weight__is_parameter(weight) ||
            (use->role & (JB_ROLE_FACTOR | JB_ROLE_TABLE | JB_ROLE_OTHER)) == 0)
            continue;
        int64_t *const own = &walk->entries[use->entry].n_parameters;
        if (weight->n_uses == 0)
            *own = jb_add_sat_i64(*own, weight->n_numbers);
        const bool is_part = (use->role & JB_ROLE_PART) != 0;
        if (weight->n_uses == 0 ||
            (weight->last_entry != use->entry && !(is_part && weight->is_cut)))
            weight->n_uses++;
        weight->is_cut |= is_part;
        weight->last_entry = use->entry;
    }
}

static void add_parameters(const struct jb_walk *walk, struct jb_count *ret)
{
    for (const struct jb_weight *weight = walk->first_weight; weight; weight = weight->next) {
        const struct jb_onnx_tensor *const tensor = weight->tensor;
        const int64_t n = weight->n_numbers;
        if (!jb_weight__is_parameter(weight)) {
            /* The constants of a formula are no stored elements of the model; an initializer is. */
            if (!weight->is_constant_node)
                ret->n_buffers = jb_add_sat_i64(ret->n_buffers, tensor->n_elements);
            continue;
        }
        ret->n_parameters = jb_add_sat_i64(ret->n_parameters, n);
        ret->n_active = jb_add_sat_i64(ret->n_active, weight->n_active);
        ret->parameter_bytes = jb_add_sat_i64(ret->parameter_bytes, tensor->n_bytes);
        if (jb_weight__is_float(tensor->type))
            ret->n_trainable = jb_add_sat_i64(ret->n_trainable, n);
        if (weight->roles & JB_ROLE_TABLE)
            ret->n_embedding = jb_add_sat_i64(ret->n_embedding, n);
        if (weight->n_uses > 1)
            ret->n_tied = jb_add_sat_i64(ret->n_tied, n);
    }
}

/* --- all of it --------------------------------------------------------------------------------------------------- */

struct jb_op_work jb_walk__since(struct jb_walk *walk, size_t first, size_t end)
{
    struct sums sums = {0};
    for (size_t i = first; i < end; i++)
        add_entry(walk->dims, &sums, &walk->entries[i]);
    free(sums.bytes.terms);
    return (struct jb_op_work){.kind = JB_WORK_DENSE,
                               .macs = jb_dim_sum_end(walk->dims, &sums.macs),
                               .flops = jb_dim_sum_end(walk->dims, &sums.flops)};
}

static void add_all(struct jb_walk *walk, struct jb_count *ret)
{
    struct sums sums = {0};
    for (size_t i = 0; i < walk->n_entries; i++) {
        struct jb_entry *const entry = &walk->entries[i];
        if (entry->bytes.kind == JB_DIM_UNKNOWN) {
            jb_walk__note(walk, JB_NOTE_BYTES, entry->node->op_type);
            entry->bytes = jb_dim_number(0);
        }
        add_entry(walk->dims, &sums, entry);
    }
    ret->macs = jb_dim_sum_end(walk->dims, &sums.macs);
    ret->flops = jb_dim_sum_end(walk->dims, &sums.flops);
    ret->bytes = jb_dim_sum_end(walk->dims, &sums.bytes);
}

jb_rc jb_walk__totals(struct jb_walk *walk, struct jb_count *ret, struct jb_error *err)
{
    JB_AUTO(rows_release) struct rows operators = {0};
    JB_AUTO(rows_release) struct rows types = {0};

    ret->n_nodes = (int64_t)walk->n_entries;
    ret->has_operations = true;
    give_to_layers(walk);
    add_parameters(walk, ret);
    add_all(walk, ret);
    jb_rc rc = by_operator(walk, &operators, ret, err);
    if (!rc)
        rc = by_type(walk, &types, ret, err);
    if (!rc)
        rc = by_layer(walk, ret, err);
    return rc ? rc : list_missed(walk, ret, err);
}
