/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Processes to their use of boards, cumulative since the first look. Each look lists /proc, reads the DRM files of
 * processes known to have some, and looks for new ones among the others, a bounded part of them at a time. A client
 * counts once, however many files or processes share it; a count that fell back is waited for. What could not be read is
 * nobody's use: then the board's whole use is unknown, not nought. Rules R-SENSOR-73, R-SENSOR-74.
 */
#include "sensor/drm_watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "sensor/drm_fdinfo.h"
#include "sensor/kfd.h"
#include "sensor/sensor_int.h"

#define LOOK_NS        JB_NS_PER_S
#define BOARDS_MAX     64
#define PIDS_MAX       4096
#define CLIENTS_MAX    256
#define ROWS_MAX       256
#define LINKS_FIRST    16384 /* files after which the first look goes to no further process */
#define LINKS_PER_LOOK 1024  /* and a later one, among processes not known to use a board */
#define LINKS_MAX      1024  /* of one process */
#define KEPT_LOOKS     64 /* a client that is not seen is remembered so long, lest it count anew */
#define YOUNG_LOOKS    16 /* a process that just began is looked at each time so often, */
#define LOOK_EVERY     16 /* and then at each sixteenth */

struct process {
    int64_t pid;
    int64_t looked_ns; /* 0: not yet */
    uint32_t n_looks;
    bool has_board; /* it had a file of a watched board */
    bool is_whole;  /* the last look saw all its files */
    bool is_old;    /* it was there before the watch: what it used until then is not counted */
};

struct client {
    size_t board;
    uint64_t id;
    int64_t pid;
    uint32_t look; /* the last in which it was seen */
    int64_t seen_ns;
    uint64_t busy[DRM_ENGINES_MAX], total[DRM_ENGINES_MAX]; /* the greatest so far */
    int64_t memory_bytes;
};

/* One process on one board. */
struct row {
    size_t board;
    int64_t pid;
    int64_t busy_ns, present_ns;
    int64_t memory_bytes; /* of this look; -1 unknown */
    uint32_t look;        /* the last in which it was active */
    uint32_t memory_look;
    int64_t units; /* compute units, during a look */
};

struct board {
    char pci[16];
    char device[SENSOR_NAME_MAX]; /* its folder of sysfs; "" unknown */
    struct kfd_board kfd;
    int64_t busy_ns, present_ns;
    bool is_presence; /* some process of it was only listed */
    bool has_units;   /* some process of it said how many compute units it fills */
    bool has_host_pids;
    uint32_t told; /* the look that was told last */
};

struct drm_watch {
    size_t n_refs;
    const struct jb_sensor_env *env; /* of the look going on */
    struct board boards[BOARDS_MAX];
    size_t n_boards;
    struct process *processes, *next; /* PIDS_MAX each, sorted by pid */
    size_t n_processes, n_next;
    struct client clients[CLIENTS_MAX];
    size_t n_clients;
    struct row rows[ROWS_MAX];
    size_t n_rows;
    uint32_t look;
    int64_t began_ns, looked_ns, now_ns;
    size_t cursor; /* where the search of the other processes goes on */
    size_t links_left;
    struct process *at; /* whose files are being looked at, */
    struct process was; /* how it was before, */
    size_t n_links;     /* and how many it has so far */
    bool is_cut;        /* there are more than the tables hold */
};

struct drm_watch *drm_watch__new(void)
{
    struct drm_watch *const watch = calloc(1, sizeof *watch);

    if (!watch)
        return NULL;
    watch->n_refs = 1;
    watch->processes = calloc(PIDS_MAX, sizeof watch->processes[0]);
    watch->next = calloc(PIDS_MAX, sizeof watch->next[0]);
    if (!watch->processes || !watch->next) {
        drm_watch__unref(watch);
        return NULL;
    }
    return watch;
}

struct drm_watch *drm_watch__ref(struct drm_watch *watch)
{
    watch->n_refs++;
    return watch;
}

void drm_watch__unref(struct drm_watch *watch)
{
    if (!watch || --watch->n_refs > 0)
        return;
    free(watch->processes);
    free(watch->next);
    free(watch);
}

jb_rc drm_watch__add_board(struct drm_watch *watch, const struct jb_os *os, const char *pci,
                           size_t *ret_board)
{
    struct drm_board found;

    if (watch->n_boards == BOARDS_MAX)
        return JB_E_FULL;
    struct board *const board = &watch->boards[watch->n_boards];
    *board = (struct board){0};
    (void)snprintf(board->pci, sizeof board->pci, "%s", pci);
    if (drm__find(os, pci, &found))
        (void)snprintf(board->device, sizeof board->device, "/sys/class/drm/%s/device", found.card);
    kfd__find_board(os, pci, &board->kfd);
    *ret_board = watch->n_boards++;
    return JB_OK;
}

static struct row *row_of(struct drm_watch *watch, size_t board, int64_t pid)
{
    for (size_t i = 0; i < watch->n_rows; i++)
        if (watch->rows[i].board == board && watch->rows[i].pid == pid)
            return &watch->rows[i];
    if (watch->n_rows == ROWS_MAX) {
        watch->is_cut = true;
        return NULL;
    }
    struct row *const row = &watch->rows[watch->n_rows++];
    *row = (struct row){.board = board, .pid = pid, .memory_bytes = -1};
    return row;
}

static void add_use(struct drm_watch *watch, size_t board, int64_t pid, int64_t busy_ns)
{
    struct row *const row = row_of(watch, board, pid);

    if (!row)
        return;
    row->busy_ns = jb_add_sat_i64(row->busy_ns, busy_ns);
    watch->boards[board].busy_ns = jb_add_sat_i64(watch->boards[board].busy_ns, busy_ns);
    if (busy_ns > 0)
        row->look = watch->look;
}

/* Memory is of now: the first word of a look replaces the last look's, a further one adds to it or is another view. */
static void add_memory(struct drm_watch *watch, size_t board, int64_t pid, int64_t bytes,
                       bool is_other_view)
{
    struct row *const row = bytes >= 0 ? row_of(watch, board, pid) : NULL;

    if (!row)
        return;
    if (row->memory_look != watch->look)
        row->memory_bytes = bytes;
    else if (is_other_view)
        row->memory_bytes = bytes > row->memory_bytes ? bytes : row->memory_bytes;
    else
        row->memory_bytes = jb_add_sat_i64(row->memory_bytes, bytes);
    row->memory_look = watch->look;
}

/* -- clients of DRM files -------------------------------------------------------------------------------------------- */

static struct client *find_client(struct drm_watch *watch, size_t board, uint64_t id)
{
    for (size_t i = 0; i < watch->n_clients; i++)
        if (watch->clients[i].board == board && watch->clients[i].id == id)
            return &watch->clients[i];
    return NULL;
}

/* How long one engine was kept busy since the client was last seen; 0 where it did not say so before and now. */
static int64_t engine_delta(const struct drm_client *text, size_t i, const struct client *client,
                            int64_t elapsed_ns)
{
    const struct drm_engine *const engine = &text->engines[i];
    int64_t busy_ns;

    if (!engine->has_busy || engine->busy <= client->busy[i])
        return 0;
    const uint64_t busy = engine->busy - client->busy[i];
    if (!text->is_cycles)
        return jb_muldiv_u64(busy, 1, engine->capacity, JB_ROUND_FLOOR, &busy_ns) < 0 ? 0 : busy_ns;
    if (!engine->has_total || client->total[i] == 0 || engine->total_cycles <= client->total[i])
        return 0;
    const uint64_t total = engine->total_cycles - client->total[i];
    if (total > UINT64_MAX / 64 || elapsed_ns < 0 ||
        jb_muldiv_u64(busy, (uint64_t)elapsed_ns, total * engine->capacity, JB_ROUND_FLOOR,
                      &busy_ns) < 0)
        return 0;
    return busy_ns;
}

static void keep_greatest(const struct drm_client *text, struct client *client)
{
    for (size_t i = 0; i < DRM_ENGINES_MAX; i++) {
        if (text->engines[i].has_busy && text->engines[i].busy > client->busy[i])
            client->busy[i] = text->engines[i].busy;
        if (text->engines[i].has_total && text->engines[i].total_cycles > client->total[i])
            client->total[i] = text->engines[i].total_cycles;
    }
}

static void take_client(struct drm_watch *watch, size_t board, const struct drm_client *text)
{
    struct client *client = find_client(watch, board, text->id);
    const bool is_new = !client;

    if (is_new) {
        if (watch->n_clients == CLIENTS_MAX) {
            watch->is_cut = true;
            return;
        }
        client = &watch->clients[watch->n_clients++];
        *client = (struct client){.board = board, .id = text->id, .seen_ns = watch->was.looked_ns};
        /* What a process did before the watch began is not the watch's. */
        if (watch->was.is_old && !watch->was.is_whole)
            keep_greatest(text, client);
    } else if (client->look == watch->look) {
        return; /* another file of the same client */
    }
    const int64_t since_ns = client->seen_ns > 0 ? client->seen_ns : watch->began_ns;
    const int64_t elapsed_ns = watch->now_ns - since_ns;
    int64_t busy_ns = 0;
    for (size_t i = 0; i < DRM_ENGINES_MAX; i++)
        busy_ns = jb_add_sat_i64(busy_ns, engine_delta(text, i, client, elapsed_ns));
    keep_greatest(text, client);
    client->pid = watch->at->pid;
    client->look = watch->look;
    client->seen_ns = watch->now_ns;
    add_use(watch, board, client->pid, busy_ns < elapsed_ns ? busy_ns : elapsed_ns);
    add_memory(watch, board, client->pid, text->memory_bytes, false);
}

/* -- files of a process ---------------------------------------------------------------------------------------------- */

static void read_file(struct drm_watch *watch, const char *name)
{
    char path[SENSOR_NAME_MAX];
    char text[DRM_FDINFO_MAX];
    struct drm_client client;

    (void)snprintf(path, sizeof path, "/proc/%lld/fdinfo/%.20s", (long long)watch->at->pid, name);
    const ssize_t len = jb_os_read_text(watch->env->os, path, text, sizeof text);
    if (len == -EACCES || len == -EPERM)
        watch->at->is_whole = false;
    if (len < 0 || drm_fdinfo__parse(text, (size_t)len, &client) < 0 || !client.has_id)
        return;
    for (size_t i = 0; i < watch->n_boards; i++) {
        if (strcmp(watch->boards[i].pci, client.pci) != 0)
            continue;
        watch->at->has_board = true;
        take_client(watch, i, &client);
        return;
    }
}

static int take_file(void *arg, const char *name)
{
    struct drm_watch *const watch = arg;
    const struct jb_os *const os = watch->env->os;
    char path[SENSOR_NAME_MAX];
    char target[SENSOR_PATH_MAX];

    if (watch->n_links++ == LINKS_MAX) {
        watch->at->is_whole = false;
        return 1;
    }
    (void)snprintf(path, sizeof path, "/proc/%lld/fd/%.20s", (long long)watch->at->pid, name);
    const ssize_t len = os->real_path(os->context, path, target, sizeof target);
    if (len > 0 && (size_t)len < sizeof target && strncmp(target, "/dev/dri/", 9) == 0)
        read_file(watch, name);
    return 0;
}

static void look_at(struct drm_watch *watch, struct process *process)
{
    char path[SENSOR_NAME_MAX];

    watch->at = process;
    watch->was = *process;
    watch->n_links = 0;
    process->has_board = false;
    process->is_whole = true;
    (void)snprintf(path, sizeof path, "/proc/%lld/fd", (long long)process->pid);
    const int rc = watch->env->os->list(watch->env->os->context, path, take_file, watch);
    if (rc == -EACCES || rc == -EPERM)
        process->is_whole = false;
    process->looked_ns = watch->now_ns;
    process->n_looks++;
    watch->links_left -= watch->n_links < watch->links_left ? watch->n_links : watch->links_left;
}

/* -- processes ------------------------------------------------------------------------------------------------------- */

static struct process *find_process(struct process *processes, size_t n, int64_t pid)
{
    size_t low = 0;

    while (n > 0) {
        const size_t half = n / 2;
        if (processes[low + half].pid < pid) {
            low += half + 1;
            n -= half + 1;
        } else {
            n = half;
        }
    }
    return &processes[low];
}

static bool has_process(const struct drm_watch *watch, int64_t pid)
{
    const struct process *const found = find_process(watch->processes, watch->n_processes, pid);

    return found < watch->processes + watch->n_processes && found->pid == pid;
}

static int take_pid(void *arg, const char *name)
{
    struct drm_watch *const watch = arg;
    int64_t pid;

    if (name[0] < '0' || name[0] > '9' || jb_parse_i64(name, strlen(name), false, &pid) < 0)
        return 0;
    if (watch->n_next == PIDS_MAX) {
        watch->is_cut = true;
        return 1;
    }
    struct process *const process = &watch->next[watch->n_next++];
    const struct process *const known = find_process(watch->processes, watch->n_processes, pid);
    if (known < watch->processes + watch->n_processes && known->pid == pid)
        *process = *known;
    else
        *process = (struct process){.pid = pid, .is_old = watch->look == 1};
    return 0;
}

static int compare_processes(const void *a, const void *b)
{
    const int64_t one = ((const struct process *)a)->pid;
    const int64_t two = ((const struct process *)b)->pid;

    return one < two ? -1 : one > two;
}

static void list_processes(struct drm_watch *watch)
{
    bool is_sorted = true;

    watch->n_next = 0;
    (void)watch->env->os->list(watch->env->os->context, "/proc", take_pid, watch);
    /* The kernel lists them in order; another system need not. */
    for (size_t i = 1; i < watch->n_next && is_sorted; i++)
        is_sorted = watch->next[i - 1].pid < watch->next[i].pid;
    if (!is_sorted)
        qsort(watch->next, watch->n_next, sizeof watch->next[0], compare_processes);
    struct process *const last = watch->processes;
    watch->processes = watch->next;
    watch->n_processes = watch->n_next;
    watch->next = last;
}

static bool is_due(const struct drm_watch *watch, const struct process *process)
{
    return process->looked_ns == 0 || process->n_looks < YOUNG_LOOKS ||
           (watch->look + (uint64_t)process->pid) % LOOK_EVERY == 0;
}

static void look_at_all(struct drm_watch *watch)
{
    watch->links_left = SIZE_MAX;
    for (size_t i = 0; i < watch->n_processes; i++)
        if (watch->processes[i].has_board)
            look_at(watch, &watch->processes[i]);
    watch->links_left = watch->look == 1 ? LINKS_FIRST : LINKS_PER_LOOK;
    for (size_t n = 0; n < watch->n_processes && watch->links_left > 0; n++) {
        watch->cursor = watch->cursor + 1 < watch->n_processes ? watch->cursor + 1 : 0;
        struct process *const process = &watch->processes[watch->cursor];
        if (!process->has_board && is_due(watch, process))
            look_at(watch, process);
    }
}

/* -- compute processes of AMD boards --------------------------------------------------------------------------------- */

struct compute {
    struct drm_watch *watch;
    size_t board;
    int64_t units; /* of all its processes */
};

static void take_compute(void *arg, const struct kfd_use *use)
{
    struct compute *const compute = arg;
    struct board *const board = &compute->watch->boards[compute->board];
    struct row *const row = row_of(compute->watch, compute->board, use->pid);

    if (!row)
        return;
    board->has_host_pids = true;
    add_memory(compute->watch, compute->board, use->pid, use->memory_bytes, true);
    if (use->has_units) {
        board->has_units = true;
        row->units = use->units;
        compute->units += use->units;
    } else if (!board->has_units) {
        board->is_presence = true; /* the chip cannot say; else it was one read that failed */
    }
    if (!use->has_units || use->units > 0)
        row->look = compute->watch->look;
}

/* R-SENSOR-74: a board with any work is busy; how full of waves it is says only how to divide that time. */
static void look_at_compute(struct drm_watch *watch, size_t board, int64_t elapsed_ns)
{
    struct compute compute = {.watch = watch, .board = board};

    if (watch->boards[board].kfd.n == 0)
        return;
    (void)kfd__each_use(watch->env->os, &watch->boards[board].kfd, take_compute, &compute);
    for (size_t i = 0; i < watch->n_rows; i++) {
        struct row *const row = &watch->rows[i];
        if (row->board != board || row->units == 0)
            continue;
        add_use(watch, board, row->pid,
                jb_muldiv_sat_i64(elapsed_ns, row->units, compute.units, JB_ROUND_FLOOR));
        row->units = 0;
    }
}

/* A process that ended, and a compute process that is listed no more, leave; what they used stays in the board's sum. */
static void drop_ended(struct drm_watch *watch)
{
    size_t n_kept = 0;

    for (size_t i = 0; i < watch->n_rows; i++) {
        const struct row *const row = &watch->rows[i];
        if (row->look == watch->look || row->memory_look == watch->look ||
            has_process(watch, row->pid))
            watch->rows[n_kept++] = *row;
    }
    watch->n_rows = n_kept;
    n_kept = 0;
    for (size_t i = 0; i < watch->n_clients; i++)
        if (watch->look - watch->clients[i].look < KEPT_LOOKS &&
            has_process(watch, watch->clients[i].pid))
            watch->clients[n_kept++] = watch->clients[i];
    watch->n_clients = n_kept;
}

static void add_presence(struct drm_watch *watch, int64_t elapsed_ns)
{
    for (size_t b = 0; b < watch->n_boards; b++) {
        bool is_used = false;
        for (size_t i = 0; i < watch->n_rows; i++) {
            struct row *const row = &watch->rows[i];
            if (row->board != b || row->look != watch->look)
                continue;
            row->present_ns = jb_add_sat_i64(row->present_ns, elapsed_ns);
            is_used = true;
        }
        if (is_used)
            watch->boards[b].present_ns = jb_add_sat_i64(watch->boards[b].present_ns, elapsed_ns);
    }
}

static void look(struct drm_watch *watch)
{
    const int64_t elapsed_ns = watch->look == 0 ? 0 : watch->now_ns - watch->looked_ns;

    if (watch->look == 0)
        watch->began_ns = watch->now_ns;
    watch->look++;
    watch->is_cut = false;
    list_processes(watch);
    look_at_all(watch);
    for (size_t i = 0; i < watch->n_boards; i++)
        look_at_compute(watch, i, elapsed_ns);
    drop_ended(watch);
    add_presence(watch, elapsed_ns);
    watch->looked_ns = watch->now_ns;
}

/* Whether every process could be looked into; else somebody may use the board unseen. */
static bool sees_all(const struct drm_watch *watch)
{
    if (watch->is_cut || watch->n_processes == 0)
        return false;
    for (size_t i = 0; i < watch->n_processes; i++)
        if (!watch->processes[i].is_whole)
            return false;
    return true;
}

static int64_t greater(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t read_memory(const struct jb_os *os, const struct board *board, const char *file)
{
    uint64_t bytes;

    if (board->device[0] == '\0' || sensor__u64(os, board->device, file, &bytes) < 0 ||
        bytes > INT64_MAX)
        return -1;
    return (int64_t)bytes;
}

static void put_board(const struct drm_watch *watch, const struct board *board,
                      struct jb_sensor_board *ret)
{
    const int64_t lasted_ns = watch->now_ns - watch->began_ns;
    const int64_t busy_ns =
        board->is_presence ? greater(board->present_ns, board->busy_ns) : board->busy_ns;

    *ret = (struct jb_sensor_board){
        /* Engines overlap, and so may their sum overtake the clock; a board is busy once at a time. */
        .busy_ns = !sees_all(watch)      ? -1
                   : busy_ns < lasted_ns ? busy_ns
                                         : lasted_ns,
        .memory_used_bytes = read_memory(watch->env->os, board, "mem_info_vram_used"),
        .memory_total_bytes = read_memory(watch->env->os, board, "mem_info_vram_total"),
        .is_presence = board->is_presence,
        .has_host_pids = board->has_host_pids,
    };
}

/* Keeps the busiest `capacity`, busiest first. */
static void put_use(const struct jb_sensor_use *use, struct jb_sensor_use *ret_uses,
                    size_t capacity, size_t *ret_n)
{
    size_t at = *ret_n;

    while (at > 0 && ret_uses[at - 1].busy_ns < use->busy_ns)
        at--;
    if (at == capacity)
        return;
    const size_t n_after = (*ret_n < capacity ? *ret_n : capacity - 1) - at;
    memmove(&ret_uses[at + 1], &ret_uses[at], n_after * sizeof ret_uses[0]);
    ret_uses[at] = *use;
    *ret_n = at + n_after + 1;
}

jb_rc drm_watch__use(struct drm_watch *watch, const struct jb_sensor_env *env, size_t board,
                     struct jb_sensor_board *ret_board, struct jb_sensor_use *ret_uses,
                     size_t capacity, size_t *ret_n)
{
    if (board >= watch->n_boards)
        return JB_E_USAGE;
    watch->env = env;
    const int64_t now_ns = jb_mono_ns(env->clock);
    if (watch->look == 0 || now_ns - watch->looked_ns >= LOOK_NS) {
        watch->now_ns = now_ns;
        look(watch);
    }
    struct board *const asked = &watch->boards[board];
    if (asked->told == watch->look)
        return JB_E_AGAIN;
    asked->told = watch->look;
    put_board(watch, asked, ret_board);
    *ret_n = 0;
    for (size_t i = 0; i < watch->n_rows; i++) {
        const struct row *const row = &watch->rows[i];
        const struct jb_sensor_use use = {
            .pid = row->pid,
            .busy_ns = asked->is_presence ? greater(row->present_ns, row->busy_ns) : row->busy_ns,
            .memory_bytes = row->memory_look == watch->look ? row->memory_bytes : -1,
        };
        if (row->board == board)
            put_use(&use, ret_uses, capacity, ret_n);
    }
    return JB_OK;
}
