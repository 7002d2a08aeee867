/* SPDX-License-Identifier: Apache-2.0 */
/* What the user states reaches its field, from the highest source that has it, or is refused before anything starts. */
#include <ftw.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/compiler.h"
#include "cli/run_facts.h"
#include "tap.h"

static char root[PATH_MAX] = "/tmp/jb-facts-XXXXXX";
static struct jb_run run;
static struct jb_error err;

static jb_rc state(const char *const *words)
{
    const struct jb_option *const tables[] = {jb_run_fact_options};
    static char text[32][512];
    static char *argv[33];
    struct jb_cli cli = {.command = NULL};
    int argc = 0;

    for (; words && words[argc]; argc++) {
        (void)snprintf(text[argc], sizeof text[argc], "%s", words[argc]);
        argv[argc] = text[argc];
    }
    argv[argc] = NULL;
    err = (struct jb_error){0};
    if (jb_args_parse(tables, 1, true, argc, argv, &cli.args, &err) < 0)
        bail_out("the command line is not parsed: %s", err.message);
    return jb_run_facts_from_options(&cli, &run, &err);
}

#define STATE(...) state((const char *const[]){__VA_ARGS__, NULL})

static void write_file(const char *name, const char *text)
{
    char path[PATH_MAX + 64];

    (void)snprintf(path, sizeof path, "%s/%s", root, name);
    FILE *const file = fopen(path, "we");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        bail_out("cannot write '%s'", path);
}

static void test_nothing(void)
{
    memset(&run, 0x55, sizeof run);
    run.id[0] = 'x';
    run.n_tags = 3;
    is_i64(state(NULL), JB_OK, "nothing needs to be stated");
    ok(!run.group[0] && !run.rank[0] && !run.project[0] && !run.model[0] && !run.model_version[0] &&
           !run.architecture[0] && !run.application[0] && !run.configuration[0] && !run.stage[0] &&
           !run.place[0] && !run.hourly_file[0] && !run.currency[0] && run.n_tags == 0 &&
           run.market_mgco2e_per_kwh == -1 && run.pue_milli == -1 && run.tariff_micro_per_kwh == -1,
       "what is not stated is absent");
    ok(run.id[0] == 'x' && run.pid == INT64_C(0x5555555555555555), "the other members stay");
}

static void test_all(void)
{
    char hourly[PATH_MAX + 64];

    write_file("hours.csv", "utc_hour_start,gco2e_per_kwh\n2026-11-23T06:00:00Z,253\n");
    (void)snprintf(hourly, sizeof hourly, "%s/hours.csv", root);
    if (chdir(root) < 0)
        bail_out("cannot go there");
    memset(&run, 0, sizeof run);
    is_i64(STATE("--project", "vision", "--model=resnet50", "--model-version", "1.1",
                 "--architecture", "ResNet", "--application", "image classification",
                 "--configuration", "lr=0.1 bs=256", "--stage", "train", "--tag", "seed=3", "--tag",
                 "who=a b", "--group", "g1", "--rank", "7", "--place", "netherlands", "--hourly",
                 "hours.csv", "--market", "12.5"),
           JB_OK, "every option is taken");
    is_str(run.project, "vision", "project");
    is_str(run.model, "resnet50", "model");
    is_str(run.model_version, "1.1", "model-version");
    is_str(run.architecture, "ResNet", "architecture");
    is_str(run.application, "image classification", "application");
    is_str(run.configuration, "lr=0.1 bs=256", "configuration");
    is_str(run.stage, "train", "stage");
    is_i64((int64_t)run.n_tags, 2, "tag, more than once");
    is_str(run.tags[0], "seed=3", "the first");
    is_str(run.tags[1], "who=a b", "the second");
    is_str(run.group, "g1", "group");
    is_str(run.rank, "7", "rank");
    is_str(run.place, "NL", "place, by its zone");
    is_str(run.hourly_file, hourly, "hourly, by its full path");
    is_i64(run.market_mgco2e_per_kwh, 12500, "market, in milligram");
    is_i64(STATE("--pue", "1.205", "--tariff", "0.2734", "--currency", "eur"), JB_OK,
           "and the others");
    is_i64(run.pue_milli, 1205, "pue, in thousandths");
    is_i64(run.tariff_micro_per_kwh, 273400, "tariff, in millionths");
    is_str(run.currency, "EUR", "currency, in capitals");
    ok(run.project[0] == '\0' && run.n_tags == 0, "what was stated before is gone");
}

static void test_refused(void)
{
    static char long_text[300];
    static char long_tag[160];
    static const struct {
        const char *option, *value, *says, *hint;
    } bad[] = {
        {"--place", "Nederlandd", "option '--place'", "Netherlands"},
        {"--place", "Georgia", "option '--place'", "GE"},
        {"--pue", "0.9", "option '--pue' cannot be '0.9'", "between 1 and 5"},
        {"--pue", "5.001", "option '--pue'", "between 1 and 5"},
        {"--pue", "1,2", "option '--pue' cannot be '1,2'", "between 1 and 5"},
        {"--tariff", "-0.1", "option '--tariff'", "between 0 and 1000000"},
        {"--market", "10001", "option '--market'", "between 0 and 10000"},
        {"--currency", "EURO", "option '--currency' cannot be 'EURO'", "EUR"},
        {"--currency", "E", "option '--currency' cannot be 'E'", "EUR"},
        {"--currency", "", "option '--currency'", "EUR"},
        {"--stage", "Train", "option '--stage' cannot be 'Train'", "small letters"},
        {"--stage", "trian", "option '--stage' cannot be 'trian'", "did you mean 'train'?"},
        {"--stage", "evalute", "option '--stage'", "did you mean 'evaluate'?"},
        {"--stage", "abcdefghijklmnopqrstuvwxyz-abcdef", "option '--stage'", "small letters"},
        {"--tag", "seed", "option '--tag' cannot be 'seed'", "name=value"},
        {"--tag", "=3", "option '--tag'", "name=value"},
        {"--tag", "a b=3", "option '--tag'", "name=value"},
        {"--tag", long_tag, "option '--tag'", "at most 127 bytes"},
        {"--rank", "first", "option '--rank' cannot be 'first'", "number"},
        {"--rank", "1234567890123456", "option '--rank'", "at most 15 bytes"},
        {"--project", "", "option '--project' has no value", "leave it out"},
        {"--model", "a\x1B[2J", "option '--model' is not plain text", "UTF-8"},
        {"--configuration", long_text, "option '--configuration'", "at most 255 bytes"},
        {"--hourly", "nowhere.csv", "option '--hourly'", "CSV"},
        {"--hourly", ".", "option '--hourly'", "CSV"},
    };

    memset(long_text, 'x', sizeof long_text - 1);
    memset(long_tag, 'x', sizeof long_tag - 1);
    long_tag[1] = '=';
    for (size_t i = 0; i < JB_ARRAY_LEN(bad); i++) {
        memset(&run, 0x55, sizeof run);
        const struct jb_run before = run;
        const jb_rc rc = STATE(bad[i].option, bad[i].value);
        if (!ok(rc < 0 && strstr(err.message, bad[i].says) && strstr(err.hint, bad[i].hint) &&
                    memcmp(&before, &run, sizeof run) == 0,
                "%s '%.20s' is refused, says what may stand there, and changes nothing",
                bad[i].option, bad[i].value))
            diag("%d: %s; %s", rc, err.message, err.hint);
    }
    ok(STATE("--tag", "a=1", "--tag", "a=2") == JB_E_USAGE &&
           strstr(err.message, "tag 'a' is given twice"),
       "a tag has one value");
    write_file("bad.csv", "utc_hour_start,gco2e_per_kwh\n2026-11-23T06:30:00Z,253\n");
    ok(STATE("--hourly", "bad.csv") < 0 && strstr(err.message, "bad.csv:2:"),
       "a file of hours that cannot be used is refused by its line");
}

static void test_stages(void)
{
    static const char *const good[] = {"explore",  "search", "train",    "tune",  "retrain",
                                       "evaluate", "infer",  "failed",   "final", "test",
                                       "pretrain", "best",   "ablation", "a-b-c"};

    for (size_t i = 0; i < JB_ARRAY_LEN(good); i++)
        ok(STATE("--stage", good[i]) == JB_OK && strcmp(run.stage, good[i]) == 0,
           "stage '%s' is taken", good[i]);
}

static void test_sources(void)
{
    char path[PATH_MAX + 64];

    (void)snprintf(path, sizeof path, "%s/joulebook", root);
    (void)mkdir(path, 0700);
    (void)snprintf(path, sizeof path, "%s/joulebook/config", root);
    write_file("joulebook/config", "place = FR\npue = 1.3\nproject = of the file\n"
                                   "tag = site=north\ntag = seed=1\n");
    (void)setenv("JOULEBOOK_PLACE", "DE", 1);
    (void)setenv("JOULEBOOK_PROJECT", "of the variable", 1);
    (void)setenv("JOULEBOOK_MODEL_VERSION", "3", 1);
    (void)setenv("JOULEBOOK_TAG", "seed=2", 1);
    (void)setenv("JOULEBOOK_TARIFF", "", 1);
    is_i64(STATE("--place", "NL", "--tag", "x=1"), JB_OK, "three sources together");
    is_str(run.place, "NL", "an option wins");
    is_str(run.project, "of the variable", "over a variable, which wins");
    is_i64(run.pue_milli, 1300, "over the file");
    is_str(run.model_version, "3", "a variable's name has _ for -");
    is_i64(run.tariff_micro_per_kwh, -1, "an empty variable is none");
    ok(run.n_tags == 3 && strcmp(run.tags[0], "x=1") == 0 && strcmp(run.tags[1], "seed=2") == 0 &&
           strcmp(run.tags[2], "site=north") == 0,
       "tags come together, of one name the highest");

    (void)setenv("JOULEBOOK_PLACE", "Nederlandd", 1);
    ok(STATE("--model", "m") == JB_E_INPUT && strstr(err.message, "variable JOULEBOOK_PLACE: ") &&
           strstr(err.hint, "Netherlands"),
       "a mistake in a variable names it");
    (void)unsetenv("JOULEBOOK_PLACE");
    write_file("joulebook/config", "\npue = 12\n");
    char want[PATH_MAX + 128];
    (void)snprintf(want, sizeof want, "%s:2: 'pue' cannot be '12'", path);
    ok(STATE("--model", "m") == JB_E_INPUT && strstr(err.message, want) &&
           strstr(err.hint, "between 1 and 5"),
       "a mistake in the file names file and line");
    write_file("joulebook/config", "group = all\n");
    ok(STATE("--model", "m") == JB_E_INPUT && strstr(err.message, "cannot hold for every run"),
       "a group in the file would make one training of all");
    write_file("joulebook/config", "hourly = hours.csv\n");
    ok(STATE("--model", "m") == JB_E_INPUT && strstr(err.hint, "full path"),
       "a file named in the file needs its full path");
    write_file("joulebook/config", "hourly = ~/hours.csv\n");
    (void)setenv("HOME", root, 1);
    ok(STATE("--model", "m") == JB_OK && strstr(run.hourly_file, "/hours.csv") &&
           run.hourly_file[0] == '/',
       "or one from the home folder");
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

int main(void)
{
    char real[PATH_MAX];

    /* Of the surroundings nothing may come in. */
    (void)clearenv();
    if (!mkdtemp(root) || !realpath(root, real))
        bail_out("cannot make a folder");
    (void)snprintf(root, sizeof root, "%s", real);
    (void)setenv("XDG_CONFIG_HOME", root, 1);
    test_nothing();
    test_all();
    test_refused();
    test_stages();
    test_sources();
    (void)nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return done_testing();
}
