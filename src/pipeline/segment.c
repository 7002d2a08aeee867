/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Windows to postings. Every microjoule of a posted channel ends in exactly one line; what cannot be told apart is
 * not invented. Rules R-SETTLE-02 (energy), -03 (inner runs), -04 (parents), -05 (coverage).
 */
#include "pipeline/segment.h"

#include "attribute/attribute.h"
#include "base/clean.h"
#include "base/clock.h"
#include "base/num.h"
#include "pipeline/segment_int.h"
#include "sample/sampler.h"

#define ALL_PPM 1000000

/* Sums over the windows of one channel for one run. */
struct run_sums {
    int64_t amount_uj, low_uj, high_uj, reserved_uj, all_uj;
};

struct channel_sums {
    bool is_there;
    struct jb_cumulative
        start; /* at the segment's begin, or at the begin of the epoch that opened within it */
    struct jb_cumulative end;
    int64_t energy_uj, low_uj, high_uj, idle_uj, others_uj;
    int64_t counter_ns, gauge_ns, interpolated_ns, gap_best_uj, gap_high_uj;
    int64_t gap_ns;
    int64_t board_busy_ns; /* of the board that the channel is all of; -1 once it was not told */
    uint32_t n_failed;
    uint8_t gap;
    uint64_t in; /* bit r: it stands in run r's account */
    unsigned doubts;
    struct run_sums runs[JB_SUBJECTS_MAX];
};

struct jb_segment {
    const struct jb_channel *channels;
    size_t n_channels;
    struct jb_idle idle[JB_CHANNELS_MAX];
    struct jb_frame first, last;
    size_t n_runs;
    struct jb_segment_run runs[JB_SUBJECTS_MAX];
    struct segment_run_boards boards[JB_SUBJECTS_MAX];
    int parent_of[JB_SUBJECTS_MAX]; /* index of the run it runs inside of, -1 none */
    struct jb_window window;
    int64_t last_busy_ns, last_capacity_ns; /* the machine's in the window before; 0: none yet */
    struct channel_sums sums[JB_CHANNELS_MAX];
};

jb_rc jb_segment_new(struct jb_segment **ret_segment)
{
    struct jb_segment *segment = calloc(1, sizeof *segment);
    if (!segment)
        return JB_E_NOMEM;
    *ret_segment = segment;
    return JB_OK;
}

void jb_segment_free(struct jb_segment *segment)
{
    free(segment);
}

static int find_run(const struct jb_segment *segment, const char *run_id)
{
    for (size_t i = 0; i < segment->n_runs; i++)
        if (strcmp(segment->runs[i].run_id, run_id) == 0)
            return (int)i;
    return -1;
}

static const struct jb_frame_subject *find_subject(const struct jb_frame *frame, const char *run_id)
{
    for (uint32_t i = 0; i < frame->n_subjects; i++)
        if (strcmp(frame->subjects[i].run_id, run_id) == 0)
            return &frame->subjects[i];
    return NULL;
}

void jb_segment_begin(struct jb_segment *segment, const struct jb_channel *channels,
                      size_t n_channels, const struct jb_idle *idle, const struct jb_frame *frame)
{
    segment->channels = channels;
    segment->n_channels = n_channels < frame->n_channels ? n_channels : frame->n_channels;
    memcpy(segment->idle, idle, n_channels * sizeof *idle);
    jb_frame_copy(&segment->first, frame);
    jb_frame_copy(&segment->last, frame);
    segment->n_runs = 0;
    for (uint32_t i = 0; i < frame->n_subjects; i++) {
        const struct jb_frame_subject *subject = &frame->subjects[i];
        if (subject->flags & JB_SUBJECT_ENDS)
            continue;
        struct jb_segment_run *run = &segment->runs[segment->n_runs++];
        *run = (struct jb_segment_run){.reserved_ppm = subject->reserved_ppm};
        memcpy(run->run_id, subject->run_id, sizeof run->run_id);
        struct segment_run_boards *boards = &segment->boards[segment->n_runs - 1];
        boards->key = jb_use_key(run->run_id);
        memcpy(boards->unseen, subject->unseen, sizeof boards->unseen);
        memcpy(boards->named, subject->named, sizeof boards->named);
        boards->is_doubtful = (subject->flags & JB_SUBJECT_BOARDS_DOUBT) != 0;
        boards->is_unmetered = (subject->flags & JB_SUBJECT_BOARDS_UNMETERED) != 0;
    }
    for (size_t i = 0; i < segment->n_runs; i++) {
        const struct jb_frame_subject *subject = find_subject(frame, segment->runs[i].run_id);
        segment->parent_of[i] = subject->parent_id[0] ? find_run(segment, subject->parent_id) : -1;
    }
    for (size_t i = 0; i < segment->n_channels; i++) {
        memset(&segment->sums[i], 0, sizeof segment->sums[i]);
        segment->sums[i].is_there = frame->channels[i].is_open != 0;
        segment->sums[i].start = frame->channels[i];
        segment->sums[i].end = frame->channels[i];
        if (!segment__is_of_board(channels, segment->n_channels, i))
            segment->sums[i].in = UINT64_MAX;
    }
}

/*
 * R-SETTLE-07: the recorder died before it read the machine again. Its CPUs are taken to have been as busy as in the
 * window before, and at least as busy as the runs kept them; without one, as wholly busy: a run then is charged no more than
 * its part of all CPUs.
 */
static void estimate_machine(const struct jb_segment *segment, struct jb_window *window,
                             const int64_t *cpu_ns)
{
    int64_t mono_ns = segment->last.mono_ns > 0 ? segment->last.mono_ns : 1;
    int64_t capacity_ns = jb_muldiv_sat_i64(window->duration_ns, window->before.capacity_ns,
                                            mono_ns, JB_ROUND_NEAREST);
    int64_t runs_ns = 0, busy_ns = capacity_ns;
    for (size_t i = 0; i < window->n_subjects; i++)
        runs_ns = jb_add_sat_i64(runs_ns, cpu_ns[i]);
    if (segment->last_capacity_ns > 0)
        busy_ns = jb_muldiv_sat_i64(capacity_ns, segment->last_busy_ns, segment->last_capacity_ns,
                                    JB_ROUND_NEAREST);
    if (busy_ns < runs_ns)
        busy_ns = runs_ns < capacity_ns ? runs_ns : capacity_ns;
    window->after.capacity_ns = jb_add_sat_i64(window->before.capacity_ns, capacity_ns);
    window->after.busy_ns = jb_add_sat_i64(window->before.busy_ns, busy_ns);
}

/*
 * R-SETTLE-03: what a run inside a run used is taken off the outer one, so that the two are charged once. The inner
 * one's time was seen by another process at another instant: the outer one never falls below zero.
 */
static void fill_window(struct jb_segment *segment, const struct jb_frame *frame)
{
    struct jb_window *window = &segment->window;
    window->duration_ns = frame->mono_ns - segment->last.mono_ns;
    window->before = segment->last.machine;
    window->after = frame->machine;
    /* Frames of two recorders: never backwards, whatever each had last read. */
    if (window->after.busy_ns < window->before.busy_ns)
        window->after.busy_ns = window->before.busy_ns;
    if (window->after.capacity_ns < window->before.capacity_ns)
        window->after.capacity_ns = window->before.capacity_ns;
    window->n_subjects = segment->n_runs;
    int64_t cpu_ns[JB_SUBJECTS_MAX], resident[JB_SUBJECTS_MAX];
    for (size_t i = 0; i < segment->n_runs; i++) {
        const struct jb_frame_subject *before =
            find_subject(&segment->last, segment->runs[i].run_id);
        const struct jb_frame_subject *after = find_subject(frame, segment->runs[i].run_id);
        cpu_ns[i] =
            before && after && after->cpu_ns > before->cpu_ns ? after->cpu_ns - before->cpu_ns : 0;
        resident[i] = after ? after->resident_bytes : 0;
        segment->runs[i].has_vanished = !after;
    }
    if (window->after.capacity_ns == window->before.capacity_ns)
        estimate_machine(segment, window, cpu_ns);
    segment->last_busy_ns = window->after.busy_ns - window->before.busy_ns;
    segment->last_capacity_ns = window->after.capacity_ns - window->before.capacity_ns;
    for (size_t i = 0; i < segment->n_runs; i++) {
        int64_t own_cpu = cpu_ns[i], own_resident = resident[i];
        for (size_t j = 0; j < segment->n_runs; j++) {
            if (segment->parent_of[j] != (int)i)
                continue;
            own_cpu -= cpu_ns[j];
            own_resident -= resident[j];
        }
        window->subjects_before[i] =
            (struct jb_subject){.slot = (uint32_t)i, .reserved_ppm = segment->runs[i].reserved_ppm};
        window->subjects_after[i] = window->subjects_before[i];
        window->subjects_after[i].cpu_ns = own_cpu > 0 ? own_cpu : 0;
        window->subjects_after[i].resident_bytes = own_resident > 0 ? own_resident : 0;
        window->subjects_before[i].resident_bytes = window->subjects_after[i].resident_bytes;
    }
}

/* R-VIEW-01, over the runs in whose account the channel stands: nobody else pays for its idle. */
static jb_rc add_views(struct jb_segment *segment, size_t i, const struct segment_use *use,
                       const struct jb_shares *shares, struct jb_error *err)
{
    struct channel_sums *sums = &segment->sums[i];
    struct jb_shares in = {.total_uj = shares->total_uj, .idle_uj = shares->idle_uj};
    uint32_t reserved_ppm[JB_SUBJECTS_MAX];
    int64_t views[JB_VIEWS][JB_SUBJECTS_MAX];
    size_t run_of[JB_SUBJECTS_MAX];
    for (size_t r = 0; r < segment->n_runs; r++) {
        if (!(use->in >> r & 1))
            continue;
        run_of[in.n_runs] = r;
        in.run_uj[in.n_runs] = shares->run_uj[r];
        reserved_ppm[in.n_runs] = use->reserves >> r & 1 ? ALL_PPM : segment->runs[r].reserved_ppm;
        in.n_runs++;
    }
    for (int v = JB_VIEW_RESERVED; v <= JB_VIEW_ALL; v++) {
        jb_rc rc = jb_attribute_view((enum jb_view)v, &in, reserved_ppm, views[v], err);
        if (rc < 0)
            return rc;
    }
    for (size_t k = 0; k < in.n_runs; k++) {
        sums->runs[run_of[k]].reserved_uj += views[JB_VIEW_RESERVED][k];
        sums->runs[run_of[k]].all_uj += views[JB_VIEW_ALL][k];
        segment->runs[run_of[k]].total_uj += in.total_uj;
    }
    return JB_OK;
}

static jb_rc add_shares(struct jb_segment *segment, size_t i, const struct segment_use *use,
                        int64_t energy_uj, struct jb_error *err)
{
    struct channel_sums *sums = &segment->sums[i];
    struct jb_shares shares;
    segment->window.board = use->has_board ? &use->board : NULL;
    segment->window.hidden = use->hidden;
    jb_rc rc = jb_attribute_window(&segment->channels[i], &segment->idle[i], energy_uj,
                                   &segment->window, &shares, err);
    segment->window.board = NULL;
    if (rc == JB_OK)
        rc = add_views(segment, i, use, &shares, err);
    if (rc < 0)
        return rc;
    sums->idle_uj += shares.idle_uj;
    sums->others_uj += shares.others_uj;
    for (size_t r = 0; r < segment->n_runs; r++) {
        struct run_sums *run = &sums->runs[r];
        run->amount_uj += shares.run_uj[r];
        run->low_uj += shares.run_low_uj[r];
        run->high_uj += shares.run_high_uj[r];
        segment->runs[r].run_uj += shares.run_uj[r];
    }
    return JB_OK;
}

static jb_rc add_channel(struct jb_segment *segment, size_t i, const struct jb_frame *frame,
                         struct jb_error *err)
{
    const struct jb_channel *channel = &segment->channels[i];
    struct channel_sums *sums = &segment->sums[i];
    const struct jb_cumulative *now = &frame->channels[i];
    const struct jb_cumulative *before = &segment->last.channels[i];
    if (!now->is_open)
        return JB_OK;
    struct segment_use use;
    segment__use(segment->channels, segment->n_channels, i, &segment->last, frame, segment->boards,
                 segment->n_runs, &use);
    sums->in |= use.in;
    sums->doubts |= use.doubts;
    if (!use.has_board || use.board.busy_ns < 0)
        sums->board_busy_ns = -1;
    else if (sums->board_busy_ns >= 0)
        sums->board_busy_ns = jb_add_sat_i64(sums->board_busy_ns, use.board.busy_ns);
    /* Energy counts from the begin of its epoch; coverage and gaps run over all epochs (model/sample.h). */
    struct jb_cumulative from = *before;
    if (!before->is_open || before->epoch != now->epoch) {
        from.count = 0;
        from.low_uj = 0;
        from.high_uj = 0;
        from.raw = now->begin_raw;
        sums->start = from;
        sums->energy_uj = 0;
    }
    sums->is_there = true;
    sums->end = *now;
    int64_t energy_uj =
        jb_sampler_count_to_uj(channel, now->count) - jb_sampler_count_to_uj(channel, from.count);
    if (energy_uj < 0)
        return jb_fail(err, JB_E_INTERNAL, "keep the spool and report this",
                       "the count of '%s' fell within an epoch", channel->id);
    sums->energy_uj += energy_uj;
    sums->low_uj += now->low_uj - from.low_uj;
    sums->high_uj += now->high_uj - from.high_uj;
    sums->counter_ns += now->counter_ns - before->counter_ns;
    sums->gauge_ns += now->gauge_ns - before->gauge_ns;
    sums->interpolated_ns += now->interpolated_ns - before->interpolated_ns;
    sums->gap_ns += now->unobserved_ns - before->unobserved_ns;
    sums->gap_best_uj = jb_add_sat_i64(sums->gap_best_uj, now->gap_best_uj - before->gap_best_uj);
    sums->gap_high_uj = jb_add_sat_i64(sums->gap_high_uj, now->gap_high_uj - before->gap_high_uj);
    sums->n_failed += now->n_failed - before->n_failed;
    if (now->n_gaps != before->n_gaps)
        sums->gap = now->last_gap;
    return channel->role == JB_ROLE_POST ? add_shares(segment, i, &use, energy_uj, err) : JB_OK;
}

jb_rc jb_segment_add(struct jb_segment *segment, const struct jb_frame *frame, struct jb_error *err)
{
    fill_window(segment, frame);
    for (size_t i = 0; i < segment->n_channels && i < frame->n_channels; i++) {
        jb_rc rc = add_channel(segment, i, frame, err);
        if (rc < 0)
            return rc;
    }
    jb_frame_copy(&segment->last, frame);
    return JB_OK;
}

static void move_bit(uint64_t *bits, size_t from, size_t to)
{
    const uint64_t bit = *bits >> from & 1;
    *bits = (*bits & ~(UINT64_C(1) << to)) | bit << to;
}

void jb_segment_drop_vanished(struct jb_segment *segment)
{
    size_t n = 0;
    for (size_t r = 0; r < segment->n_runs; r++) {
        if (segment->runs[r].has_vanished && segment->runs[r].run_uj == 0)
            continue;
        segment->runs[n] = segment->runs[r];
        segment->boards[n] = segment->boards[r];
        for (size_t i = 0; i < segment->n_channels; i++) {
            segment->sums[i].runs[n] = segment->sums[i].runs[r];
            move_bit(&segment->sums[i].in, r, n);
        }
        n++;
    }
    segment->n_runs = n;
}

size_t jb_segment_n_runs(const struct jb_segment *segment)
{
    return segment->n_runs;
}

const struct jb_segment_run *jb_segment_run(const struct jb_segment *segment, size_t i)
{
    return &segment->runs[i];
}

bool jb_segment_is_in_account(const struct jb_segment *segment, size_t run, size_t channel)
{
    return channel >= segment->n_channels || (segment->sums[channel].in >> run & 1);
}

static size_t place_of(const struct jb_segment *segment, const char *id)
{
    size_t i = 0;
    while (i < segment->n_channels && strcmp(segment->channels[i].id, id) != 0)
        i++;
    return i;
}

/*
 * R-SETTLE-08: the parent that takes a part's energy out of its own reading: the next one above it that was read. One
 * that was never read in this segment posts nothing, so what lies in it is taken out of the parent above, or it would be
 * posted twice. n_channels: none.
 */
static size_t read_parent(const struct jb_segment *segment, size_t part)
{
    size_t at = place_of(segment, segment->channels[part].parent);
    for (size_t steps = 0; at < segment->n_channels && steps < segment->n_channels; steps++) {
        if (segment->channels[at].role != JB_ROLE_PARENT)
            break;
        if (segment->sums[at].is_there)
            return at;
        at = place_of(segment, segment->channels[at].parent);
    }
    return segment->n_channels;
}

bool jb_segment_names_unmetered(const struct jb_segment *segment, size_t run)
{
    return segment->boards[run].is_unmetered;
}

unsigned jb_segment_board_doubts(const struct jb_segment *segment, size_t run, size_t channel)
{
    if (channel >= segment->n_channels || !jb_segment_is_in_account(segment, run, channel))
        return 0;
    const struct jb_channel *of = &segment->channels[channel];
    bool is_board = of->role == JB_ROLE_POST && of->board > 0;
    return segment->sums[channel].doubts |
           (is_board && segment->boards[run].is_doubtful ? JB_SEGMENT_VARIABLES : 0);
}

static void describe(const struct jb_segment *segment, size_t i, const char *host,
                     const char *boot_id, struct jb_interval *to)
{
    const struct jb_channel *channel = &segment->channels[i];
    memset(to, 0, sizeof *to);
    snprintf(to->host, sizeof to->host, "%s", host);
    snprintf(to->boot_id, sizeof to->boot_id, "%s", boot_id);
    memcpy(to->channel, channel->id, sizeof to->channel);
    const size_t parent = read_parent(segment, i);
    memcpy(to->parent,
           parent < segment->n_channels ? segment->channels[parent].id : channel->parent,
           sizeof to->parent);
    memcpy(to->correlation, channel->correlation, sizeof to->correlation);
    to->scope = channel->scope;
    to->device = channel->device;
    to->semantics = channel->semantics;
    to->origin = channel->origin;
    to->role = channel->role;
    bool is_counter = channel->semantics == JB_SEMANTICS_COUNTER;
    to->unit_num = is_counter ? channel->unit_num : 1;
    to->unit_den = is_counter ? channel->unit_den : 1000;
    to->modulus = channel->modulus;
    to->accuracy_low_ppm =
        channel->accuracy_low_ppm ? channel->accuracy_low_ppm : channel->accuracy_ppm;
    to->accuracy_high_ppm =
        channel->accuracy_high_ppm ? channel->accuracy_high_ppm : channel->accuracy_ppm;
    snprintf(to->idle_source, sizeof to->idle_source, "%s",
             jb_idle_source_name(segment->idle[i].source));
    to->idle_power_uw = segment->idle[i].power_uw;
    to->mono_start_ns = segment->first.mono_ns;
    to->mono_end_ns = segment->last.mono_ns;
    to->utc_start_us = segment->first.utc_us;
    to->utc_end_us = segment->last.utc_us;
    to->busy_ns = segment->last.machine.busy_ns - segment->first.machine.busy_ns;
    to->capacity_ns = segment->last.machine.capacity_ns - segment->first.machine.capacity_ns;
    /* R-WORK-12 */
    if (channel->role == JB_ROLE_POST && channel->scope == JB_SCOPE_GPU) {
        jb_clean_copy(channel->label, to->board, sizeof to->board);
        to->board_busy_ns = segment->sums[i].board_busy_ns;
    }
}

/*
 * R-SETTLE-05: the channels of a frame are read one after the other, so less than a millisecond is no hole; nor is less
 * than a renewal of the channel, which may lag behind its frame by that, but for what the sampler knows to be a gap. A
 * gap that began before this interval was taken for such a lag at the end of the one before.
 */
static int64_t unseen_ns(const struct jb_channel *channel, const struct channel_sums *sums,
                         int64_t missing_ns)
{
    const int64_t before_ns = sums->gap_ns - (missing_ns > 0 ? missing_ns : 0);
    int64_t ns = 0;

    if (missing_ns > JB_NS_PER_MS && (missing_ns > channel->update_ns || before_ns >= 0))
        ns = missing_ns;
    else if (missing_ns > JB_NS_PER_MS && sums->gap_ns > 0)
        ns = sums->gap_ns;
    if (before_ns > JB_NS_PER_MS && before_ns <= channel->update_ns)
        ns += before_ns;
    return ns;
}

/* R-ENERGY-06: what the device averages lags behind by half of its window. */
static int64_t unseen_edge_ns(const struct jb_channel *channel)
{
    const int64_t lag_ns =
        channel->semantics == JB_SEMANTICS_GAUGE_AVERAGE ? channel->window_ns / 2 : 0;

    return lag_ns > channel->update_ns ? lag_ns : channel->update_ns;
}

/*
 * R-SETTLE-05: whatever of the interval was not seen is unobserved, also where nothing was read at its end. R-BAND-02: a
 * counter renewed every update_ns misses at most that much at each end.
 */
static void fill_energy(const struct jb_segment *segment, size_t i, struct jb_interval *to)
{
    const struct channel_sums *sums = &segment->sums[i];
    const struct jb_channel *channel = &segment->channels[i];
    int64_t duration_ns = to->mono_end_ns - to->mono_start_ns;
    to->epoch = sums->end.epoch;
    to->raw_start = sums->start.raw;
    to->raw_end = sums->end.raw;
    to->count_start = sums->start.count;
    to->count_end = sums->end.count;
    to->energy_uj = sums->energy_uj;
    to->counter_ns = sums->counter_ns;
    to->gauge_ns = sums->gauge_ns;
    to->interpolated_ns = sums->interpolated_ns;
    int64_t seen_ns = sums->counter_ns + sums->gauge_ns + sums->interpolated_ns;
    to->unobserved_ns = unseen_ns(channel, sums, duration_ns - seen_ns);
    to->gap_best_uj = sums->gap_best_uj;
    to->gap_high_uj = sums->gap_high_uj;
    to->n_failed = sums->n_failed;
    if (sums->gap != JB_GAP_NONE)
        snprintf(to->gap, sizeof to->gap, "%s", jb_gap_name((enum jb_gap)sums->gap));
    if (channel->semantics == JB_SEMANTICS_BUSY) {
        to->low_uj = sums->low_uj;
        to->high_uj = sums->high_uj;
    } else {
        /* R-ENERGY-10: of a gauge what lies between its readings; of a counter nothing. */
        int64_t between_uj =
            channel->semantics == JB_SEMANTICS_COUNTER ? 0 : (sums->high_uj - sums->low_uj + 1) / 2;
        to->low_uj =
            sums->energy_uj - between_uj -
            jb_muldiv_sat_i64(sums->energy_uj, to->accuracy_low_ppm, 1000000, JB_ROUND_CEIL);
        if (to->low_uj < 0)
            to->low_uj = 0;
        to->high_uj = jb_add_sat_i64(
            jb_add_sat_i64(sums->energy_uj, between_uj),
            jb_muldiv_sat_i64(sums->energy_uj, to->accuracy_high_ppm, 1000000, JB_ROUND_CEIL));
    }
    /* R-ENERGY-08, R-BAND-02 */
    if (channel->semantics == JB_SEMANTICS_COUNTER)
        to->edge_uj = jb_muldiv_sat_i64(channel->max_power_uw, channel->update_ns, JB_NS_PER_S,
                                        JB_ROUND_CEIL);
    else if (seen_ns > 0)
        to->edge_uj =
            jb_muldiv_sat_i64(sums->energy_uj, unseen_edge_ns(channel), seen_ns, JB_ROUND_CEIL);
    to->edge_uj = jb_add_sat_i64(to->edge_uj, channel->quantum_uj);
}

static void add_line(struct jb_line *lines, size_t *n, int64_t amount_uj, const char *kind,
                     const char *name, const char *channel)
{
    struct jb_line *line = &lines[(*n)++];
    memset(line, 0, sizeof *line);
    line->amount_uj = amount_uj;
    snprintf(line->account, sizeof line->account, "%s:%s%s%s", kind, name, channel[0] ? "/" : "",
             channel);
}

static void add_run_lines(const struct jb_segment *segment, const struct run_sums *sums,
                          uint64_t in, struct jb_line *lines, size_t *n)
{
    for (size_t r = 0; r < segment->n_runs; r++) {
        if (!(in >> r & 1))
            continue;
        add_line(lines, n, sums[r].amount_uj, "run", segment->runs[r].run_id, "");
        struct jb_line *line = &lines[*n - 1];
        line->has_share = true;
        line->low_uj = sums[r].low_uj;
        line->high_uj = sums[r].high_uj;
        line->reserved_uj = sums[r].reserved_uj;
        line->all_uj = sums[r].all_uj;
    }
}

/* R-SETTLE-04: a parent posts what it reads above its children; below them, the difference is signed discrepancy. */
static jb_rc parent_lines(const struct jb_segment *segment, size_t i, const char *host,
                          struct jb_line *lines, size_t *n, struct jb_error *err)
{
    const struct jb_channel *channel = &segment->channels[i];
    int64_t rest_uj = segment->sums[i].energy_uj;
    for (size_t c = 0; c < segment->n_channels; c++) {
        const struct jb_channel *child = &segment->channels[c];
        bool is_part = child->role == JB_ROLE_POST || child->role == JB_ROLE_PARENT;
        if (is_part && c != i && segment->sums[c].is_there && read_parent(segment, c) == i)
            rest_uj -= segment->sums[c].energy_uj;
    }
    add_line(lines, n, -rest_uj, "meter", host, channel->id);
    add_line(lines, n, rest_uj, rest_uj < 0 ? "discrepancy" : "platform", host, "");
    /* The runs present see their part in the view that charges everything, and nothing in their own line. */
    int64_t weights[JB_SUBJECTS_MAX], parts[JB_SUBJECTS_MAX];
    struct run_sums sums[JB_SUBJECTS_MAX] = {{0}};
    bool any = false;
    for (size_t r = 0; r < segment->n_runs; r++) {
        weights[r] = segment->runs[r].run_uj;
        any = any || weights[r] > 0;
    }
    for (size_t r = 0; r < segment->n_runs && !any; r++)
        weights[r] = 1;
    if (segment->n_runs > 0 && rest_uj > 0) {
        jb_rc rc = jb_split_i64(rest_uj, weights, segment->n_runs, parts);
        if (rc < 0)
            return jb_fail(err, rc, NULL, "cannot split the rest of '%s'", channel->id);
        for (size_t r = 0; r < segment->n_runs; r++)
            sums[r].all_uj = parts[r];
    }
    add_run_lines(segment, sums, UINT64_MAX, lines, n);
    return JB_OK;
}

jb_rc jb_segment_interval(const struct jb_segment *segment, size_t i, const char *host,
                          const char *boot_id, bool *ret_is_there, struct jb_interval *ret_interval,
                          struct jb_line *ret_lines, size_t *ret_n_lines, struct jb_error *err)
{
    const struct channel_sums *sums = &segment->sums[i];
    const struct jb_channel *channel = &segment->channels[i];
    *ret_n_lines = 0;
    *ret_is_there = sums->is_there && segment->last.mono_ns > segment->first.mono_ns;
    if (!*ret_is_there)
        return JB_OK;
    describe(segment, i, host, boot_id, ret_interval);
    fill_energy(segment, i, ret_interval);
    size_t n = 0;
    if (channel->role == JB_ROLE_PARENT) {
        jb_rc rc = parent_lines(segment, i, host, ret_lines, &n, err);
        if (rc < 0)
            return rc;
    } else if (channel->role == JB_ROLE_POST) {
        bool is_metered =
            channel->origin == JB_ORIGIN_COUNTER || channel->origin == JB_ORIGIN_GAUGE;
        add_line(ret_lines, &n, -sums->energy_uj,
                 is_metered ? "meter" : jb_origin_name(channel->origin), host, channel->id);
        add_run_lines(segment, sums->runs, sums->in, ret_lines, &n);
        add_line(ret_lines, &n, sums->idle_uj, "idle", host, "");
        add_line(ret_lines, &n, sums->others_uj, "others", host, "");
    }
    *ret_n_lines = n;
    return JB_OK;
}
