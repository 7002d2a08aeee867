/* SPDX-License-Identifier: Apache-2.0 */
/* A command line is kept as a shell would take it, without the secrets in it. R-PRIVACY-05, R-PRIVACY-06, R-PRIVACY-07. */
#include "cli/redact.h"
#include "tap.h"

#define HF "hf_QwErTyUiOpAsDfGhJkLzXcVbNm"

static const struct {
    const char *argv[10];
    const char *kept;
    const char *promise;
} commands[] = {
    {{"python3", "train.py", "--lr", "1e-4"}, "python3 train.py --lr 1e-4", "plain words stay"},
    {{"a b", "", "it's", "*.txt", "$HOME", "a\\b"},
     "'a b' '' 'it'\\''s' '*.txt' '$HOME' 'a\\b'",
     "what a shell would change is quoted"},
    {{"x\ny", "\x1B[2J'\\", "caf\xE9", "caf\xC3\xA9"},
     "$'x\\ny' $'\\x1b[2J\\'\\\\' $'caf\\xe9' caf\xC3\xA9",
     "control characters and broken UTF-8 are written out"},
    /* by name */
    {{"t", "--token", "abc", "--lr", "3"}, "t --token *** --lr 3", "the word after --token"},
    {{"t", "--api-key=abc def", "x"}, "t --api-key=*** x", "what follows --api-key="},
    {{"env", "HF_TOKEN=abc", "PGPASSWORD=a,b;c", "t"},
     "env HF_TOKEN=*** PGPASSWORD=*** t",
     "variables before a command"},
    {{"t", "--password", "-x!y"}, "t --password ***", "a password may begin with a dash"},
    {{"t", "--use-auth-token", "--epochs", "3"},
     "t --use-auth-token --epochs 3",
     "a flag's name hides no other option"},
    {{"t", "--max-tokens", "512", "--key-dim=64", "--token", "true"},
     "t --max-tokens 512 --key-dim=64 --token true",
     "numbers and yes or no under such names stay"},
    {{"t", "wandb.api_key=abc", "+model.num_key_value_heads=8"},
     "t wandb.api_key=*** +model.num_key_value_heads=8",
     "settings with points in their names"},
    {{"curl", "-H", "Authorization: Bearer abc.def", "-H", "X-Api-Key: abc"},
     "curl -H 'Authorization: Bearer ***' -H 'X-Api-Key: ***'",
     "headers of HTTP"},
    {{"t", "{\"api_key\": \"a b\", \"lr\": 3}"},
     "t '{\"api_key\": \"***\", \"lr\": 3}'",
     "a value in JSON up to its quote"},
    {{"t", "{\\\"password\\\": \\\"ab\\\", \\\"lr\\\": 3}"},
     "t '{\\\"password\\\": \\\"***\\\", \\\"lr\\\": 3}'",
     "also where the quotes are escaped"},
    {{"t", "{\"password\": \"a\\\"b\", \"lr\": 3}"},
     "t '{\"password\": \"***\", \"lr\": 3}'",
     "an escaped quote within a value does not end it"},
    {{"bash", "-c", "export PGPASSWORD='a b' && t --token abc --lr 3; echo done"},
     "bash -c 'export PGPASSWORD='\\''***'\\'' && t --token *** --lr 3; echo done'",
     "within the text of a script"},
    {{"bash", "-c", "t --token \\ab\\c d"},
     "bash -c 't --token *** d'",
     "a value with backslashes"},
    {{"t", "TOKEN=", "x"}, "t TOKEN= x", "an empty value is none"},
    {{"wandb", "login", "--relogin", "0123456789abcdef0123456789abcdef01234567"},
     "wandb login --relogin ***",
     "what is logged in with"},
    {{"t", "--token"}, "t --token", "a name without a value"},
    /* by form */
    {{"t", HF}, "t ***", "a token by itself"},
    {{"t", "--model=x," HF ",y"}, "t --model=x,***,y", "a token within a word"},
    {{"t", "x" HF}, "t x" HF, "but not within a longer name"},
    {{"t", "--sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
     "t --sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
     "checksums stay"},
    /* addresses */
    {{"git", "clone", "https://me:pa@ss@host/x.git"},
     "git clone https://me:***@host/x.git",
     "the password of an address, also with an @ in it"},
    {{"git", "clone", "https://" HF "@host/x"},
     "git clone https://***@host/x",
     "a token for a user's name"},
    {{"git", "clone", "ssh://git@host/x", "git@host:x"},
     "git clone ssh://git@host/x git@host:x",
     "a user's name alone stays"},
    {{"t", "https://host/x?token=abc&page=2"},
     "t 'https://host/x?token=***&page=2'",
     "a token among the parameters of an address"},
    {{"t", "s3://bucket/a@b"}, "t s3://bucket/a@b", "an @ behind the host is no password"},
};

static void test_cut(void)
{
    static char many[9000];
    char *const argv[] = {many, many, NULL};
    char *const two[] = {(char[]){"abcdefgh"}, (char[]){"ijklmnop"}, NULL};
    char kept[4096];
    char small[16];

    memset(many, 'x', sizeof many - 1);
    jb_redact_command(argv, kept, sizeof kept);
    is_i64((int64_t)strlen(kept), 4095, "a long command is cut to its field");
    is_str(kept + 4090, "xx...", "and says so");
    jb_redact_command(two, small, sizeof small);
    is_str(small, "abcdefgh ijk...", "between two words as well");

    /* The secret stands where the text is cut. */
    memset(many, 'x', 4080);
    (void)snprintf(many + 4080, sizeof many - 4080, " --token " HF);
    jb_redact_command(argv, kept, sizeof kept);
    ok(!strstr(kept, "hf_Q"), "no part of a secret is left at the cut");
    memset(many, 0, sizeof many);
    memset(many, '\xC3', 1);
    for (size_t i = 0; i + 2 < sizeof many; i += 2)
        memcpy(many + i, "\xC3\xA4", 2);
    jb_redact_command(argv, kept, sizeof kept);
    ok(strlen(kept) >= 4092 && strcmp(kept + strlen(kept) - 5, "\xC3\xA4...") == 0,
       "nothing is cut within a character");
}

static void test_value(void)
{
    char kept[16];

    jb_redact_value("0,1", kept, sizeof kept);
    is_str(kept, "0,1", "a plain value stays");
    jb_redact_value("job-" HF, kept, sizeof kept);
    is_str(kept, "job-***", "a token in it does not");
    jb_redact_value("0123456789abcdefgh", kept, sizeof kept);
    is_str(kept, "0123456789ab...", "a long one is cut");
    jb_redact_value("a\nb\xFF", kept, sizeof kept);
    is_str(kept, "a?b?", "and only clean text is kept");
}

int main(void)
{
    char kept[512];

    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        /* The words are only read. */
        char *argv[10];
        memcpy(argv, commands[i].argv, sizeof argv);
        jb_redact_command(argv, kept, sizeof kept);
        is_str(kept, commands[i].kept, "%s", commands[i].promise);
    }
    test_cut();
    test_value();
    return done_testing();
}
