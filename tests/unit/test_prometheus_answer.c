/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of /api/v1/query (R-SENSOR-82, R-SENSOR-87). */
#include "tap.h"

#include "sensor/meter_answer.h"

#define AROUND(type, result) \
    "{\"status\":\"success\",\"data\":{\"resultType\":\"" type "\",\"result\":" result "}}"

static struct prometheus_answer answer;

static jb_rc parse(const char *text)
{
    return prometheus__parse(text, strlen(text), &answer);
}

int main(void)
{
    is_i64(parse(AROUND("vector", "[{\"metric\":{\"__name__\":\"w\"},\"value\":[1700000000.123,"
                                  "\"412.5\"]}]")),
           JB_OK, "a vector of one");
    ok(answer.n_series == 1 && answer.micro == 412500000 && !answer.is_matrix, "its value");
    is_i64(answer.utc_us, INT64_C(1700000000123000), "its instant, to the millisecond");
    ok(parse(AROUND("scalar", "[1700000000,\"7e2\"]")) == JB_OK && answer.micro == 700000000,
       "a scalar");
    ok(parse(AROUND("matrix", "[{\"metric\":{},\"values\":[[1700000000,\"1\"],[1700000015,\"2\"],"
                              "[1700000045,\"3.5\"]]}]")) == JB_OK &&
           answer.is_matrix && answer.micro == 3500000,
       "of a range the last sample");
    is_i64(answer.utc_us, INT64_C(1700000045000000), "with its own instant");
    is_i64(answer.step_us, 30000000, "and the longest step");
    ok(parse(AROUND("vector", "[]")) == JB_OK && answer.n_series == 0, "nothing found");
    ok(parse(AROUND("vector", "[{\"value\":[1,\"1\"]},{\"value\":[1,\"2\"]}]")) == JB_OK &&
           answer.n_series == 2,
       "two series are two");
    static const char *const bad[] = {
        AROUND("vector", "[{\"value\":[1700000000,\"NaN\"]}]"),
        AROUND("vector", "[{\"value\":[1700000000,\"+Inf\"]}]"),
        AROUND("vector", "[{\"value\":[1700000000,\"-1\"]}]"),
        AROUND("vector", "[{\"value\":[1700000000,5]}]"),
        AROUND("vector", "[{\"value\":[\"x\",\"5\"]}]"),
        AROUND("vector", "[{\"histogram\":[1700000000,{}]}]"),
        AROUND("vector", "{}"),
        AROUND("string", "[1700000000,\"5\"]"),
        AROUND("matrix", "[{\"values\":[]}]"),
        AROUND("matrix", "[{\"values\":[[2,\"1\"],[1,\"2\"]]}]"),
        AROUND("matrix", "[{\"values\":[[1,\"1\"],[2,\"NaN\"]]}]"),
        "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"parse error\"}",
        "{\"status\":\"success\"}",
        "[]",
        "",
        "502 Bad Gateway",
    };
    answer.micro = 99;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        is_i64(parse(bad[i]), JB_E_AGAIN, "no number: %s", bad[i]);
    is_i64((int64_t)answer.micro, 99, "and nothing was written");
    return done_testing();
}
