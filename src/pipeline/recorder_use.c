/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who uses the boards: the drivers' lists of processes to cumulative use per run and board. It looks once a second, knows a
 * run by its processes' ancestors, and never lets a figure fall. It shares no energy. Rules R-USE-01 to -03, -06, -08.
 */
#include "pipeline/recorder_int.h"

#include "base/num.h"
#include "subject/proc_text.h"
#include "subject/visible.h"

#define LOOK_NS \
    (950 * JB_NS_PER_MS) /* once a second, though ticks are never a whole second apart */
#define LOOK_FRAME_NS (200 * JB_NS_PER_MS)
#define CARRY_NS      (2 * JB_NS_PER_S)
#define UNSEEN_NS     (2 * JB_RECORDER_FRAME_NS) /* so that a frame tells of it */
#define PPM           1000000
#define LISTED_MAX    128
/* All that can be listed at once: no listed process is forgotten, whose whole count would then be taken for new. */
#define PROCESSES_MAX ((size_t)JB_BOARDS_MAX * LISTED_MAX)
#define ANCESTORS_MAX 64

/* A cumulative figure between two looks: carried on at the rate of the last two, and never back. */
struct carried {
    int64_t ns;
    int64_t base_ns, base_mono_ns;
    int64_t ppm;
    int64_t told_ns;
    int64_t new_ns; /* of the look being taken */
};

struct board {
    struct jb_board last; /* what it said; its times are in the following */
    struct carried busy, others;
    int64_t driver_ns; /* the driver's own count of busy time */
    int64_t most_ppm;  /* how busy it was in the busiest second since the last frame */
    int64_t frame_ppm; /* the same between the last two frames */
    uint32_t look;     /* how often it was looked at */
    int64_t
        unseen_ns; /* when it was last used by a process that had ended before it was seen; 0 never */
};

struct pair {
    struct jb_use last;
    struct carried busy;
};

struct process {
    int64_t pid, start_ticks; /* start 0: it was never found in /proc */
    uint32_t channel;
    uint32_t look;     /* of the board, the last that listed it */
    int64_t listed_ns; /* when that was */
    bool is_matched;
    uint64_t run; /* 0: nobody's */
    int64_t busy_ns;
};

struct slot_run {
    uint64_t run; /* 0: none is in the slot */
    int64_t supervisor_pid, root_pid;
};

/* What the environment of the run in a slot says of boards. */
struct slot_visible {
    uint64_t run; /* 0: not worked out */
    struct jb_visible visible;
};

struct recorder_uses {
    size_t n_boards, n_pairs, n_processes;
    struct board boards[JB_BOARDS_MAX];
    struct pair pairs[JB_USES_MAX];
    struct process processes[PROCESSES_MAX];
    struct slot_run slots[JB_SUBJECTS_MAX];
    struct slot_visible visible[JB_SUBJECTS_MAX];
    int64_t looked_ns
        [JB_CHANNELS_MAX]; /* when each last had something to say, or never will; 0 not yet */
    struct jb_sensor_use listed[LISTED_MAX];
};

jb_rc recorder__uses_new(struct recorder_uses **ret_uses)
{
    struct recorder_uses *uses = calloc(1, sizeof *uses);
    if (!uses)
        return JB_E_NOMEM;
    *ret_uses = uses;
    return JB_OK;
}

void recorder__uses_free(struct recorder_uses *uses)
{
    free(uses);
}

/* -- cumulative figures --------------------------------------------------------------------------------------------- */

/* R-USE-06 */
static void carry(struct carried *to, int64_t mono_ns, bool is_live)
{
    to->ns = jb_add_sat_i64(to->ns, to->new_ns);
    to->new_ns = 0;
    int64_t since_ns = mono_ns - to->base_mono_ns;
    if (!is_live)
        to->ppm = 0;
    else if (since_ns < LOOK_NS)
        return;
    else if (to->base_mono_ns > 0)
        to->ppm = jb_muldiv_sat_i64(to->ns - to->base_ns, PPM, since_ns, JB_ROUND_FLOOR);
    to->base_ns = to->ns;
    to->base_mono_ns = mono_ns;
}

static int64_t told_at(struct carried *from, int64_t mono_ns)
{
    int64_t age_ns = mono_ns - from->base_mono_ns;
    age_ns = age_ns < 0 ? 0 : age_ns > CARRY_NS ? CARRY_NS : age_ns;
    int64_t ns =
        jb_add_sat_i64(from->base_ns, jb_muldiv_sat_i64(age_ns, from->ppm, PPM, JB_ROUND_FLOOR));
    ns = from->ns > ns ? from->ns : ns;
    if (ns > from->told_ns)
        from->told_ns = ns;
    return from->told_ns;
}

static struct carried carried_from(int64_t ns)
{
    return (struct carried){.ns = ns, .base_ns = ns, .told_ns = ns};
}

/* -- processes and runs --------------------------------------------------------------------------------------------- */

static bool read_stat(const struct jb_recorder *recorder, int64_t pid, struct jb_proc_stat *ret)
{
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%lld/stat", (long long)pid);
    ssize_t len = jb_os_read_text(recorder->options.machine_os, path, text, sizeof text);
    return len > 0 && jb_proc_stat_parse(text, (size_t)len, ret) == JB_OK;
}

static uint64_t run_of_slot_pid(const struct recorder_uses *uses, int64_t pid)
{
    for (size_t i = 0; i < JB_SUBJECTS_MAX; i++)
        if (uses->slots[i].run != 0 &&
            (uses->slots[i].supervisor_pid == pid || uses->slots[i].root_pid == pid))
            return uses->slots[i].run;
    return 0;
}

static bool is_run_there(const struct recorder_uses *uses, uint64_t run)
{
    for (size_t i = 0; i < JB_SUBJECTS_MAX; i++)
        if (run != 0 && uses->slots[i].run == run)
            return true;
    return false;
}

/* R-USE-02: up its ancestors to the first that supervises a run, or that a run is attached to: the innermost run. */
static uint64_t run_of_process(const struct jb_recorder *recorder, const struct jb_proc_stat *own)
{
    uint64_t run = run_of_slot_pid(recorder->uses, own->pid);
    int64_t pid = own->parent_pid;
    for (int i = 0; run == 0 && pid > 1 && i < ANCESTORS_MAX; i++) {
        struct jb_proc_stat stat;
        run = run_of_slot_pid(recorder->uses, pid);
        if (run != 0 || !read_stat(recorder, pid, &stat))
            break;
        pid = stat.parent_pid;
    }
    return run;
}

/* Who began or ended since the last look is told apart from before; what only a run that is gone had used goes. */
static void see_slots(struct jb_recorder *recorder)
{
    struct recorder_uses *uses = recorder->uses;
    bool is_changed = false;
    for (uint32_t i = 0; i < JB_SUBJECTS_MAX; i++) {
        struct jb_spool_slot *slot = &recorder->spool->node->slots[i];
        uint32_t state = atomic_load(&slot->state);
        char run_id[JB_RUN_ID];
        memcpy(run_id, slot->run_id, sizeof run_id);
        run_id[sizeof run_id - 1] = '\0';
        bool is_there = (state == JB_SLOT_ACTIVE || state == JB_SLOT_ENDED) && run_id[0];
        uint64_t run = is_there ? jb_use_key(run_id) : 0;
        if (uses->slots[i].run == run)
            continue;
        is_changed = true;
        uses->slots[i] = (struct slot_run){.run = run,
                                           .supervisor_pid = atomic_load(&slot->supervisor_pid),
                                           .root_pid = atomic_load(&slot->root_pid)};
    }
    if (!is_changed)
        return;
    for (size_t i = 0; i < uses->n_processes; i++)
        uses->processes[i].is_matched = false;
    size_t n = 0;
    for (size_t i = 0; i < uses->n_pairs; i++)
        if (is_run_there(uses, uses->pairs[i].last.run))
            uses->pairs[n++] = uses->pairs[i];
    uses->n_pairs = n;
}

/* A place for a process: its own, a new one, or that of one that is not listed any more; NULL if all are taken. */
static struct process *find_process(struct recorder_uses *uses, uint32_t channel, int64_t pid,
                                    int64_t mono_ns)
{
    struct process *oldest = NULL;
    for (size_t i = 0; i < uses->n_processes; i++) {
        struct process *at = &uses->processes[i];
        if (at->pid == pid && at->channel == channel)
            return at;
        if (at->listed_ns < mono_ns && (!oldest || at->listed_ns < oldest->listed_ns))
            oldest = at;
    }
    if (uses->n_processes < PROCESSES_MAX)
        oldest = &uses->processes[uses->n_processes++];
    if (oldest)
        *oldest = (struct process){.pid = pid, .channel = channel};
    return oldest;
}

/*
 * Its run, as long as that is there; a process whose ancestors died is still whose it was. The driver knows pids alone: where
 * one came again between two looks it counts on, and what the first process used is not the second's.
 */
static void match(const struct jb_recorder *recorder, struct process *process, bool was_listed)
{
    struct jb_proc_stat stat;
    if (!read_stat(recorder, process->pid, &stat))
        return; /* it ended: what it used last was its run's too */
    if (stat.start_ticks != process->start_ticks)
        *process = (struct process){.pid = process->pid,
                                    .channel = process->channel,
                                    .start_ticks = stat.start_ticks,
                                    .look = was_listed ? process->look : 0,
                                    .busy_ns = was_listed ? process->busy_ns : 0};
    if (process->is_matched)
        return;
    uint64_t run = run_of_process(recorder, &stat);
    if (run != 0 || !is_run_there(recorder->uses, process->run))
        process->run = run;
    process->is_matched = true;
}

/* -- a look --------------------------------------------------------------------------------------------------------- */

static struct board *find_board(struct recorder_uses *uses, uint32_t channel)
{
    for (size_t i = 0; i < uses->n_boards; i++)
        if (uses->boards[i].last.channel == channel)
            return &uses->boards[i];
    if (uses->n_boards == JB_BOARDS_MAX)
        return NULL;
    struct board *board = &uses->boards[uses->n_boards++];
    *board = (struct board){.last = {.channel = channel}};
    return board;
}

static struct pair *find_pair(struct recorder_uses *uses, uint64_t run, uint32_t channel)
{
    for (size_t i = 0; i < uses->n_pairs; i++)
        if (uses->pairs[i].last.run == run && uses->pairs[i].last.channel == channel)
            return &uses->pairs[i];
    if (uses->n_pairs == JB_USES_MAX)
        return NULL;
    struct pair *pair = &uses->pairs[uses->n_pairs++];
    *pair = (struct pair){.last = {.run = run, .channel = channel}};
    return pair;
}

static bool was_listed(const struct board *board, const struct process *process)
{
    return process->look != 0 && process->look + 1 >= board->look;
}

/*
 * R-USE-08: it ended before anybody looked whose it was. Where processes of others are hidden (hidepid of /proc hides the
 * first one too) nothing follows from not finding it: our own are never hidden.
 */
static bool is_unseen(const struct jb_recorder *recorder, const struct process *process)
{
    struct jb_proc_stat stat;
    return process->start_ticks == 0 && read_stat(recorder, 1, &stat);
}

/* R-USE-01: what the process used since the last look that listed it. One that was not on the list then began anew. */
static int64_t used_since_ns(const struct board *board, struct process *process, int64_t busy_ns)
{
    int64_t since_ns = busy_ns - process->busy_ns;
    if (since_ns < 0)
        since_ns = was_listed(board, process) ? 0 : busy_ns;
    process->busy_ns = busy_ns;
    process->look = board->look;
    return since_ns > 0 ? since_ns : 0;
}

static void take_process(struct jb_recorder *recorder, struct board *board,
                         const struct jb_sensor_use *listed)
{
    struct recorder_uses *uses = recorder->uses;
    struct process *process =
        find_process(uses, board->last.channel, listed->pid, recorder->now_ns);
    struct pair *pair = NULL;
    int64_t memory_bytes = listed->memory_bytes > 0 ? listed->memory_bytes : 0;
    int64_t used_ns = 0;
    if (process) {
        if (!(board->last.flags & JB_BOARD_UNMATCHED))
            match(recorder, process, was_listed(board, process));
        process->listed_ns = recorder->now_ns;
        used_ns = used_since_ns(board, process, listed->busy_ns);
        if (used_ns > 0 && !(board->last.flags & JB_BOARD_UNMATCHED) &&
            is_unseen(recorder, process))
            board->unseen_ns = recorder->now_ns;
        pair = process->run != 0 ? find_pair(uses, process->run, board->last.channel) : NULL;
    }
    if (pair) {
        pair->last.n_processes++;
        pair->last.memory_bytes = jb_add_sat_i64(pair->last.memory_bytes, memory_bytes);
        pair->busy.new_ns = jb_add_sat_i64(pair->busy.new_ns, used_ns);
        return;
    }
    board->last.n_others++;
    board->last.others_bytes = jb_add_sat_i64(board->last.others_bytes, memory_bytes);
    board->others.new_ns = jb_add_sat_i64(board->others.new_ns, used_ns);
}

static void take_board(struct jb_recorder *recorder, uint32_t channel,
                       const struct jb_sensor_board *said, size_t n_listed)
{
    struct recorder_uses *uses = recorder->uses;
    struct board *board = find_board(uses, channel);
    if (!board)
        return;
    bool is_unmatched = said->has_host_pids && recorder->options.is_other_pid_namespace;
    board->last.flags = (said->is_presence ? JB_BOARD_PRESENCE : 0) |
                        (is_unmatched ? JB_BOARD_UNMATCHED : 0) |
                        (said->busy_ns >= 0 ? JB_BOARD_BUSY : 0);
    board->last.memory_used_bytes = said->memory_used_bytes;
    board->last.memory_total_bytes = said->memory_total_bytes;
    board->last.n_others = 0;
    board->last.others_bytes = 0;
    board->look++;
    if (said->busy_ns > board->driver_ns)
        board->busy.new_ns = said->busy_ns - board->driver_ns;
    if (said->busy_ns >= 0)
        board->driver_ns = said->busy_ns;
    for (size_t i = 0; i < uses->n_pairs; i++)
        if (uses->pairs[i].last.channel == channel) {
            uses->pairs[i].last.n_processes = 0;
            uses->pairs[i].last.memory_bytes = 0;
        }
    for (size_t i = 0; i < n_listed; i++)
        take_process(recorder, board, &uses->listed[i]);
    carry(&board->busy, recorder->now_ns, true);
    if (board->busy.ppm > board->most_ppm)
        board->most_ppm = board->busy.ppm;
    carry(&board->others, recorder->now_ns, board->last.n_others > 0);
    for (size_t i = 0; i < uses->n_pairs; i++)
        if (uses->pairs[i].last.channel == channel)
            carry(&uses->pairs[i].busy, recorder->now_ns, uses->pairs[i].last.n_processes > 0);
}

void recorder__look_at_boards(struct jb_recorder *recorder, bool is_for_frame)
{
    struct recorder_uses *uses = recorder->uses;
    int64_t wanted_ns = is_for_frame ? LOOK_FRAME_NS : LOOK_NS;
    bool is_any = false;
    for (size_t i = 0; i < recorder->n_channels; i++) {
        struct jb_sensor_board said;
        size_t n_listed = 0;
        if (recorder->is_gone[i] ||
            (uses->looked_ns[i] > 0 && recorder->now_ns - uses->looked_ns[i] < wanted_ns))
            continue;
        jb_rc rc =
            jb_sensor_board_use(recorder->sensors, i, &said, uses->listed, LISTED_MAX, &n_listed);
        /* Nothing new yet: it is asked again at the next reading. */
        if (rc == JB_OK || rc == JB_E_UNAVAILABLE)
            uses->looked_ns[i] = recorder->now_ns;
        if (rc < 0)
            continue;
        if (!is_any)
            see_slots(recorder);
        is_any = true;
        take_board(recorder, (uint32_t)i, &said, n_listed);
    }
}

void recorder__boards_at_frame(struct jb_recorder *recorder)
{
    for (size_t i = 0; i < recorder->uses->n_boards; i++) {
        struct board *board = &recorder->uses->boards[i];
        board->frame_ppm = board->most_ppm;
        board->most_ppm = board->busy.ppm;
    }
}

/* A part of a board that has no place of its own lies where its parent lies; a node's meter sees every board. */
static bool is_behind(const struct jb_recorder *recorder, size_t channel, size_t board)
{
    const struct jb_channel *of = jb_sensor_channel(recorder->sensors, channel);
    const struct jb_channel *at = jb_sensor_channel(recorder->sensors, board);
    return channel == board || of->scope == JB_SCOPE_NODE ||
           (of->board > 0 && of->board == at->board) || strcmp(of->parent, at->id) == 0;
}

int64_t jb_recorder_boards_busy_ppm(const struct jb_recorder *recorder, size_t i)
{
    int64_t most_ppm = -1;
    for (size_t k = 0; k < recorder->uses->n_boards; k++) {
        const struct board *board = &recorder->uses->boards[k];
        if ((board->last.flags & JB_BOARD_BUSY) && board->frame_ppm > most_ppm &&
            is_behind(recorder, i, board->last.channel))
            most_ppm = board->frame_ppm;
    }
    return most_ppm;
}

/* -- what frames say of it ------------------------------------------------------------------------------------------- */

void recorder__put_uses(struct jb_recorder *recorder, int64_t mono_ns, struct jb_uses *to)
{
    struct recorder_uses *uses = recorder->uses;
    to->n_boards = (uint32_t)uses->n_boards;
    to->n_uses = (uint32_t)uses->n_pairs;
    for (size_t i = 0; i < uses->n_boards; i++) {
        const struct board *board = &uses->boards[i];
        to->boards[i] = board->last;
        if (board->unseen_ns > 0 && mono_ns - board->unseen_ns <= UNSEEN_NS)
            to->boards[i].flags |= JB_BOARD_UNSEEN;
        to->boards[i].busy_ns = told_at(&uses->boards[i].busy, mono_ns);
        to->boards[i].others_ns = told_at(&uses->boards[i].others, mono_ns);
    }
    for (size_t i = 0; i < uses->n_pairs; i++) {
        to->uses[i] = uses->pairs[i].last;
        to->uses[i].busy_ns = told_at(&uses->pairs[i].busy, mono_ns);
    }
}

/* R-USE-01: goes on from what the last recorder told. `places` is where each of its channels is now; -1 nowhere. */
void recorder__take_over_uses(struct jb_recorder *recorder, const struct jb_uses *from,
                              const int *places, size_t n_places)
{
    struct recorder_uses *uses = recorder->uses;
    for (uint32_t i = 0; i < from->n_boards && i < JB_BOARDS_MAX; i++) {
        const struct jb_board *said = &from->boards[i];
        struct board *board = said->channel < n_places && places[said->channel] >= 0
                                  ? find_board(uses, (uint32_t)places[said->channel])
                                  : NULL;
        if (!board)
            continue;
        uint32_t channel = board->last.channel;
        board->last = *said;
        board->last.channel = channel;
        board->busy = carried_from(said->busy_ns);
        board->others = carried_from(said->others_ns);
    }
    for (uint32_t i = 0; i < from->n_uses && i < JB_USES_MAX; i++) {
        const struct jb_use *said = &from->uses[i];
        struct pair *pair = said->channel < n_places && places[said->channel] >= 0
                                ? find_pair(uses, said->run, (uint32_t)places[said->channel])
                                : NULL;
        if (!pair)
            continue;
        pair->last.n_processes = said->n_processes;
        pair->last.memory_bytes = said->memory_bytes;
        pair->busy = carried_from(said->busy_ns);
    }
}

/* Without memory for it nothing is known of what the run cannot see. */
static void resolve(const struct jb_recorder *recorder, const char *texts, struct jb_visible *ret)
{
    *ret = (struct jb_visible){0};
    struct jb_channel *channels = calloc(recorder->n_channels, sizeof *channels);
    for (size_t i = 0; channels && i < recorder->n_channels; i++)
        channels[i] = *jb_sensor_channel(recorder->sensors, i);
    if (channels)
        jb_visible_resolve(texts, channels, recorder->n_channels, ret);
    free(channels);
}

/* R-USE-05, once for each run. */
void recorder__put_visible(struct jb_recorder *recorder, uint32_t i,
                           struct jb_frame_subject *subject)
{
    struct slot_visible *known = &recorder->uses->visible[i];
    uint64_t run = jb_use_key(subject->run_id);
    if (known->run != run) {
        char texts[JB_BOARD_TEXTS];
        memcpy(texts, recorder->spool->node->slots[i].board_texts, sizeof texts);
        texts[sizeof texts - 1] = '\0';
        known->run = run;
        resolve(recorder, texts, &known->visible);
    }
    memcpy(subject->unseen, known->visible.unseen, sizeof subject->unseen);
    memcpy(subject->named, known->visible.named, sizeof subject->named);
    if (known->visible.is_doubtful)
        subject->flags |= JB_SUBJECT_BOARDS_DOUBT;
    if (known->visible.is_unmetered)
        subject->flags |= JB_SUBJECT_BOARDS_UNMETERED;
}
