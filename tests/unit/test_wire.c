/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes by hand from the encoding that protobuf documents; each input ends where its array ends, for the sanitizers. */
#include "count/wire_int.h"

#include "base/compiler.h"
#include "tap.h"

#define OVER(array) jb_wire_over((struct jb_span){.at = (array), .len = sizeof(array)})

static void fields(void)
{
    /* The documentation's own: field 1 = 150, field 2 = "testing"; then fixed32, fixed64, and -1 as int64. */
    static const uint8_t bytes[] = {0x08, 0x96, 0x01, 0x12, 0x07, 't',  'e',  's',  't',  'i',
                                    'n',  'g',  0x1d, 1,    2,    3,    4,    0x21, 1,    0,
                                    0,    0,    0,    0,    0,    0x80, 0x28, 0xff, 0xff, 0xff,
                                    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01};
    struct jb_wire wire = OVER(bytes);
    struct jb_wire_field field;

    ok(jb_wire_next(&wire, &field) && jb_wire_is(&field, 1, JB_WIRE_VARINT) && field.value == 150,
       "a varint of two bytes");
    ok(jb_wire_next(&wire, &field) && jb_wire_is(&field, 2, JB_WIRE_BYTES) &&
           jb_span_is(field.bytes, "testing") && field.bytes.at == bytes + 5,
       "a text, borrowed in place");
    ok(wire.field == bytes + 3, "and where it began");
    ok(jb_wire_next(&wire, &field) && jb_wire_is(&field, 3, JB_WIRE_FIXED32) &&
           field.value == 0x04030201,
       "four bytes, low first");
    ok(jb_wire_next(&wire, &field) && jb_wire_is(&field, 4, JB_WIRE_FIXED64) &&
           field.value == UINT64_C(0x8000000000000001),
       "eight bytes");
    ok(jb_wire_next(&wire, &field) && (int64_t)field.value == -1, "a negative number");
    ok(!jb_wire_next(&wire, &field) && !jb_wire_has_failed(&wire), "and the end is no failure");
    is_i64((int64_t)jb_wire_count((struct jb_span){.at = bytes, .len = sizeof bytes}, 2,
                                  JB_WIRE_BYTES),
           1, "fields are counted by number and type");
    struct jb_wire empty = jb_wire_over((struct jb_span){0});
    ok(!jb_wire_next(&empty, &field) && !jb_wire_has_failed(&empty), "an empty message is sound");
}

static void groups(void)
{
    /* field 3 group { 1 = 1, group 4 { } , 2 = "a" }, field 5 = 7 */
    static const uint8_t bytes[] = {0x1b, 0x08, 1, 0x23, 0x24, 0x12, 1, 'a', 0x1c, 0x28, 7};
    static const uint8_t crossed[] = {0x1b, 0x23, 0x1c, 0x24};
    static const uint8_t open[] = {0x1b, 0x08, 1};
    static const uint8_t closed[] = {0x1c};
    uint8_t deep[200];
    struct jb_wire wire = OVER(bytes);
    struct jb_wire_field field;

    ok(jb_wire_next(&wire, &field) && jb_wire_is(&field, 5, JB_WIRE_VARINT) && field.value == 7 &&
           !jb_wire_next(&wire, &field) && !jb_wire_has_failed(&wire),
       "a group is passed over with what is in it");
    wire = OVER(crossed);
    ok(!jb_wire_next(&wire, &field) && jb_wire_has_failed(&wire), "groups do not cross");
    wire = OVER(open);
    ok(!jb_wire_next(&wire, &field) && jb_wire_has_failed(&wire), "a group ends in its message");
    wire = OVER(closed);
    ok(!jb_wire_next(&wire, &field) && jb_wire_has_failed(&wire), "an end has a beginning");
    memset(deep, 0x1b, 100);
    memset(deep + 100, 0x1c, 100);
    wire = OVER(deep);
    ok(!jb_wire_next(&wire, &field) && jb_wire_has_failed(&wire),
       "100 groups in groups are refused");
    wire = jb_wire_over((struct jb_span){.at = deep + 40, .len = 120});
    ok(!jb_wire_next(&wire, &field) && !jb_wire_has_failed(&wire), "60 are passed over");
}

static void broken(void)
{
    static const struct {
        const char *name;
        uint8_t bytes[12];
        size_t len;
    } cases[] = {
        {"a tag of field 0", {0x00, 1}, 2},
        {"a tag that is cut short", {0x88}, 1},
        {"a number that is cut short", {0x08, 0x80}, 2},
        {"a varint of eleven bytes", {8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1}, 12},
        {"a length past the end", {0x12, 2, 'a'}, 3},
        {"a length of 2^64 - 1", {0x12, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1}, 11},
        {"a length of 2^63", {0x12, 128, 128, 128, 128, 128, 128, 128, 128, 128, 1}, 11},
        {"four bytes of which three are there", {0x1d, 1, 2, 3}, 4},
        {"eight bytes of which none is there", {0x21}, 1},
        {"wire type 6", {0x0e, 1}, 2},
        {"wire type 7", {0x0f, 1}, 2},
        {"a field number of 2^29", {0x80, 0x80, 0x80, 0x80, 0x10, 1}, 6},
    };

    for (size_t i = 0; i < JB_ARRAY_LEN(cases); i++) {
        uint8_t *const copy = malloc(cases[i].len);
        struct jb_wire_field field = {.number = 77};
        if (!copy)
            bail_out("no memory");
        memcpy(copy, cases[i].bytes, cases[i].len);
        struct jb_wire wire = jb_wire_over((struct jb_span){.at = copy, .len = cases[i].len});
        ok(!jb_wire_next(&wire, &field) && jb_wire_has_failed(&wire) && field.number == 77 &&
               wire.field == copy,
           "%s fails, where it began, and writes nothing", cases[i].name);
        ok(!jb_wire_next(&wire, &field), "and stays so");
        free(copy);
    }
}

static size_t sum(struct jb_wire_field field, enum jb_wire_type type, uint64_t *ret_sum)
{
    struct jb_wire_numbers numbers = jb_wire_numbers(&field, type);
    uint64_t value = 0;
    size_t n = 0;

    for (*ret_sum = 0; jb_wire_numbers_next(&numbers, &value); n++)
        *ret_sum += value;
    return jb_wire_numbers_has_failed(&numbers) ? 1000 + n : n;
}

static void repeated(void)
{
    static const uint8_t packed[] = {3, 0x8e, 0x02, 0x9e, 0xa7, 0x05};
    static const uint8_t words[] = {1, 0, 0, 0, 2, 0, 0, 0};
    struct jb_wire_field field = {.type = JB_WIRE_VARINT, .value = 9};
    uint64_t total = 0;

    ok(sum(field, JB_WIRE_VARINT, &total) == 1 && total == 9, "one that stands alone");
    field = (struct jb_wire_field){.type = JB_WIRE_BYTES, .bytes = {packed, sizeof packed}};
    ok(sum(field, JB_WIRE_VARINT, &total) == 3 && total == 3 + 270 + 86942,
       "three that are packed");
    field.bytes.len--;
    ok(sum(field, JB_WIRE_VARINT, &total) == 1002, "the third cut short is a failure");
    field.bytes = (struct jb_span){words, sizeof words};
    ok(sum(field, JB_WIRE_FIXED32, &total) == 2 && total == 3, "packed fixed32");
    ok(sum(field, JB_WIRE_FIXED64, &total) == 1 && total == UINT64_C(0x200000001),
       "packed fixed64");
    field.type = JB_WIRE_FIXED32;
    ok(sum(field, JB_WIRE_VARINT, &total) == 0, "another type has none");
}

int main(void)
{
    fields();
    groups();
    broken();
    repeated();
    return done_testing();
}
