/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Weights that a model keeps in other files: whether those are there and long enough. Nothing in them is read, and a link that leads
 * out of the model's folder (as caches of models make them) is not followed. A weight that is missing is no error: its size
 * is in the model.
 */
#include <errno.h>
#include <limits.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/clean.h"
#include "base/compiler.h"
#include "base/num.h"
#include "count/onnx_int.h"

#define PATH_BYTES_MAX 4096

/* The last file that was looked at: exporters put all weights of a model into one. */
struct looking {
    char folder[PATH_BYTES_MAX]; /* as the kernel knows it, with a '/' at its end */
    struct jb_span location;
    int64_t n_bytes; /* -1: not there, or not looked at */
};

static jb_rc find_folder(const char *model_path, char folder[PATH_BYTES_MAX], struct jb_error *err)
{
    const char *const slash = strrchr(model_path, '/');
    JB_AUTO(jb_buf_release) struct jb_buf path = JB_BUF(PATH_BYTES_MAX - 1);

    if (slash)
        jb_buf_add(&path, model_path, (size_t)(slash - model_path) + 1);
    else
        jb_buf_add_text(&path, "./");
    if (path.failed)
        return jb_fail(err, path.failed, NULL, "the name of the model's folder is too long");
    JB_AUTO(jb_free_auto) char *real = realpath(jb_buf_text(&path), NULL);
    if (!real)
        return jb_fail_errno(err, errno, NULL, "cannot look for weights in '%s'",
                             jb_buf_text(&path));
    const size_t len = strlen(real);
    if (len > PATH_BYTES_MAX - 2)
        return jb_fail(err, JB_E_RANGE, NULL, "the name of the model's folder is too long");
    memcpy(folder, real, len + 1);
    if (len > 1) {
        folder[len] = '/';
        folder[len + 1] = '\0';
    }
    return JB_OK;
}

/* Size of the file; -1 where it is not there, is no file, or lies elsewhere (told in *ret_is_elsewhere). */
static int64_t size_of(const char *folder, struct jb_span location, bool *ret_is_elsewhere)
{
    JB_AUTO(jb_buf_release) struct jb_buf path = JB_BUF(PATH_BYTES_MAX - 1);
    struct stat status;

    jb_buf_add_text(&path, folder);
    jb_buf_add(&path, location.at, location.len);
    if (path.failed)
        return -1;
    JB_AUTO(jb_free_auto) char *real = realpath(jb_buf_text(&path), NULL);
    if (!real)
        return -1;
    *ret_is_elsewhere = strncmp(real, folder, strlen(folder)) != 0;
    if (*ret_is_elsewhere || stat(real, &status) < 0 || !S_ISREG(status.st_mode))
        return -1;
    return (int64_t)status.st_size;
}

static void look(struct looking *looking, struct jb_span location, struct jb_onnx_external *found)
{
    bool is_elsewhere = false;

    if (found->n_files > 0 && jb_span_equal(location, looking->location))
        return;
    looking->location = location;
    looking->n_bytes = size_of(looking->folder, location, &is_elsewhere);
    found->n_files++;
    if (is_elsewhere && found->n_elsewhere++ == 0)
        found->elsewhere = location;
    if (!is_elsewhere && looking->n_bytes < 0 && found->n_missing++ == 0)
        found->missing = location;
}

static jb_rc refuse(const struct jb_onnx_tensor *tensor, const struct looking *looking,
                    struct jb_error *err)
{
    JB_AUTO(jb_buf_release) struct jb_buf name = JB_BUF(PATH_BYTES_MAX);
    char shown[128];

    jb_buf_add(&name, tensor->location.at, tensor->location.len);
    jb_clean_copy(jb_buf_text(&name), shown, sizeof shown);
    return jb_fail(err, JB_E_INPUT, "fetch it again: it is cut short, or of another model",
                   "weights in '%s' end at byte %lld, before those that the model says are there",
                   shown, (long long)looking->n_bytes);
}

jb_rc jb_onnx_external_check(const struct jb_onnx_model *model, const char *model_path,
                             struct jb_onnx_external *ret, struct jb_error *err)
{
    struct jb_onnx_external found = {0};
    struct looking looking = {.n_bytes = -1};
    const struct jb_onnx_graph *const graph = &model->graph;

    for (size_t i = 0; i < graph->n_initializers; i++) {
        const struct jb_onnx_tensor *const tensor = &graph->initializers[i];
        if (!tensor->is_external)
            continue;
        if (looking.folder[0] == '\0') {
            const jb_rc rc = find_folder(model_path, looking.folder, err);
            if (rc < 0)
                return rc;
        }
        look(&looking, tensor->location, &found);
        const int64_t offset = tensor->external_offset < 0 ? 0 : tensor->external_offset;
        const int64_t n_bytes =
            tensor->external_length < 0 ? tensor->n_bytes : tensor->external_length;
        if (looking.n_bytes >= 0 && jb_add_sat_i64(offset, n_bytes) > looking.n_bytes)
            return refuse(tensor, &looking, err);
    }
    *ret = found;
    return JB_OK;
}
