/* SPDX-License-Identifier: Apache-2.0 */
/* GET by a net-snmp loaded at run time, beside an agent on loopback (R-SENSOR-86). */
#include "snmp_rig.h"

#include <dlfcn.h>

#include "base/clock.h"
#include "sensor/snmp_abi.h"
#include "sensor/snmp_session.h"

/* Every member that is touched lies where net-snmp's own headers put it. */
#if __has_include(<net-snmp/net-snmp-includes.h>)
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>
#define AT(ours, mine, theirs, member) \
    _Static_assert(offsetof(struct ours, mine) == offsetof(struct theirs, member), #member)
AT(snmp_abi_session, version, snmp_session, version);
AT(snmp_abi_session, retries, snmp_session, retries);
AT(snmp_abi_session, timeout, snmp_session, timeout);
AT(snmp_abi_session, peername, snmp_session, peername);
AT(snmp_abi_session, community, snmp_session, community);
AT(snmp_abi_session, community_len, snmp_session, community_len);
AT(snmp_abi_session, security_name, snmp_session, securityName);
AT(snmp_abi_session, security_name_len, snmp_session, securityNameLen);
AT(snmp_abi_session, auth_proto, snmp_session, securityAuthProto);
AT(snmp_abi_session, auth_proto_len, snmp_session, securityAuthProtoLen);
AT(snmp_abi_session, auth_key, snmp_session, securityAuthKey);
AT(snmp_abi_session, auth_key_len, snmp_session, securityAuthKeyLen);
AT(snmp_abi_session, priv_proto, snmp_session, securityPrivProto);
AT(snmp_abi_session, priv_proto_len, snmp_session, securityPrivProtoLen);
AT(snmp_abi_session, priv_key, snmp_session, securityPrivKey);
AT(snmp_abi_session, priv_key_len, snmp_session, securityPrivKeyLen);
AT(snmp_abi_session, security_model, snmp_session, securityModel);
AT(snmp_abi_session, security_level, snmp_session, securityLevel);
_Static_assert(sizeof(struct snmp_abi_session) >= sizeof(struct snmp_session),
               "room for all of it");
_Static_assert(SNMP_ABI_KEY == USM_AUTH_KU_LEN, "keys of auth");
_Static_assert(SNMP_ABI_KEY == USM_PRIV_KU_LEN, "keys of priv");
AT(snmp_abi_pdu, errstat, snmp_pdu, errstat);
AT(snmp_abi_pdu, variables, snmp_pdu, variables);
AT(snmp_abi_variable, name, variable_list, name);
AT(snmp_abi_variable, name_length, variable_list, name_length);
AT(snmp_abi_variable, type, variable_list, type);
AT(snmp_abi_variable, value, variable_list, val);
AT(snmp_abi_variable, value_len, variable_list, val_len);
_Static_assert(sizeof(oid) == sizeof(unsigned long), "parts of an object identifier");
_Static_assert(SNMP_ABI_VERSION_2C == SNMP_VERSION_2c && SNMP_ABI_VERSION_3 == SNMP_VERSION_3, "v");
_Static_assert(SNMP_ABI_MSG_GET == SNMP_MSG_GET, "GET");
_Static_assert(SNMP_ABI_MODEL_USM == SNMP_SEC_MODEL_USM, "USM");
_Static_assert(SNMP_ABI_LEVEL_PRIV == SNMP_SEC_LEVEL_AUTHPRIV, "priv");
_Static_assert(SNMP_ABI_LEVEL_AUTH == SNMP_SEC_LEVEL_AUTHNOPRIV, "auth");
_Static_assert(SNMP_ABI_LOG_NONE == NETSNMP_LOGHANDLER_NONE, "log");
_Static_assert(SNMP_ABI_NO_CONFIGS == NETSNMP_DS_LIB_DONT_READ_CONFIGS, "configuration");
_Static_assert(SNMP_ABI_NO_STATE == NETSNMP_DS_LIB_DONT_PERSIST_STATE, "state");
_Static_assert(SNMP_ABI_NO_HOST_FILES == NETSNMP_DS_LIB_DONT_LOAD_HOST_FILES, "host files");
#endif

static const unsigned long object[] = {1, 3, 6, 1, 4, 1, 318, 1, 1, 26, 9, 4, 3, 1, 7, 12};
#define OBJECT_LEN (sizeof object / sizeof object[0])

static int64_t get(struct snmp_session_handle *session, jb_rc *ret_rc)
{
    unsigned type = 0;
    uint64_t raw = 0;

    *ret_rc = snmp_session__get(session, object, OBJECT_LEN, &type, &raw);
    return *ret_rc == JB_OK ? (int64_t)raw : -1;
}

static void values(struct snmp_rig *rig, struct snmp_session_handle *session)
{
    jb_rc rc;

    snmp_rig_put(rig, 0x02, "\x01\x9c", 2);
    is_i64(get(session, &rc), 412000, "an INTEGER of 412");
    snmp_rig_put(rig, 0x02, "\xff", 1);
    (void)get(session, &rc);
    is_i64(rc, JB_E_AGAIN, "-1 is no value");
    snmp_rig_put(rig, 0x42, "\x00\xff\xff\xff\xff", 5);
    is_i64(get(session, &rc), INT64_C(4294967295000), "the greatest Gauge32");
    snmp_rig_put(rig, 0x41, "\x00\x80\x00\x00\x01", 5);
    is_i64(get(session, &rc), INT64_C(2147483649000), "a Counter32 above 2^31");
    snmp_rig_put(rig, 0x46, "\x01\x2a\x05\xf2\x00", 5);
    is_i64(get(session, &rc), INT64_C(5000000000000), "a Counter64 of 5 000 000 000");
    snmp_rig_put(rig, 0x04, "12.5", 4);
    is_i64(get(session, &rc), 12500, "text");
    snmp_rig_put(rig, SNMP_RIG_NO_SUCH, "", 0);
    (void)get(session, &rc);
    is_i64(rc, JB_E_NOT_FOUND, "no such object");
    snmp_rig_put(rig, 0x06, "\x2b\x06", 2);
    (void)get(session, &rc);
    is_i64(rc, JB_E_AGAIN, "an object identifier is no number");
    rig->is_garbage = true;
    (void)get(session, &rc);
    is_i64(rc, JB_E_AGAIN, "nor is garbage");
    rig->is_garbage = false;
    rig->is_silent = true;
    const int64_t begin_ns = jb_mono_ns(&jb_clock_system);
    (void)get(session, &rc);
    is_i64(rc, JB_E_AGAIN, "an agent that is silent is given up");
    ok(jb_mono_ns(&jb_clock_system) - begin_ns < 3 * JB_NS_PER_S, "in time");
    rig->is_silent = false;
    snmp_rig_put(rig, 0x02, "\x05", 1);
    is_i64(get(session, &rc), 5000, "and read again when it speaks");
}

static void refused(const struct snmp_rig *rig)
{
    struct meter_secret secret = {.kind = METER_SECRET_SNMP_USER,
                                  .user = "ann",
                                  .auth_name = "SHA-1024",
                                  .auth = "longer phrase"};
    struct snmp_session_handle *session = NULL;
    struct jb_error err = {0};

    is_i64(snmp_session__open(rig->url, &secret, JB_NS_PER_S, &session, &err), JB_E_INPUT,
           "an algorithm that nobody knows");
    ok(!strstr(err.message, "longer") && !strstr(err.hint, "longer"), "no phrase is shown");
    secret = (struct meter_secret){.kind = METER_SECRET_PASSWORD, .user = "a", .secret = "b"};
    is_i64(snmp_session__open(rig->url, &secret, JB_NS_PER_S, &session, &err), JB_E_INPUT,
           "a password for HTTP");
    secret = (struct meter_secret){.kind = METER_SECRET_COMMUNITY, .secret = "wrong"};
    jb_rc rc = snmp_session__open(rig->url, &secret, 200 * JB_NS_PER_MS, &session, &err);
    if (rc == JB_OK)
        (void)get(session, &rc);
    is_i64(rc, JB_E_AGAIN, "a wrong community gets no answer");
    snmp_session__close(session);
}

int main(void)
{
    struct snmp_rig rig;
    struct snmp_session_handle *session = NULL;
    const struct meter_secret none = {.kind = METER_SECRET_NONE};
    struct jb_error err = {0};

    if (!dlopen(SNMP_ABI_LIBRARY, RTLD_NOW)) {
        is_i64(snmp_session__open("udp:127.0.0.1:1", &none, JB_NS_PER_S, &session, &err),
               JB_E_UNAVAILABLE, "without net-snmp there is no session");
        is_str(err.hint, "apt install libsnmp40", "and the step is said");
        return done_testing();
    }
    snmp_rig_start(&rig);
    if (snmp_session__open(rig.url, &none, 500 * JB_NS_PER_MS, &session, &err) < 0)
        bail_out("no session: %s", err.message);
    values(&rig, session);
    snmp_session__close(session);
    refused(&rig);
    snmp_rig_stop(&rig);
    return done_testing();
}
