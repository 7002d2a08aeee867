/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of the schema, embedded by tools/gen_schema.py: step i turns a book of version i into one of i + 1. */
#ifndef JB_LEDGER_SCHEMA_INT_H
#define JB_LEDGER_SCHEMA_INT_H

extern const char *const store__schema_steps[];
extern const int store__schema_version; /* of this program: the number of steps */

#endif
