/* SPDX-License-Identifier: Apache-2.0 */
/* Doubts about who used a board to sentences, one of each kind however many boards there are. It changes no figure. Rule R-USE-07. */
#include "pipeline/board_notes.h"

#include "base/compiler.h"

/* After the board, or the boards. */
static const struct {
    unsigned doubt;
    const char *text;
} sentences[] = {
    {JB_SEGMENT_NO_LIST,
     "shared by CPU time, because its driver, or the recording it was played from, does not say "
     "who uses it (R-SHARE-09)"},
    {JB_SEGMENT_PRESENCE, "shared by the time that processes were there, because the driver "
                          "lists them without their "
                          "use (R-SHARE-07)"},
    {JB_SEGMENT_SLICED,
     "split into slices (MIG); no meter sees a slice, so its part of the board is modelled"},
    {JB_SEGMENT_UNMATCHED,
     "what uses it could not be matched with runs and stands as other tenants, because the "
     "driver gives the host's pids and this is a container; start it with --pid=host (Kubernetes: "
     "hostPID: true)"},
    {JB_SEGMENT_UNSEEN,
     "in part used by processes that ended within about a second, before it could be seen whose "
     "they were; "
     "that use stands as other tenants', and the upper end of the band holds it (R-USE-08)"},
    {JB_SEGMENT_VARIABLES,
     "whether the run may use it is not certain, because its environment names boards by "
     "numbers that may be counted otherwise here; name them by UUID (R-USE-05)"},
};

/* "'gpu/a'" or "'gpu/a' and 3 more"; false if there is none. */
static bool name_boards(const struct jb_segment *segment, size_t run, unsigned doubt,
                        const struct jb_channel *channels, size_t n_channels, char *buf,
                        size_t size)
{
    size_t n = 0;
    const char *first = NULL;
    for (size_t i = 0; i < n_channels; i++) {
        if (!(jb_segment_board_doubts(segment, run, i) & doubt))
            continue;
        first = first ? first : channels[i].id;
        n++;
    }
    if (n == 0)
        return false;
    if (n == 1)
        (void)snprintf(buf, size, "'%s'", first);
    else
        (void)snprintf(buf, size, "'%s' and %zu more", first, n - 1);
    return true;
}

jb_rc jb_board_notes(struct jb_track_table *tracks, const struct jb_segment *segment, size_t run,
                     const struct jb_channel *channels, size_t n_channels, struct jb_error *err)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(sentences); i++) {
        char boards[JB_CHANNEL_ID + 32];
        char note[JB_CHANNEL_ID + 320];
        if (!name_boards(segment, run, sentences[i].doubt, channels, n_channels, boards,
                         sizeof boards))
            continue;
        (void)snprintf(note, sizeof note, "%s: %s", boards, sentences[i].text);
        jb_rc rc = jb_track_note(tracks, jb_segment_run(segment, run)->run_id, note, err);
        if (rc < 0)
            return rc;
    }
    if (jb_segment_names_unmetered(segment, run))
        return jb_track_note(tracks, jb_segment_run(segment, run)->run_id,
                             "the environment names a board that no meter here is of, and its "
                             "energy is not in this account; an MI250's two dies have one meter: "
                             "name both (ROCR_VISIBLE_DEVICES=0,1), else see `joulebook meters`",
                             err);
    return JB_OK;
}
