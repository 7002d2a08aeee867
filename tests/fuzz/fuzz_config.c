/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as the user's file of facts, as git's HEAD and packed-refs, and as a command line: taken or refused, what
 * is taken is sound, and what is kept of a command is clean and fits.
 */
#include "base/clean.h"
#include "cli/config.h"
#include "cli/git_commit.h"
#include "cli/redact.h"
#include "cli/run_facts.h"

#define WORDS_MAX 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
    if (!held)
        abort();
}

static void as_config(const char *text, size_t size)
{
    struct jb_config config = {.n_rows = 0};
    struct jb_error err = {0};

    if (jb_config_parse("fuzz", text, size, jb_run_fact_options, &config, &err) < 0) {
        must(err.message[0] && !config.text);
        return;
    }
    for (size_t i = 0; i < config.n_rows; i++)
        must(config.rows[i].option && config.rows[i].value[0] && config.rows[i].line > 0 &&
             jb_clean_is(config.rows[i].value));
    jb_config_release(&config);
}

static void as_git(const char *text, size_t size)
{
    char commit[JB_GIT_COMMIT];
    char ref[JB_GIT_REF];

    if (jb_git_parse_ref(text, size, commit, ref)) {
        must((commit[0] == '\0') != (ref[0] == '\0'));
        must(!ref[0] || (strncmp(ref, "refs/", 5) == 0 && !strstr(ref, "..")));
    }
    if (jb_git_find_packed(text, size, "refs/heads/main", commit))
        must(strlen(commit) == 40 || strlen(commit) == 64);
}

/* Lines are words, as many as there is room for. */
static void as_command(const char *text, size_t size)
{
    char *const copy = malloc(size + 1);
    char *argv[WORDS_MAX + 1];
    char kept[512];
    size_t n = 0;

    if (!copy)
        return;
    memcpy(copy, text, size);
    copy[size] = '\0';
    for (char *at = copy; n < WORDS_MAX;) {
        char *const newline = strchr(at, '\n');
        argv[n++] = at;
        if (!newline)
            break;
        *newline = '\0';
        at = newline + 1;
    }
    argv[n] = NULL;
    jb_redact_command(argv, kept, sizeof kept);
    must(strlen(kept) < sizeof kept && jb_clean_is(kept));
    jb_redact_value(copy, kept, sizeof kept);
    must(strlen(kept) < sizeof kept && jb_clean_is(kept));
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *const text = (const char *)data;

    as_config(text, size);
    as_git(text, size);
    as_command(text, size);
    return 0;
}
