/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where sizes with symbols live: memory given back all at once, and one table each of symbols, monomials and
 * polynomials, so that what is equal is the same pointer. It never grows beyond its ceilings: what would is UNKNOWN and
 * remembered. R-COUNT-03.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "count/dim_int.h"

#define CHUNK_BYTES ((size_t)16 * 1024)

struct jb_dims_chunk {
    struct jb_dims_chunk *before;
    size_t used, size;
    _Alignas(16) unsigned char bytes[];
};

jb_rc jb_dims_new(struct jb_dims **ret, struct jb_error *err)
{
    struct jb_dims *const dims = calloc(1, sizeof *dims);
    if (!dims)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the sizes of a model");
    *ret = dims;
    return JB_OK;
}

void jb_dims_free(struct jb_dims *dims)
{
    if (!dims)
        return;
    for (struct jb_dims_chunk *chunk = dims->chunk; chunk;) {
        struct jb_dims_chunk *const before = chunk->before;
        free(chunk);
        chunk = before;
    }
    free(dims->by_name.slots);
    free(dims->monos.slots);
    free(dims->polys.slots);
    free(dims->symbols);
    free(dims->open);
    free(dims->scratch);
    free(dims);
}

bool jb_dims_has_overflowed(const struct jb_dims *dims)
{
    return dims->has_overflowed;
}

jb_rc jb_dims_failure(const struct jb_dims *dims)
{
    return dims->failure;
}

struct jb_dim jb_dims__overflow(struct jb_dims *dims)
{
    dims->has_overflowed = true;
    return jb_dim_unknown();
}

bool jb_dims__charge(struct jb_dims *dims, size_t n)
{
    if (n > JB_DIMS_WORK_MAX - dims->n_work) {
        (void)jb_dims__overflow(dims);
        return false;
    }
    dims->n_work += n;
    return true;
}

static void *no_memory(struct jb_dims *dims)
{
    dims->failure = JB_E_NOMEM;
    return NULL;
}

void *jb_dims__get(struct jb_dims *dims, size_t size)
{
    size = (size + 15) & ~(size_t)15;
    struct jb_dims_chunk *chunk = dims->chunk;
    if (!chunk || chunk->size - chunk->used < size) {
        const size_t room = size > CHUNK_BYTES ? size : CHUNK_BYTES;
        if (dims->n_bytes + room > JB_DIMS_BYTES_MAX) {
            (void)jb_dims__overflow(dims);
            return NULL;
        }
        chunk = calloc(1, sizeof *chunk + room);
        if (!chunk)
            return no_memory(dims);
        *chunk = (struct jb_dims_chunk){.before = dims->chunk, .size = room};
        dims->chunk = chunk;
        dims->n_bytes += room;
    }
    void *const at = chunk->bytes + chunk->used;
    chunk->used += size;
    return at;
}

/* `*list` with room for one more; false: remembered. */
static bool grow(struct jb_dims *dims, void **list, size_t n, size_t *capacity, size_t size)
{
    if (n < *capacity)
        return true;
    const size_t wanted = *capacity ? *capacity * 2 : 64;
    void *const more = reallocarray(*list, wanted, size);
    if (!more)
        return no_memory(dims) != NULL;
    *list = more;
    *capacity = wanted;
    return true;
}

struct jb_term *jb_dims__scratch(struct jb_dims *dims, size_t n)
{
    if (n > dims->scratch_capacity) {
        struct jb_term *const more = reallocarray(dims->scratch, n, sizeof *more);
        if (!more)
            return no_memory(dims);
        dims->scratch = more;
        dims->scratch_capacity = n;
    }
    return dims->scratch;
}

/* --- tables ------------------------------------------------------------------------------------------------------ */

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ (hash >> 29);
}

static uint64_t hash_text(const char *text, size_t len)
{
    uint64_t hash = len;
    for (size_t i = 0; i < len; i++)
        hash = mix(hash, (unsigned char)text[i]);
    return hash;
}

static uint64_t hash_of(const void *thing)
{
    uint64_t hash;
    memcpy(&hash, thing, sizeof hash);
    return hash;
}

static void put(struct jb_dims_table *table, void *thing)
{
    size_t at = hash_of(thing) & (table->capacity - 1);
    while (table->slots[at])
        at = (at + 1) & (table->capacity - 1);
    table->slots[at] = thing;
    table->n++;
}

/* Enters what is not in the table yet; false: no memory. */
static bool enter(struct jb_dims *dims, struct jb_dims_table *table, void *thing)
{
    if ((table->n + 1) * 2 > table->capacity) {
        struct jb_dims_table larger = {.capacity = table->capacity ? table->capacity * 2 : 64};
        larger.slots = calloc(larger.capacity, sizeof *larger.slots);
        if (!larger.slots)
            return no_memory(dims) != NULL;
        for (size_t i = 0; i < table->capacity; i++) {
            if (table->slots[i])
                put(&larger, table->slots[i]);
        }
        free(table->slots);
        *table = larger;
    }
    put(table, thing);
    return true;
}

/* The next thing of that hash at or after *at; NULL: no more. */
static void *next(const struct jb_dims_table *table, uint64_t hash, size_t *at)
{
    for (; table->capacity > 0 && table->slots[*at]; *at = (*at + 1) & (table->capacity - 1)) {
        if (hash_of(table->slots[*at]) == hash) {
            void *const thing = table->slots[*at];
            *at = (*at + 1) & (table->capacity - 1);
            return thing;
        }
    }
    return NULL;
}

static size_t first_slot(const struct jb_dims_table *table, uint64_t hash)
{
    return table->capacity > 0 ? hash & (table->capacity - 1) : 0;
}

const struct jb_mono *jb_dims__mono(struct jb_dims *dims, const struct jb_factor *factors, size_t n)
{
    if (n == 0)
        return &jb_mono__one;
    uint64_t hash = n;
    uint64_t degree = 0;
    for (size_t i = 0; i < n; i++) {
        hash = mix(mix(hash, factors[i].symbol), factors[i].power);
        degree += factors[i].power;
    }
    if (degree > JB_POLY_DEGREE_MAX) {
        (void)jb_dims__overflow(dims);
        return NULL;
    }
    size_t at = first_slot(&dims->monos, hash);
    for (const struct jb_mono *mono; (mono = next(&dims->monos, hash, &at));) {
        if (mono->n == n && memcmp(mono->factors, factors, n * sizeof *factors) == 0)
            return mono;
    }
    struct jb_mono *const mono = jb_dims__get(dims, sizeof *mono + n * sizeof *factors);
    if (!mono)
        return NULL;
    *mono = (struct jb_mono){.hash = hash, .n = (uint32_t)n, .degree = (uint32_t)degree};
    memcpy(mono->factors, factors, n * sizeof *factors);
    return enter(dims, &dims->monos, mono) ? mono : NULL;
}

struct jb_dim jb_dims__poly(struct jb_dims *dims, const struct jb_term *terms, size_t n)
{
    if (n == 0)
        return jb_dim_number(0);
    if (n == 1 && terms[0].mono == &jb_mono__one)
        return jb_dim_number(terms[0].coefficient);
    if (n > JB_POLY_TERMS_MAX)
        return jb_dims__overflow(dims);
    uint64_t hash = n;
    for (size_t i = 0; i < n; i++)
        hash = mix(mix(hash, (uint64_t)terms[i].coefficient), terms[i].mono->hash);
    size_t at = first_slot(&dims->polys, hash);
    for (const struct jb_poly *poly; (poly = next(&dims->polys, hash, &at));) {
        bool is_same = poly->n == n;
        for (size_t i = 0; is_same && i < n; i++)
            is_same = poly->terms[i].coefficient == terms[i].coefficient &&
                      poly->terms[i].mono == terms[i].mono;
        if (is_same)
            return (struct jb_dim){.kind = JB_DIM_POLY, .poly = poly};
    }
    struct jb_poly *const poly = jb_dims__get(dims, sizeof *poly + n * sizeof *terms);
    if (!poly)
        return jb_dim_unknown();
    *poly = (struct jb_poly){.hash = hash, .n = (uint32_t)n};
    memcpy(poly->terms, terms, n * sizeof *terms);
    if (!enter(dims, &dims->polys, poly))
        return jb_dim_unknown();
    return (struct jb_dim){.kind = JB_DIM_POLY, .poly = poly};
}

/* --- symbols ----------------------------------------------------------------------------------------------------- */

static uint64_t hash_name(const char *name, size_t len, bool is_composed)
{
    return mix(hash_text(name, len), is_composed);
}

struct jb_symbol *jb_dims__find(const struct jb_dims *dims, const char *name, size_t len,
                                bool is_composed)
{
    const uint64_t hash = hash_name(name, len, is_composed);
    size_t at = first_slot(&dims->by_name, hash);
    for (struct jb_symbol *symbol; (symbol = next(&dims->by_name, hash, &at));) {
        if (symbol->len == len && symbol->is_composed == is_composed &&
            (len == 0 || memcmp(symbol->name, name, len) == 0))
            return symbol;
    }
    return NULL;
}

/* A name that would read as part of a formula stands in quotes there. */
static bool is_plain(const char *name, size_t len)
{
    bool is_name = len > 0 && !(name[0] >= '0' && name[0] <= '9');
    for (size_t i = 0; i < len && is_name; i++)
        is_name = jb_clean_is_alnum(name[i]) || strchr("_.:/@$#", name[i]);
    return is_name && !memchr(name, '\0', len);
}

/* The name as people read it: cut and cleaned, and then told apart from others by its number. */
static const char *printable(struct jb_dims *dims, const struct jb_symbol *symbol)
{
    if (symbol->is_composed || is_plain(symbol->name, symbol->len))
        return symbol->name;
    char shown[JB_DIM_NAME_MAX];
    jb_clean_copy(symbol->name, shown, sizeof shown);
    const bool is_same =
        strlen(shown) == symbol->len && memcmp(shown, symbol->name, symbol->len) == 0;
    char text[JB_DIM_NAME_MAX + 32];
    const int len = is_same ? snprintf(text, sizeof text, "'%s'", shown)
                            : snprintf(text, sizeof text, "'%s#%u'", shown, symbol->id);
    char *const kept = jb_dims__get(dims, (size_t)len + 1);
    if (kept)
        memcpy(kept, text, (size_t)len + 1);
    return kept;
}

struct jb_symbol *jb_dims__enter(struct jb_dims *dims, const char *name, size_t len,
                                 bool is_composed)
{
    if (dims->n_symbols >= JB_DIM_SYMBOLS_MAX || len > JB_DIM_TEXT_MAX) {
        (void)jb_dims__overflow(dims);
        return NULL;
    }
    struct jb_symbol *const symbol = jb_dims__get(dims, sizeof *symbol);
    char *const kept = jb_dims__get(dims, len + 1);
    if (!symbol || !kept ||
        !grow(dims, (void **)&dims->symbols, dims->n_symbols, &dims->capacity, sizeof(void *)))
        return NULL;
    if (len > 0)
        memcpy(kept, name, len);
    *symbol = (struct jb_symbol){.hash = hash_name(name, len, is_composed),
                                 .id = (uint32_t)dims->n_symbols,
                                 .is_composed = is_composed,
                                 .name = kept,
                                 .len = len};
    symbol->text = printable(dims, symbol);
    if (!symbol->text || !enter(dims, &dims->by_name, symbol))
        return NULL;
    dims->symbols[dims->n_symbols++] = symbol;
    return symbol;
}

struct jb_dim jb_dims__dim_of(struct jb_dims *dims, const struct jb_symbol *symbol)
{
    if (!symbol)
        return jb_dim_unknown();
    if (symbol->is_bound)
        return jb_dim_number(symbol->value);
    const struct jb_factor factor = {.symbol = symbol->id, .power = 1};
    const struct jb_term term = {.coefficient = 1, .mono = jb_dims__mono(dims, &factor, 1)};
    return term.mono ? jb_dims__poly(dims, &term, 1) : jb_dim_unknown();
}

struct jb_dim jb_dim_symbol(struct jb_dims *dims, const char *name, size_t len)
{
    struct jb_symbol *symbol = jb_dims__find(dims, name, len, false);
    if (!symbol)
        symbol = jb_dims__enter(dims, name, len, false);
    if (!symbol)
        return jb_dim_unknown();
    if (!symbol->was_met && !symbol->is_bound) {
        if (!grow(dims, (void **)&dims->open, dims->n_open, &dims->open_capacity, sizeof(void *)))
            return jb_dim_unknown();
        dims->open[dims->n_open++] = symbol->text;
    }
    symbol->was_met = true;
    return jb_dims__dim_of(dims, symbol);
}

jb_rc jb_dims_bind(struct jb_dims *dims, const char *name, size_t len, int64_t value,
                   struct jb_error *err)
{
    struct jb_symbol *symbol = jb_dims__find(dims, name, len, false);
    if (symbol && symbol->is_bound)
        return jb_fail(err, JB_E_INPUT, "give each size once", "size '%.*s' is bound twice",
                       (int)(len < 64 ? len : 64), name);
    if (symbol)
        return jb_fail(err, JB_E_INTERNAL, NULL, "size '%.*s' is bound after its first use",
                       (int)(len < 64 ? len : 64), name);
    if (value < 0)
        return jb_fail(err, JB_E_INPUT, "a size is 0 or more", "size '%.*s' cannot be negative",
                       (int)(len < 64 ? len : 64), name);
    symbol = jb_dims__enter(dims, name, len, false);
    if (!symbol)
        return jb_fail(err, dims->failure ? dims->failure : JB_E_RANGE, NULL,
                       "no room for size '%.*s'", (int)(len < 64 ? len : 64), name);
    symbol->is_bound = true;
    symbol->value = value;
    return JB_OK;
}

const char *jb_dims_unused_binding(const struct jb_dims *dims)
{
    for (size_t i = 0; i < dims->n_symbols; i++) {
        if (dims->symbols[i]->is_bound && !dims->symbols[i]->was_met)
            return dims->symbols[i]->text;
    }
    return NULL;
}

size_t jb_dims_n_open(const struct jb_dims *dims)
{
    return dims->n_open;
}

const char *jb_dims_open_at(const struct jb_dims *dims, size_t i)
{
    return i < dims->n_open ? dims->open[i] : NULL;
}

/* How deep compositions lie within one another in a size. */
static uint32_t depth_of(const struct jb_dims *dims, struct jb_dim dim)
{
    uint32_t depth = 0;
    for (uint32_t i = 0; dim.kind == JB_DIM_POLY && i < dim.poly->n; i++) {
        const struct jb_mono *const mono = dim.poly->terms[i].mono;
        for (uint32_t f = 0; f < mono->n; f++) {
            const uint32_t inner = dims->symbols[mono->factors[f].symbol]->depth;
            depth = inner > depth ? inner : depth;
        }
    }
    return depth;
}

struct jb_symbol *jb_dims__composed(struct jb_dims *dims, const char *text, size_t len,
                                    struct jb_dim a, struct jb_dim b)
{
    struct jb_symbol *symbol = jb_dims__find(dims, text, len, true);
    if (symbol)
        return symbol;
    const uint32_t depth_a = depth_of(dims, a), depth_b = depth_of(dims, b);
    const uint32_t depth = 1 + (depth_a > depth_b ? depth_a : depth_b);
    if (depth > JB_DIM_FLOORS_DEPTH) {
        (void)jb_dims__overflow(dims);
        return NULL;
    }
    symbol = jb_dims__enter(dims, text, len, true);
    if (symbol)
        symbol->depth = depth;
    return symbol;
}
