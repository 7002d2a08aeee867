/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of the ABI of libnetsnmp.so.40 (net-snmp 5.9) is touched. The name of the library stands for its layout, so no
 * other is loaded; tests/unit/test_snmp_session.c compares every offset with net-snmp's headers where they are installed.
 */
#ifndef JB_SENSOR_SNMP_ABI_H
#define JB_SENSOR_SNMP_ABI_H

#include <stddef.h>

#define SNMP_ABI_LIBRARY "libnetsnmp.so.40"

#define SNMP_ABI_KEY 64 /* USM_AUTH_KU_LEN and USM_PRIV_KU_LEN */

/* struct snmp_session */
struct snmp_abi_session {
    long version;
    int retries;
    long timeout; /* us */
    unsigned long flags;
    void *subsession, *next;
    char *peername;
    unsigned short remote_port;
    char *localname;
    unsigned short local_port;
    void *authenticator, *callback, *callback_magic;
    int s_errno, s_snmp_errno;
    long sessid;
    unsigned char *community;
    size_t community_len;
    size_t received_max, sent_max;
    unsigned char is_authoritative;
    unsigned char *context_engine;
    size_t context_engine_len;
    unsigned engine_boots, engine_time;
    char *context_name;
    size_t context_name_len;
    unsigned char *security_engine;
    size_t security_engine_len;
    char *security_name;
    size_t security_name_len;
    const unsigned long *auth_proto;
    size_t auth_proto_len;
    unsigned char auth_key[SNMP_ABI_KEY];
    size_t auth_key_len;
    unsigned char *auth_local_key;
    size_t auth_local_key_len;
    const unsigned long *priv_proto;
    size_t priv_proto_len;
    unsigned char priv_key[SNMP_ABI_KEY];
    size_t priv_key_len;
    unsigned char *priv_local_key;
    size_t priv_local_key_len;
    int security_model, security_level;
    void *rest[32]; /* 5 pointers in 5.9.3, which snmp_sess_init sets; room for a later 5.9 */
};

/* struct variable_list, up to what is read */
struct snmp_abi_variable {
    struct snmp_abi_variable *next;
    unsigned long *name;
    size_t name_length;
    unsigned char type;
    union {
        long *integer;
        unsigned char *bytes;
        struct snmp_abi_counter64 {
            unsigned long high, low;
        } * counter64;
    } value;
    size_t value_len;
};

/* struct snmp_pdu, up to what is read */
struct snmp_abi_pdu {
    long version;
    int command;
    long reqid, msgid, transid, sessid;
    long errstat, errindex;
    unsigned long time, flags;
    int security_model, security_level, msg_parse_model;
    long msg_max_size;
    void *transport;
    int transport_length;
    const unsigned long *domain;
    size_t domain_len;
    struct snmp_abi_variable *variables;
};

#define SNMP_ABI_VERSION_2C    1L
#define SNMP_ABI_VERSION_3     3L
#define SNMP_ABI_MSG_GET       160
#define SNMP_ABI_MODEL_USM     3
#define SNMP_ABI_LEVEL_NOAUTH  1
#define SNMP_ABI_LEVEL_AUTH    2
#define SNMP_ABI_LEVEL_PRIV    3
#define SNMP_ABI_LOG_NONE      6
#define SNMP_ABI_LOG_DEBUG     7
#define SNMP_ABI_STORE_LIBRARY 0
#define SNMP_ABI_NO_CONFIGS    6
#define SNMP_ABI_NO_STATE      32
#define SNMP_ABI_NO_HOST_FILES 40

#endif
