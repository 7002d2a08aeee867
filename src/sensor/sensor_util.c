/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What drivers share: names of a directory, one number of one file from a kept-open handle (R-SENSOR-02, -03, -04).
 * Must not interpret a value; sensor__file_read is on the sampling path and must not allocate.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "sensor/sensor_int.h"

struct listing {
    struct sensor_names *names;
    int failed;
};

static int take_name(void *arg, const char *name)
{
    struct listing *const listing = arg;
    struct sensor_names *const names = listing->names;
    const size_t len = strlen(name);

    if (len >= SENSOR_NAME_MAX)
        return 0;
    if (names->n == SENSOR_NAMES_MAX)
        return 1;
    if (names->n == names->capacity) {
        const size_t capacity = names->capacity ? names->capacity * 2 : 32;
        void *const items = realloc(names->items, capacity * sizeof names->items[0]);
        if (!items) {
            listing->failed = -ENOMEM;
            return 1;
        }
        names->items = items;
        names->capacity = capacity;
    }
    memcpy(names->items[names->n++], name, len + 1);
    return 0;
}

static int compare_names(const void *a, const void *b)
{
    return strverscmp(a, b);
}

int sensor__list(const struct jb_os *os, const char *path, struct sensor_names *ret)
{
    struct listing listing = {.names = ret};

    *ret = (struct sensor_names){0};
    const int rc = os->list(os->context, path, take_name, &listing);
    if (listing.failed < 0)
        return listing.failed;
    if (rc < 0)
        return rc;
    if (ret->n > 1)
        qsort(ret->items, ret->n, sizeof ret->items[0], compare_names);
    return 0;
}

void sensor__names_release(struct sensor_names *names)
{
    free(names->items);
    *names = (struct sensor_names){0};
}

bool sensor__path(char *buf, size_t size, const char *folder, const char *name)
{
    const int len = snprintf(buf, size, "%s/%s", folder, name);

    return len > 0 && (size_t)len < size;
}

ssize_t sensor__text(const struct jb_os *os, const char *folder, const char *name, char *buf,
                     size_t size)
{
    char path[SENSOR_PATH_MAX];

    if (!sensor__path(path, sizeof path, folder, name))
        return -ENAMETOOLONG;
    return jb_os_read_text(os, path, buf, size);
}

int sensor__u64(const struct jb_os *os, const char *folder, const char *name, uint64_t *ret)
{
    char path[SENSOR_PATH_MAX];

    if (!sensor__path(path, sizeof path, folder, name))
        return -ENAMETOOLONG;
    return jb_os_read_u64(os, path, ret);
}

int sensor__open(const struct jb_os *os, const char *folder, const char *name)
{
    char path[SENSOR_PATH_MAX];

    if (!sensor__path(path, sizeof path, folder, name))
        return -ENAMETOOLONG;
    return os->open_read(os->context, path);
}

jb_rc sensor__rc_of_read(ssize_t negative_errno)
{
    switch (-negative_errno) {
    case ENODEV:
    case ENXIO:
    case ENOENT: return JB_E_GONE;
    case EACCES:
    case EPERM: return JB_E_PERMISSION;
    /* The powercap core answers any failure of its driver with EINVAL; a GPU asleep with EBUSY or ENODATA. */
    case EINVAL:
    case EAGAIN:
    case EBUSY:
    case EINTR:
    case ENODATA:
    case ETIMEDOUT: return JB_E_AGAIN;
    default: return JB_E_IO;
    }
}

jb_rc sensor__read_count(const struct jb_os *os, int handle, uint64_t *ret_raw)
{
    char text[32];
    const ssize_t n = os->pread(os->context, handle, text, sizeof text, 0);

    if (n < 0)
        return sensor__rc_of_read(n);
    /* Without its newline the number may be cut short: the kernel always ends it. */
    const char *const end = n > 0 ? memchr(text, '\n', (size_t)n) : NULL;
    if (!end || jb_parse_u64(text, (size_t)(end - text), false, ret_raw) < 0)
        return JB_E_AGAIN;
    return JB_OK;
}

int sensor__file_new(const struct jb_sensor_env *env, const char *folder, const char *name,
                     bool is_counter, uint64_t modulus, struct sensor_file **ret_file)
{
    struct sensor_file *const file = calloc(1, sizeof *file);
    unsigned long long raw;
    jb_rc rc = JB_E_AGAIN;

    if (!file)
        return -ENOMEM;
    file->modulus = modulus;
    file->is_counter = is_counter;
    file->handle = -ENAMETOOLONG;
    if (sensor__path(file->path, sizeof file->path, folder, name))
        file->handle = env->os->open_read(env->os->context, file->path);
    if (file->handle < 0) {
        const int failed = file->handle;
        free(file);
        return failed;
    }
    /* One failed read is weather; three at once are a sensor that does not work. */
    for (int i = 0; i < 3 && rc < 0; i++)
        rc = sensor__file_read(file, env, &raw);
    if (rc < 0) {
        sensor__file_close(file, env);
        return rc == JB_E_PERMISSION ? -EACCES : rc == JB_E_GONE ? -ENODEV : -EIO;
    }
    *ret_file = file;
    return 0;
}

/*
 * R-SENSOR-04: an open file outlives its name (a real sysfs answers ENODEV, a scripted tree cannot), and goes on showing
 * its last count. So a count that did not move is asked for its name, and without one looked up by its path again.
 */
jb_rc sensor__file_follow(struct sensor_file *file, const struct jb_sensor_env *env,
                          bool *ret_is_new)
{
    *ret_is_new = false;
    if (!env->os->n_names || env->os->n_names(env->os->context, file->handle) != 0)
        return JB_OK;
    const int handle = env->os->open_read(env->os->context, file->path);
    if (handle < 0)
        return sensor__rc_of_read(handle);
    env->os->close(env->os->context, file->handle);
    file->handle = handle;
    *ret_is_new = true;
    return JB_OK;
}

jb_rc sensor__file_read(void *handle, const struct jb_sensor_env *env, unsigned long long *ret_raw)
{
    struct sensor_file *const file = handle;
    uint64_t raw;
    bool is_new = false;
    jb_rc rc = sensor__read_count(env->os, file->handle, &raw);

    if (rc == JB_OK && file->is_counter && raw == file->last_raw) {
        rc = sensor__file_follow(file, env, &is_new);
        if (rc == JB_OK && is_new)
            rc = sensor__read_count(env->os, file->handle, &raw);
    }
    if (rc < 0)
        return rc;
    if (file->modulus != 0 && raw >= file->modulus)
        return JB_E_AGAIN;
    file->last_raw = raw;
    *ret_raw = raw;
    return JB_OK;
}

void sensor__file_close(void *handle, const struct jb_sensor_env *env)
{
    struct sensor_file *const file = handle;

    env->os->close(env->os->context, file->handle);
    drm_watch__unref(file->users.watch);
    free(file);
}

jb_rc sensor__file_use(void *handle, const struct jb_sensor_env *env,
                       struct jb_sensor_board *ret_board, struct jb_sensor_use *ret_uses,
                       size_t capacity, size_t *ret_n)
{
    const struct sensor_file *const file = handle;

    return drm_watch__use(file->users.watch, env, file->users.board, ret_board, ret_uses, capacity,
                          ret_n);
}

jb_rc sensor__watch_board(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                          const char *id, jb_sensor_use_fn use_fn, struct sensor_users *ret_users,
                          struct jb_error *err)
{
    const struct jb_channel *const channel = sensor__find(set, id);

    /* A part of a board and a second view of it have the same users as the board. */
    if (!channel || channel->device != JB_DEVICE_GPU || channel->pci[0] == '\0' ||
        sensor__find(set, channel->parent) || strchr(channel->id, '@'))
        return JB_OK;
    struct drm_watch *const watch = sensor__watch(set);
    if (!watch)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to see who uses '%s'", id);
    if (drm_watch__add_board(watch, env->os, channel->pci, &ret_users->board) < 0)
        return JB_OK; /* more boards than one machine has: they have no users that we know */
    ret_users->watch = drm_watch__ref(watch);
    return jb_sensor_add_use(set, id, use_fn, err);
}
