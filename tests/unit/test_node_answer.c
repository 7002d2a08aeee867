/* SPDX-License-Identifier: Apache-2.0 */
/* DCMI frames, Cray's texts and lines of programs: whole ones are taken, and nothing else. R-SENSOR-90 to -93. */
#include "sensor/node_answer.h"
#include "tap.h"

/* As `ipmitool -vv dcmi power reading` shows it on a two-socket server: 212 W now, 180 to 402 W, mean 215 W, 1 s. */
static const uint8_t power[] = {0x00, 0xdc, 0xd4, 0x00, 0xb4, 0x00, 0x92, 0x01, 0xd7, 0x00,
                                0x2a, 0x5b, 0xf1, 0x66, 0xe8, 0x03, 0x00, 0x00, 0x40};
/* DCMI 1.5, parameter 1: power management, LAN and serial channels. */
static const uint8_t capabilities[] = {0x00, 0xdc, 0x01, 0x05, 0x02, 0x00, 0x01, 0x07};

static void dcmi_power(void)
{
    struct dcmi_power got = {0};

    ok(dcmi__parse_power(power, sizeof power, &got) == JB_OK, "a reading is taken");
    is_i64(got.current_w, 212, "0x00d4 W now");
    is_i64(got.least_w, 180, "0x00b4 W at least");
    is_i64(got.greatest_w, 402, "0x0192 W at most");
    is_i64(got.average_w, 215, "0x00d7 W in the mean");
    is_i64(got.stamp_s, 0x66f15b2a, "its clock");
    is_i64(got.period_ms, 1000, "over 1000 ms");
    ok(got.is_active, "bit 6: it measures");
    uint8_t idle[sizeof power];
    memcpy(idle, power, sizeof idle);
    idle[sizeof idle - 1] = 0x00;
    ok(dcmi__parse_power(idle, sizeof idle, &got) == JB_OK && !got.is_active, "or does not");
    for (size_t len = 0; len < sizeof power; len++) {
        struct dcmi_power untouched = {.current_w = 77};
        ok(dcmi__parse_power(power, len, &untouched) == JB_E_AGAIN && untouched.current_w == 77,
           "%zu of its 19 bytes are no reading", len);
    }
}

static void dcmi_codes(void)
{
    static const struct {
        uint8_t code;
        jb_rc rc;
    } codes[] = {{0xc0, JB_E_AGAIN},       {0xc1, JB_E_UNAVAILABLE}, {0xc3, JB_E_AGAIN},
                 {0xcb, JB_E_UNAVAILABLE}, {0xd4, JB_E_PERMISSION},  {0xff, JB_E_AGAIN},
                 {0x80, JB_E_AGAIN}};
    struct dcmi_power got;
    bool has_power = false;

    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        ok(dcmi__parse_power(&codes[i].code, 1, &got) == codes[i].rc,
           "completion code 0x%02x means '%s'", codes[i].code, jb_rc_text(codes[i].rc));
    const uint8_t other_group[] = {0x00, 0xac, 0xd4, 0x00, 0xb4, 0x00, 0x92, 0x01, 0xd7, 0x00,
                                   0x2a, 0x5b, 0xf1, 0x66, 0xe8, 0x03, 0x00, 0x00, 0x40};
    ok(dcmi__parse_power(other_group, sizeof other_group, &got) == JB_E_AGAIN,
       "another group's answer is none of DCMI's");
    ok(dcmi__parse_capabilities(capabilities, sizeof capabilities, &has_power) == JB_OK &&
           has_power,
       "a BMC that manages power says so");
    uint8_t without[sizeof capabilities];
    memcpy(without, capabilities, sizeof without);
    without[6] = 0x00;
    ok(dcmi__parse_capabilities(without, sizeof without, &has_power) == JB_OK && !has_power,
       "and one that does not");
    ok(dcmi__parse_capabilities(capabilities, 6, &has_power) == JB_E_AGAIN, "cut short");
}

static void cray(void)
{
    static const struct {
        const char *text;
        int64_t value; /* -1: refused */
    } texts[] = {
        {"12345 J 1700000000 us\n", 12345},
        {"0 J 1 us\n", 0},
        {"12345 J\n", 12345},
        {"12345 J", 12345},
        {"18446744073709551616 J\n", -1},
        {"", -1},
        {"\n", -1},
        {"12345\n", -1},
        {"12345 W 17 us\n", -1},
        {"12345 J 17\n", -1},
        {"12345 J 17 u", -1},
        {"12345 J  us\n", -1},
        {"-1 J 17 us\n", -1},
        {"12345  J\n", -1},
        {"12345 J 17 us extra\n", -1},
        {" 12345 J\n", -1},
        {"12345 Joules\n", -1},
        {"12345 J 17 us\n\n", -1},
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        uint64_t value = 77;
        const jb_rc rc = cray__parse(texts[i].text, strlen(texts[i].text), "J", &value);
        ok(texts[i].value < 0 ? rc == JB_E_AGAIN && value == 77
                              : rc == JB_OK && value == (uint64_t)texts[i].value,
           "Cray: '%.*s'", (int)strcspn(texts[i].text, "\n"), texts[i].text);
    }
}

static void lines(void)
{
    static const struct {
        const char *text;
        bool is_energy, has_time;
        int64_t value, utc_us;
    } good[] = {
        {"watts 231.5", false, false, 231500000, 0},
        {"joules 0", true, false, 0, 0},
        {"joules 123456789.123456", true, false, 123456789123456, 0},
        {"watts 1e3", false, false, 1000000000, 0},
        {"  watts\t12  ", false, false, 12000000, 0},
        {"watts 12\r", false, false, 12000000, 0},
        {"joules 5 at 1763888888.25", true, true, 5000000, 1763888888250000},
    };
    static const char *const bad[] = {"",          "watts",          "12",          "watts -1",
                                      "watts 1,5", "Watts 12",       "watts 12 W",  "watts nan",
                                      "watt 12",   "joules inf",     "watts 12 at", "watts 12 at x",
                                      "watts 1 2", "watts 1 at 2 3", "joules 1e30"};

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct exec_line got = {0};
        ok(exec_line__parse(good[i].text, strlen(good[i].text), &got) == JB_OK &&
               got.is_energy == good[i].is_energy && got.has_time == good[i].has_time &&
               got.value == good[i].value && got.utc_us == good[i].utc_us,
           "line '%s'", good[i].text);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct exec_line got = {.value = 77};
        ok(exec_line__parse(bad[i], strlen(bad[i]), &got) == JB_E_INPUT && got.value == 77,
           "no line: '%s'", bad[i]);
    }
    static char much[EXEC_LINE_MAX + 2] = "watts 1";
    memset(much + 7, ' ', sizeof much - 8);
    struct exec_line got;
    ok(exec_line__parse(much, EXEC_LINE_MAX, &got) == JB_OK, "256 bytes are a line");
    ok(exec_line__parse(much, EXEC_LINE_MAX + 1, &got) == JB_E_INPUT, "one more is none");
}

int main(void)
{
    dcmi_power();
    dcmi_codes();
    cray();
    lines();
    return done_testing();
}
