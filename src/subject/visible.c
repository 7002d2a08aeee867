/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The makers' variables, each with its own rules, to the boards that a program may use. It knows no process list: a board
 * that a run is seen on counts whatever is said here. Rule R-USE-05.
 */
#include "subject/visible.h"

#include <string.h>

#include "base/compiler.h"

#define PLACES_MAX    64
#define ENVIRON_BYTES ((size_t)256 * 1024)

enum maker { NVIDIA, AMD, INTEL, N_MAKERS };

/* By what a channel says of its driver. */
static const struct {
    const char *driver, *correlation;
    enum maker maker;
} makers[] = {
    {"nvml", NULL, NVIDIA},    {NULL, "hwmon:nouveau", NVIDIA}, {"gpu-metrics", NULL, AMD},
    {"rocm-smi", NULL, AMD},   {"amdsmi", NULL, AMD},           {NULL, "hwmon:amdgpu", AMD},
    {NULL, "hwmon:xe", INTEL}, {NULL, "hwmon:i915", INTEL},     {NULL, "nvml", NVIDIA},
};

enum variable {
    CUDA,
    CUDA_ORDER,
    ORDINAL,
    HIP,
    CONTAINER,
    ROCR,
    SLURM_JOB,
    SLURM_STEP,
    ZE,
    N_VARIABLES
};

static const char *const names[N_VARIABLES] = {
    [CUDA] = "CUDA_VISIBLE_DEVICES",
    [CUDA_ORDER] = "CUDA_DEVICE_ORDER",
    [ORDINAL] = "GPU_DEVICE_ORDINAL",
    [HIP] = "HIP_VISIBLE_DEVICES",
    [CONTAINER] = "NVIDIA_VISIBLE_DEVICES",
    [ROCR] = "ROCR_VISIBLE_DEVICES",
    [SLURM_JOB] = "SLURM_JOB_GPUS",
    [SLURM_STEP] = "SLURM_STEP_GPUS",
    [ZE] = "ZE_AFFINITY_MASK",
};

/* A value in the texts; at NULL where the variable is not set. */
struct value {
    const char *at;
    size_t len;
};

/* The boards of one maker in its own order, and what is found of them. Bit p is place p's, from 0. */
struct boards {
    const struct jb_channel *at[PLACES_MAX]; /* NULL: a board that nothing here measures */
    size_t n;
    uint64_t all;
    uint64_t seen;
    bool is_named;
    bool is_doubtful;
    bool is_unmetered;
    int64_t
        cut_at; /* where the last list ended at a number that is no board's here; -1 at a name, -2 not so */
};

/* One entry of a list. */
struct entry {
    enum { ENTRY_INDEX, ENTRY_NAME, ENTRY_NONE } kind; /* NONE: neither */
    int64_t first, last;                               /* indexes; one, or a range of Slurm's */
    struct value text;
};

/* -- texts ----------------------------------------------------------------------------------------------------------- */

static int variable_of(const char *assignment, size_t len)
{
    for (int i = 0; i < N_VARIABLES; i++) {
        const size_t name_len = strlen(names[i]);

        if (len > name_len && memcmp(assignment, names[i], name_len) == 0 &&
            assignment[name_len] == '=')
            return i;
    }
    return -1;
}

bool jb_visible_add(char *texts, size_t size, const char *assignment)
{
    const size_t at = strnlen(texts, size);
    const size_t len = strlen(assignment);

    if (variable_of(assignment, len) < 0)
        return true;
    if (strchr(assignment, '\n') || at + len + 2 > size)
        return false;
    memcpy(texts + at, assignment, len);
    memcpy(texts + at + len, "\n", 2);
    return true;
}

/* A list that is cut short would say something else: none says less. */
static void add_or_drop(char *texts, size_t size, const char *assignment)
{
    if (!jb_visible_add(texts, size, assignment))
        texts[0] = '\0';
}

void jb_visible_of_environment(char *const *environment, char *ret_texts, size_t size)
{
    ret_texts[0] = '\0';
    for (; environment && *environment; environment++)
        add_or_drop(ret_texts, size, *environment);
}

void jb_visible_of_process(const struct jb_os *os, pid_t pid, char *ret_texts, size_t size)
{
    JB_AUTO(jb_free_auto) char *block = malloc(ENVIRON_BYTES);
    char path[64];

    ret_texts[0] = '\0';
    if (!block)
        return;
    (void)snprintf(path, sizeof path, "/proc/%d/environ", (int)pid);
    const ssize_t len = jb_os_read_text(os, path, block, ENVIRON_BYTES);
    for (ssize_t at = 0; at < len; at += (ssize_t)strlen(block + at) + 1)
        add_or_drop(ret_texts, size, block + at);
}

static void find_values(const char *texts, struct value values[N_VARIABLES])
{
    while (*texts) {
        const size_t len = strcspn(texts, "\n");
        const int variable = variable_of(texts, len);

        if (variable >= 0) {
            const size_t name_len = strlen(names[variable]) + 1;
            values[variable] = (struct value){texts + name_len, len - name_len};
        }
        texts += len + (texts[len] ? 1 : 0);
    }
}

static bool is_word(const struct value *value, const char *word)
{
    return value->len == strlen(word) && memcmp(value->at, word, value->len) == 0;
}

static bool begins_with(const struct value *value, const char *word)
{
    return value->len >= strlen(word) && memcmp(value->at, word, strlen(word)) == 0;
}

/* Digits at the front, as the makers' own parsers take them ("1gpu" is 1); -1 for none. */
static int64_t take_index(struct value *text)
{
    int64_t index = -1;

    while (text->len > 0 && *text->at >= '0' && *text->at <= '9') {
        index = (index < 0 ? 0 : index) * 10 + (*text->at - '0');
        index = index > PLACES_MAX ? PLACES_MAX : index; /* beyond any board */
        text->at++;
        text->len--;
    }
    return index;
}

/* The next entry up to a comma; false at the end. An empty list has none. */
static bool next_entry(struct value *list, struct entry *ret)
{
    if (!list->at)
        return false;
    const char *const comma = list->len > 0 ? memchr(list->at, ',', list->len) : NULL;
    struct value text = {list->at, comma ? (size_t)(comma - list->at) : list->len};

    list->len = comma ? list->len - text.len - 1 : 0;
    list->at = comma ? comma + 1 : NULL;
    while (text.len > 0 && *text.at == ' ') {
        text.at++;
        text.len--;
    }
    *ret = (struct entry){.kind = text.len > 0 ? ENTRY_NAME : ENTRY_NONE, .text = text};
    ret->first = take_index(&text);
    ret->last = ret->first;
    if (ret->first < 0)
        return true;
    ret->kind = ENTRY_INDEX;
    if (text.len > 1 && *text.at == '-') {
        text.at++;
        text.len--;
        ret->last = take_index(&text);
    }
    return true;
}

static size_t count_bits(uint64_t bits)
{
    size_t n = 0;

    for (; bits != 0; bits &= bits - 1)
        n++;
    return n;
}

/* -- boards ---------------------------------------------------------------------------------------------------------- */

static int maker_of(const struct jb_channel *channel)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(makers); i++) {
        const char *const driver = makers[i].driver;
        const char *const correlation = makers[i].correlation;

        if ((!driver || strcmp(channel->driver, driver) == 0) &&
            (!correlation || strncmp(channel->correlation, correlation, strlen(correlation)) == 0))
            return (int)makers[i].maker;
    }
    return -1;
}

/*
 * Several channels may be of one board; the one that knows most names stands for it. A place without a channel, before one
 * that has some, is a board without a meter (the second die of an MI250), and counts; Level Zero puts a processor's
 * own graphics, which is what has no meter there, behind all others.
 */
static void find_boards(const struct jb_channel *channels, size_t n, enum maker maker,
                        struct boards *ret)
{
    const struct jb_channel *by_place[PLACES_MAX + 1] = {NULL};

    for (size_t i = 0; i < n; i++) {
        const int32_t place = channels[i].board;

        if (place <= 0 || place > PLACES_MAX || maker_of(&channels[i]) != (int)maker)
            continue;
        if (!by_place[place] || !by_place[place]->uuid[0])
            by_place[place] = &channels[i];
    }
    *ret = (struct boards){.n = 0};
    size_t last = PLACES_MAX;
    while (last > 0 && !by_place[last])
        last--;
    for (size_t place = 1; place <= last; place++) {
        if (!by_place[place] && maker == INTEL)
            continue;
        ret->all |= UINT64_C(1) << ret->n;
        ret->at[ret->n++] = by_place[place];
    }
    ret->seen = ret->all;
}

/* The index-th of those within, as bit of its place; 0 if there is none. */
static uint64_t place_within(uint64_t within, int64_t index)
{
    for (size_t place = 0; place < PLACES_MAX; place++) {
        if (!(within >> place & 1))
            continue;
        if (index == 0)
            return UINT64_C(1) << place;
        index--;
    }
    return 0;
}

/* A whole UUID, or the front of exactly one. */
static uint64_t place_of_uuid(const struct boards *boards, const struct value *text)
{
    uint64_t found = 0;

    for (size_t p = 0; p < boards->n; p++) {
        const char *const uuid = boards->at[p] ? boards->at[p]->uuid : "";

        if (uuid[0] && strlen(uuid) >= text->len && memcmp(uuid, text->at, text->len) == 0)
            found |= UINT64_C(1) << p;
    }
    return count_bits(found) == 1 ? found : 0;
}

static bool has_slices(const struct boards *boards, size_t p)
{
    return boards->at[p] && boards->at[p]->slices > 0;
}

/*
 * "MIG-GPU-<uuid>/1/0" names its board. "MIG-<uuid>" is the slice's own: it is on one of the boards that have slices, and
 * where there are several nobody here can say on which.
 */
static uint64_t place_of_slice(struct boards *boards, const struct value *text)
{
    struct value of = *text;
    uint64_t found = 0;

    if (begins_with(text, "MIG-GPU-")) {
        const char *const slash = memchr(of.at, '/', of.len);
        of.len = (slash ? (size_t)(slash - of.at) : of.len) - 4;
        of.at += 4;
        return place_of_uuid(boards, &of);
    }
    for (size_t p = 0; p < boards->n; p++)
        if (has_slices(boards, p))
            found |= UINT64_C(1) << p;
    if (count_bits(found) > 1)
        boards->is_doubtful = true;
    return found;
}

/* -- lists ----------------------------------------------------------------------------------------------------------- */

/*
 * CUDA, HIP and ROCm take the entries up to the first that is not valid (-1, an index too great, a UUID that is none or
 * not one); a board named twice leaves CUDA none (as PyTorch reads it too).
 */
static uint64_t take_until_invalid(struct boards *boards, struct value list, uint64_t within,
                                   bool is_cuda, bool *ret_has_index)
{
    struct entry entry;
    uint64_t set = 0;

    boards->cut_at = -2;
    while (next_entry(&list, &entry)) {
        uint64_t place = 0;

        if (entry.kind == ENTRY_INDEX) {
            place = place_within(within, entry.first);
            *ret_has_index = true;
        } else if (begins_with(&entry.text, "MIG-")) {
            place = place_of_slice(boards, &entry.text) & within;
        } else if (begins_with(&entry.text, "GPU-")) {
            place = place_of_uuid(boards, &entry.text) & within;
        }
        if (place == 0) {
            boards->cut_at = entry.kind == ENTRY_INDEX          ? entry.first
                             : begins_with(&entry.text, "GPU-") ? -1
                                                                : -2;
            break;
        }
        if (is_cuda && (set & place) != 0 && !begins_with(&entry.text, "MIG-"))
            return 0;
        set |= place;
    }
    return set;
}

/*
 * A list of the node's own numbers (Slurm, the container toolkit). Where it names as many boards as are seen here, or more, it
 * was applied before we looked: the boards it names are those that are here, under other numbers. False: it says nothing.
 */
static bool take_global(struct boards *boards, struct value list, uint64_t *ret_set)
{
    struct entry entry;
    uint64_t set = 0;
    size_t n_named = 0;
    bool is_all_known = true;

    while (next_entry(&list, &entry)) {
        if (entry.kind == ENTRY_NAME) {
            const uint64_t place = place_of_uuid(boards, &entry.text);
            set |= place;
            n_named += place != 0;
            continue;
        }
        for (int64_t i = entry.first; entry.kind == ENTRY_INDEX && i <= entry.last; i++) {
            const uint64_t place = place_within(boards->all, i);
            set |= place;
            n_named++;
            is_all_known = is_all_known && place != 0;
        }
    }
    if (n_named == 0)
        return false;
    if (n_named < boards->n && !is_all_known) {
        boards->is_doubtful = true;
        return false;
    }
    *ret_set = n_named >= boards->n ? boards->all : set;
    return true;
}

/* Dies of a module are neighbours by address: with the one that has the meter in the list, nothing is missing. */
static bool has_neighbour(const struct boards *boards, uint64_t set, int64_t place)
{
    const int64_t other = place ^ 1;

    return other < (int64_t)boards->n && boards->at[other] && (set >> other & 1);
}

static void limit(struct boards *boards, uint64_t set)
{
    boards->is_unmetered = false;
    for (int64_t p = 0; p < (int64_t)boards->n; p++)
        if ((set >> p & 1) && !boards->at[p] && !has_neighbour(boards, set, p))
            boards->is_unmetered = true;
    boards->seen = set;
    boards->is_named = true;
}

/* CUDA numbers boards by speed unless told otherwise; boards of one kind by their address either way. */
static bool is_order_known(const struct boards *boards, const struct value *order)
{
    for (size_t p = 1; p < boards->n; p++)
        if (!boards->at[p] || !boards->at[0] ||
            strcmp(boards->at[p]->label, boards->at[0]->label) != 0)
            return order->at && is_word(order, "PCI_BUS_ID");
    return true;
}

/* Slurm gives the node's numbers, or, where it keeps the other devices away by a control group, numbers among its own. */
static uint64_t take_cuda_within(struct boards *boards, struct value list, uint64_t within,
                                 bool *ret_has_index)
{
    const uint64_t global = take_until_invalid(boards, list, boards->all, true, ret_has_index);
    const uint64_t local = take_until_invalid(boards, list, within, true, ret_has_index);
    const bool is_global = global != 0 && (global & ~within) == 0;

    if (within == boards->all)
        return global;
    if (is_global && local != 0 && local != global && count_bits(local) == count_bits(global))
        boards->is_doubtful = true;
    return is_global ? global : local;
}

static void apply_nvidia(struct boards *boards, const struct value *values)
{
    const struct value container = values[CONTAINER];
    uint64_t set = boards->all;
    bool has_index = false;

    if (container.at && is_word(&container, "none"))
        limit(boards, 0);
    else if (container.at && container.len > 0 && !is_word(&container, "all") &&
             !is_word(&container, "void") && take_global(boards, container, &set))
        limit(boards, set);
    if (!values[CUDA].at)
        return;
    set = take_cuda_within(boards, values[CUDA], boards->seen, &has_index);
    limit(boards, set);
    if (has_index && set != boards->all && set != 0) {
        bool any_slices = false;
        for (size_t p = 0; p < boards->n; p++)
            any_slices = any_slices || has_slices(boards, p);
        if (any_slices || !is_order_known(boards, &values[CUDA_ORDER]))
            boards->is_doubtful = true;
    }
}

/* ROCR first; HIP's numbers, or CUDA's in its place, count among what that left. HIP takes an empty text for none given. */
static void apply_amd(struct boards *boards, const struct value *values)
{
    struct value then = values[HIP].len > 0 ? values[HIP] : values[CUDA];
    bool has_index = false;

    if (values[ROCR].at) {
        limit(boards, take_until_invalid(boards, values[ROCR], boards->all, false, &has_index));
        /* The board behind the last one that has a meter may be one that has none. */
        if (boards->cut_at == -1
                ? boards->seen == 0
                : boards->cut_at >= 0 && !has_neighbour(boards, boards->seen, boards->cut_at))
            boards->is_unmetered = true;
    }
    if (then.len == 0 && !values[ROCR].at)
        then = values[ORDINAL];
    if (then.len == 0)
        return;
    const uint64_t set = take_until_invalid(boards, then, boards->seen, false, &has_index);
    /* Slurm may set all of them to the same numbers: the second must not then find nothing. */
    if (set == 0 && values[ROCR].at && boards->seen != 0 && then.at[0] != '-')
        boards->is_doubtful = true;
    else
        limit(boards, set);
}

/* "1" and "1.0" are of board 1; a number too great counts tiles (ZE_FLAT_DEVICE_HIERARCHY), of which nothing is known. */
static void apply_intel(struct boards *boards, const struct value *values)
{
    struct value list = values[ZE];
    struct entry entry;
    uint64_t set = 0;

    if (list.len == 0)
        return;
    while (next_entry(&list, &entry)) {
        const uint64_t place =
            entry.kind == ENTRY_INDEX ? place_within(boards->all, entry.first) : 0;
        if (place == 0) {
            boards->is_doubtful = true;
            return;
        }
        set |= place;
    }
    limit(boards, set);
}

typedef void (*apply_fn)(struct boards *boards, const struct value *values);
static const apply_fn apply[N_MAKERS] = {
    [NVIDIA] = apply_nvidia, [AMD] = apply_amd, [INTEL] = apply_intel};

/* Slurm does not say of which maker; on a node with boards of two it is asked nothing. */
static void apply_slurm(struct boards boards[N_MAKERS], const struct value *values)
{
    const struct value list = values[SLURM_STEP].len > 0 ? values[SLURM_STEP] : values[SLURM_JOB];
    struct boards *only = NULL;
    uint64_t set = 0;
    int n_makers = 0;

    for (int m = 0; m < N_MAKERS; m++) {
        if (boards[m].n == 0)
            continue;
        only = &boards[m];
        n_makers++;
    }
    if (list.len > 0 && n_makers == 1 && take_global(only, list, &set))
        limit(only, set);
}

/* -- channels -------------------------------------------------------------------------------------------------------- */

static void set_bit(uint64_t *words, size_t i)
{
    words[i / 64] |= UINT64_C(1) << (i % 64);
}

static bool has_bit(const uint64_t *words, size_t i)
{
    return words[i / 64] >> (i % 64) & 1;
}

static void put_channel(const struct boards *boards, const struct jb_channel *channel, size_t i,
                        struct jb_visible *to)
{
    for (size_t p = 0; p < boards->n; p++) {
        if (!boards->at[p] || boards->at[p]->board != channel->board)
            continue;
        if (!(boards->seen >> p & 1))
            set_bit(to->unseen, i);
        else if (boards->is_named)
            set_bit(to->named, i);
    }
}

/* A part of a board that has no place of its own is seen as its board is. */
static void put_parts(const struct jb_channel *channels, size_t n, struct jb_visible *to)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; channels[i].board == 0 && channels[i].parent[0] && k < n; k++) {
            if (channels[k].board == 0 || strcmp(channels[k].id, channels[i].parent) != 0)
                continue;
            if (has_bit(to->unseen, k))
                set_bit(to->unseen, i);
            if (has_bit(to->named, k))
                set_bit(to->named, i);
        }
}

void jb_visible_resolve(const char *texts, const struct jb_channel *channels, size_t n,
                        struct jb_visible *ret)
{
    struct value values[N_VARIABLES] = {{NULL, 0}};
    struct boards boards[N_MAKERS];

    *ret = (struct jb_visible){.is_doubtful = false};
    n = n < JB_CHANNELS_MAX ? n : JB_CHANNELS_MAX;
    find_values(texts, values);
    for (int m = 0; m < N_MAKERS; m++)
        find_boards(channels, n, (enum maker)m, &boards[m]);
    apply_slurm(boards, values);
    for (int m = 0; m < N_MAKERS; m++) {
        if (boards[m].n == 0)
            continue;
        apply[m](&boards[m], values);
        ret->is_doubtful = ret->is_doubtful || boards[m].is_doubtful;
        ret->is_unmetered = ret->is_unmetered || boards[m].is_unmetered;
    }
    for (size_t i = 0; i < n; i++) {
        const int maker = maker_of(&channels[i]);
        if (maker >= 0 && channels[i].board > 0)
            put_channel(&boards[maker], &channels[i], i, ret);
    }
    put_parts(channels, n, ret);
}
