/* SPDX-License-Identifier: Apache-2.0 */
/* cli/estimate_software: options to the factors of method A, and how they are told. */
#include "cli/estimate_software.h"
#include "tap.h"

static const struct jb_option options[] = {JB_SOFTWARE_OPTIONS, {0, NULL, NULL, NULL, false}};

static jb_rc take(const char *name, const char *text, struct jb_software *ret)
{
    static struct jb_args args;
    struct jb_error err;

    memset(&args, 0, sizeof args);
    for (const struct jb_option *option = options; option->name; option++)
        if (strcmp(option->name, name) == 0) {
            args.given[0].option = option;
            args.given[0].value = text;
            args.n_given = 1;
        }
    return jb_software_from_options(&args, ret, &err);
}

int main(void)
{
    static struct jb_estimate_told told;
    struct jb_software s;

    is_i64(take("instructions", "1.5e12..3e12", &s), JB_OK, "powers of ten are read");
    ok(s.instructions.low == INT64_C(1500000000000) &&
           s.instructions.high == INT64_C(3000000000000),
       "as ranges too");
    jb_software_inputs(&s, &told);
    is_i64((int64_t)told.n_inputs, 1, "what was said is told");
    is_str(told.inputs[0].text, "1.5..3 e12", "as it was understood");
    is_i64(take("epc", "900pJ", &s), JB_OK, "an energy per cycle");
    is_i64(s.epc_fj.best, 900000, "in femtojoule");
    is_i64(take("capacitance", "1.2nF", &s), JB_OK, "a capacitance");
    is_i64(s.capacitance_ff.best, 1200000, "in femtofarad");
    is_i64(take("voltage", "900 mV", &s), JB_OK, "a voltage");
    is_i64(s.voltage_uv.best, 900000, "in microvolt");
    is_i64(take("frequency", "2.4GHz", &s), JB_OK, "a frequency");
    is_i64(s.frequency_hz.best, INT64_C(2400000000), "in hertz");
    is_i64(take("voltage", "1.1", &s), JB_E_USAGE, "a unit that is missing is not guessed");
    is_i64(take("cpi", "-1", &s), JB_E_USAGE, "nothing is negative");
    is_i64(take("activity", "120%", &s), JB_E_USAGE, "no more than all of it switches");
    return done_testing();
}
