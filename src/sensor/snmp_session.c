/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An object identifier to its value, by net-snmp if it is there: v2c with a community, v3 with a user. No header and no
 * link of it; what is touched of its structs stands in snmp_abi.h. Must not read its configuration, log, or set anything.
 * Rule R-SENSOR-86.
 */
#include "sensor/snmp_session.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/compiler.h"
#include "sensor/snmp_abi.h"

#define TYPE_NO_SUCH_FIRST 0x80 /* noSuchObject, noSuchInstance, endOfMibView */
#define TYPE_NO_SUCH_LAST  0x82

struct snmp_api {
    void (*init_snmp)(const char *type);
    void (*sess_init)(struct snmp_abi_session *session);
    void *(*sess_open)(struct snmp_abi_session *session);
    int (*sess_close)(void *handle);
    int (*synch_response)(void *handle, struct snmp_abi_pdu *pdu, struct snmp_abi_pdu **ret);
    struct snmp_abi_pdu *(*pdu_create)(int type);
    struct snmp_abi_variable *(*add_null)(struct snmp_abi_pdu *pdu, const unsigned long *oid,
                                          size_t len);
    void (*free_pdu)(struct snmp_abi_pdu *pdu);
    int (*set_boolean)(int store, int which, int value);
    int (*generate_ku)(const unsigned long *hash, unsigned hash_len, const unsigned char *phrase,
                       size_t phrase_len, unsigned char *ku, size_t *ku_len);
    void (*disable_log)(void);
    void *(*register_log)(int type, int priority);
};

static const struct {
    const char *name;
    size_t offset;
} symbols[] = {
    {"init_snmp", offsetof(struct snmp_api, init_snmp)},
    {"snmp_sess_init", offsetof(struct snmp_api, sess_init)},
    {"snmp_sess_open", offsetof(struct snmp_api, sess_open)},
    {"snmp_sess_close", offsetof(struct snmp_api, sess_close)},
    {"snmp_sess_synch_response", offsetof(struct snmp_api, synch_response)},
    {"snmp_pdu_create", offsetof(struct snmp_api, pdu_create)},
    {"snmp_add_null_var", offsetof(struct snmp_api, add_null)},
    {"snmp_free_pdu", offsetof(struct snmp_api, free_pdu)},
    {"netsnmp_ds_set_boolean", offsetof(struct snmp_api, set_boolean)},
    {"generate_Ku", offsetof(struct snmp_api, generate_ku)},
    {"snmp_disable_log", offsetof(struct snmp_api, disable_log)},
    {"netsnmp_register_loghandler", offsetof(struct snmp_api, register_log)},
};

struct snmp_session_handle {
    struct snmp_api api;
    void *session;
};

/* RFC 3414, RFC 3826, RFC 7860: 1.3.6.1.6.3.10.1.{1: auth, 2: priv}.N */
#define ALGORITHM_LEN 10
struct algorithm {
    const char *name;
    unsigned long oid[ALGORITHM_LEN];
};
static const struct algorithm auths[] = {
    {"MD5", {1, 3, 6, 1, 6, 3, 10, 1, 1, 2}},     {"SHA", {1, 3, 6, 1, 6, 3, 10, 1, 1, 3}},
    {"SHA-224", {1, 3, 6, 1, 6, 3, 10, 1, 1, 4}}, {"SHA-256", {1, 3, 6, 1, 6, 3, 10, 1, 1, 5}},
    {"SHA-384", {1, 3, 6, 1, 6, 3, 10, 1, 1, 6}}, {"SHA-512", {1, 3, 6, 1, 6, 3, 10, 1, 1, 7}},
};
static const struct algorithm privs[] = {
    {"DES", {1, 3, 6, 1, 6, 3, 10, 1, 2, 2}},
    {"AES", {1, 3, 6, 1, 6, 3, 10, 1, 2, 4}},
};

static const struct algorithm *find(const struct algorithm *list, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcasecmp(list[i].name, name) == 0)
            return &list[i];
    return NULL;
}

/* Not closed again: net-snmp keeps lists of its own that outlive a session. */
static jb_rc load(struct snmp_api *ret, struct jb_error *err)
{
    void *const library = dlopen(SNMP_ABI_LIBRARY, RTLD_NOW | RTLD_LOCAL);

    if (!library)
        return jb_fail(err, JB_E_UNAVAILABLE, "apt install libsnmp40",
                       "net-snmp 5.9, which asks meters over SNMP, is not installed");
    for (size_t i = 0; i < JB_ARRAY_LEN(symbols); i++) {
        void *const symbol = dlsym(library, symbols[i].name);
        if (!symbol)
            return jb_fail(err, JB_E_UNAVAILABLE, "apt install --reinstall libsnmp40",
                           "the net-snmp that is installed has no '%s'", symbols[i].name);
        memcpy((char *)ret + symbols[i].offset, &symbol, sizeof symbol);
    }
    ret->disable_log();
    (void)ret->register_log(SNMP_ABI_LOG_NONE, SNMP_ABI_LOG_DEBUG);
    (void)ret->set_boolean(SNMP_ABI_STORE_LIBRARY, SNMP_ABI_NO_CONFIGS, 1);
    (void)ret->set_boolean(SNMP_ABI_STORE_LIBRARY, SNMP_ABI_NO_STATE, 1);
    (void)ret->set_boolean(SNMP_ABI_STORE_LIBRARY, SNMP_ABI_NO_HOST_FILES, 1);
    ret->init_snmp("joulebook");
    return JB_OK;
}

static jb_rc put_key(const struct snmp_api *api, const unsigned long *hash, const char *phrase,
                     unsigned char *key, size_t *key_len, struct jb_error *err)
{
    *key_len = SNMP_ABI_KEY;
    if (api->generate_ku(hash, ALGORITHM_LEN, (const unsigned char *)phrase, strlen(phrase), key,
                         key_len) != 0)
        return jb_fail(err, JB_E_INPUT, "use phrases of eight characters and more, and SHA-256",
                       "net-snmp makes no key of its pass phrase");
    return JB_OK;
}

static jb_rc put_user(const struct snmp_api *api, struct meter_secret *secret,
                      struct snmp_abi_session *session, struct jb_error *err)
{
    const struct algorithm *const auth = find(auths, JB_ARRAY_LEN(auths), secret->auth_name);
    const struct algorithm *const priv = find(privs, JB_ARRAY_LEN(privs), secret->priv_name);

    if ((secret->auth_name[0] != '\0' && !auth) || (secret->priv_name[0] != '\0' && !priv))
        return jb_fail(err, JB_E_INPUT,
                       "auth: MD5, SHA, SHA-224, SHA-256, SHA-384 or SHA-512; priv: AES or DES",
                       "an algorithm in its credentials file is none that we know");
    session->version = SNMP_ABI_VERSION_3;
    session->security_model = SNMP_ABI_MODEL_USM;
    session->security_level = priv   ? SNMP_ABI_LEVEL_PRIV
                              : auth ? SNMP_ABI_LEVEL_AUTH
                                     : SNMP_ABI_LEVEL_NOAUTH;
    session->security_name = secret->user;
    session->security_name_len = strlen(secret->user);
    if (!auth)
        return JB_OK;
    session->auth_proto = auth->oid;
    session->auth_proto_len = ALGORITHM_LEN;
    jb_rc rc =
        put_key(api, auth->oid, secret->auth, session->auth_key, &session->auth_key_len, err);
    if (rc < 0 || !priv)
        return rc;
    session->priv_proto = priv->oid;
    session->priv_proto_len = ALGORITHM_LEN;
    /* RFC 3414, 2.6: the key for privacy is made by the hash for authentication too. */
    return put_key(api, auth->oid, secret->priv, session->priv_key, &session->priv_key_len, err);
}

/* net-snmp copies what the session points to, and takes plain pointers. */
static jb_rc open_session(struct snmp_session_handle *handle, const char *peer,
                          struct meter_secret *secret, int64_t timeout_ns, struct jb_error *err)
{
    struct snmp_abi_session session;
    char name[512];
    jb_rc rc = JB_OK;

    memset(&session, 0, sizeof session);
    handle->api.sess_init(&session);
    (void)snprintf(name, sizeof name, "%s", peer);
    session.peername = name;
    session.retries = 1;
    session.timeout = (long)(timeout_ns / JB_NS_PER_US);
    if (secret->kind == METER_SECRET_SNMP_USER) {
        rc = put_user(&handle->api, secret, &session, err);
    } else {
        if (secret->kind == METER_SECRET_NONE)
            (void)snprintf(secret->secret, sizeof secret->secret, "public");
        session.version = SNMP_ABI_VERSION_2C;
        session.community = (unsigned char *)secret->secret;
        session.community_len = strlen(secret->secret);
    }
    if (rc == JB_OK)
        handle->session = handle->api.sess_open(&session);
    explicit_bzero(&session, sizeof session);
    if (rc == JB_OK && !handle->session)
        rc = jb_fail(err, JB_E_AGAIN,
                     "check the url (udp:HOST:161), and that the agent answers this user from here",
                     "no SNMP session with its agent could be opened");
    return rc;
}

jb_rc snmp_session__open(const char *peer, const struct meter_secret *secret, int64_t timeout_ns,
                         struct snmp_session_handle **ret, struct jb_error *err)
{
    struct snmp_session_handle *const handle = calloc(1, sizeof *handle);
    struct meter_secret copy = *secret;

    if (!handle)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for an SNMP session");
    jb_rc rc = load(&handle->api, err);
    if (rc == JB_OK && secret->kind != METER_SECRET_NONE &&
        secret->kind != METER_SECRET_COMMUNITY && secret->kind != METER_SECRET_SNMP_USER)
        rc = jb_fail(err, JB_E_INPUT, "write 'community TEXT' or 'user NAME' into it",
                     "its credentials file is none for SNMP");
    if (rc == JB_OK)
        rc = open_session(handle, peer, &copy, timeout_ns, err);
    meter_secret__wipe(&copy);
    if (rc < 0) {
        snmp_session__close(handle);
        return rc;
    }
    *ret = handle;
    return JB_OK;
}

void snmp_session__close(struct snmp_session_handle *session)
{
    if (!session)
        return;
    if (session->session)
        (void)session->api.sess_close(session->session);
    free(session);
}

/* The library's union to ours; a value shorter than its type is none. */
static jb_rc take_value(const struct snmp_abi_variable *variable, struct snmp_value *ret)
{
    const size_t len = variable->value_len;

    *ret = (struct snmp_value){.type = variable->type};
    switch (variable->type) {
    case SNMP_TYPE_INTEGER:
        if (len < sizeof(long))
            return JB_E_AGAIN;
        ret->integer = *variable->value.integer;
        return JB_OK;
    case SNMP_TYPE_COUNTER:
    case SNMP_TYPE_GAUGE:
        if (len < sizeof(long))
            return JB_E_AGAIN;
        ret->size = (uint64_t)*variable->value.integer & UINT32_MAX;
        return JB_OK;
    case SNMP_TYPE_COUNTER64:
        if (len < sizeof(struct snmp_abi_counter64))
            return JB_E_AGAIN;
        ret->size = ((uint64_t)variable->value.counter64->high << 32) |
                    ((uint64_t)variable->value.counter64->low & UINT32_MAX);
        return JB_OK;
    case SNMP_TYPE_TEXT:
        ret->bytes = (const char *)variable->value.bytes;
        ret->len = len;
        return JB_OK;
    default:
        return variable->type >= TYPE_NO_SUCH_FIRST && variable->type <= TYPE_NO_SUCH_LAST
                   ? JB_E_NOT_FOUND
                   : JB_E_AGAIN;
    }
}

static bool is_asked(const struct snmp_abi_variable *variable, const unsigned long *oid, size_t len)
{
    return variable && variable->name_length == len &&
           memcmp(variable->name, oid, len * sizeof oid[0]) == 0;
}

jb_rc snmp_session__get(struct snmp_session_handle *session, const unsigned long *oid,
                        size_t oid_len, unsigned *ret_type, uint64_t *ret_raw)
{
    struct snmp_abi_pdu *const question = session->api.pdu_create(SNMP_ABI_MSG_GET);
    struct snmp_abi_pdu *answer = NULL;
    struct snmp_value value;
    jb_rc rc = JB_E_AGAIN;

    if (!question)
        return JB_E_NOMEM;
    (void)session->api.add_null(question, oid, oid_len);
    /* The question is the library's from here on, whatever happens. */
    if (session->api.synch_response(session->session, question, &answer) == 0 && answer &&
        answer->errstat == 0 && is_asked(answer->variables, oid, oid_len)) {
        rc = take_value(answer->variables, &value);
        if (rc == JB_OK)
            rc = snmp__raw_of(&value, ret_raw);
        if (rc == JB_OK)
            *ret_type = value.type;
    }
    if (answer)
        session->api.free_pdu(answer);
    return rc;
}
