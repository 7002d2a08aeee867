/* SPDX-License-Identifier: Apache-2.0 */
/* The live view as rows: figures in their places, foreign text made harmless, nothing wider than the screen. */
#include "base/clock.h"
#include "cli/top_draw.h"
#include "report/table.h"
#include "tap.h"

#define W INT64_C(1000000)

static struct jb_live live;
static struct jb_top top;

static void set_channel(size_t i, const char *id, enum jb_scope scope, enum jb_role role)
{
    struct jb_live_channel *const one = &live.channels[i];

    memset(one, 0, sizeof *one);
    (void)snprintf(one->channel.id, sizeof one->channel.id, "%s", id);
    one->channel.scope = scope;
    one->channel.role = role;
    one->channel.update_ns = JB_NS_PER_MS;
    one->gap = "";
}

static const char *row_with(const char *word)
{
    for (size_t i = 0; i < top.n; i++)
        if (strstr(top.rows[i].text, word))
            return top.rows[i].text;
    return "";
}

static void draw(int width, bool is_utf8, const struct jb_sensor_refusal *refusal)
{
    const struct jb_top_size size = {.width = width, .is_utf8 = is_utf8};
    const struct jb_sensor_refusal *const refusals[1] = {refusal};

    jb_top_draw(&live, refusals, refusal ? 1 : 0, "node-1", &size, &top);
}

int main(void)
{
    const struct jb_sensor_refusal refusal = {.what = "RAPL", .reason = "only root may read it"};

    live.power_uw = -1;
    draw(100, false, &refusal);
    ok(strstr(row_with("joulebook top"), "nobody records"), "nobody records");
    ok(row_with("no run: ")[0] && row_with("no meter can be read")[0],
       "nothing is said to be nothing");
    ok(strstr(row_with("RAPL"), "only root may read it"),
       "what was refused is on the screen (R-LIVE-05)");

    live.is_recording = true;
    live.power_uw = 320 * W;
    set_channel(0, "node/bmc", JB_SCOPE_NODE, JB_ROLE_PARENT);
    set_channel(1, "rapl/package-0", JB_SCOPE_PACKAGE, JB_ROLE_POST);
    (void)snprintf(live.channels[1].channel.parent, sizeof live.channels[1].channel.parent,
                   "node/bmc");
    set_channel(2, "gpu/lost", JB_SCOPE_GPU, JB_ROLE_POST);
    live.n_channels = 3;
    live.channels[0].has_power = true;
    live.channels[0].power_uw = 320 * W;
    live.channels[0].energy_uj = 3200 * W;
    live.channels[1].has_power = true;
    live.channels[1].power_uw = 120 * W;
    live.channels[2].age_ns = 20 * JB_NS_PER_S;
    live.channels[2].gap = "device gone";
    live.n_runs = 1;
    live.runs[0] = (struct jb_live_run){.elapsed_ns = 61 * JB_NS_PER_S,
                                        .power_uw = 50 * W,
                                        .energy_uj = 500 * W,
                                        .mark = "epoch 3\033[2J"};
    (void)snprintf(live.runs[0].run.id, sizeof live.runs[0].run.id, "01a20807-2a2c-7def");
    (void)snprintf(live.runs[0].run.command, sizeof live.runs[0].run.command,
                   "python3 train.py --a-long-command-line\033]0;evil\007");
    live.n_history = 1;
    live.history_uw[0] = -1;
    draw(110, false, NULL);
    is_str(row_with("power, the last"), "", "where no power is known, none is drawn");
    for (live.n_history = 0; live.n_history < 8; live.n_history++) {
        live.history_uw[live.n_history] = (int64_t)live.n_history * 40 * W;
        live.history_ns[live.n_history] = (int64_t)live.n_history * 5 * JB_NS_PER_S;
    }
    live.mono_ns = 35 * JB_NS_PER_S;
    draw(110, false, NULL);
    is_str(row_with("power, the last"), "power, the last 35.0 s",
           "eight looks, five seconds apart");
    is_str(row_with("predicted"), "", "nothing is predicted yet");
    live.runs[0].has_predicted = true;
    live.runs[0].predicted = (struct jb_predicted){
        .energy_uj = {.is_known = true, .low = 2700 * W, .best = 3000 * W, .high = 3300 * W},
        .duration_ns = {.is_known = true, .best = 361 * JB_NS_PER_S}};
    draw(110, false, NULL);
    ok(strstr(row_with("predicted"),
              "0.833 Wh (0.750 Wh to 0.917 Wh) of all meters, 5 min 00 s left"),
       "then it stands below the run: %s", row_with("predicted"));
    ok(strstr(row_with("node/bmc"), "320 W"), "a node's power");
    ok(strstr(row_with("rapl/package-0"), "120 W"), "its part's, below it");
    ok(strstr(row_with("gpu/lost "), "device gone") && strstr(row_with("gpu/lost:"), "device gone"),
       "a lost board says why, in the tree and among what is not seen");
    ok(strstr(row_with("01a20807"), "500 J") && strstr(row_with("01a20807"), "50.0 W"), "a run");
    ok(strstr(row_with("01a20807"), "01a20807-2a2c-7def"),
       "with as much of its id as tells runs of one minute apart");
    bool is_clean = true, fits = true;
    for (size_t i = 0; i < top.n; i++) {
        is_clean = is_clean && !strpbrk(top.rows[i].text, "\033\007");
        fits = fits && jb_text_width(top.rows[i].text, strlen(top.rows[i].text)) <= 110;
    }
    ok(is_clean, "no escape of a command or a mark reaches the terminal");
    ok(fits, "no row is wider than the screen");
    ok(strchr(row_with("  280 W"), '#') != NULL,
       "the greatest power of the course fills its column");

    draw(30, true, NULL);
    fits = true;
    for (size_t i = 0; i < top.n; i++)
        fits = fits && jb_text_width(top.rows[i].text, strlen(top.rows[i].text)) <= 30;
    ok(fits, "nor on a narrow one, where characters have several bytes");
    draw(0, true, NULL);
    ok(top.n > 5 && top.rows[0].text[0] == '\0', "a screen without columns shows nothing");
    return done_testing();
}
