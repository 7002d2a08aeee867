#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A model's file tells its parameters and operations, and the work of a training with it.
. tests/cli/lib.sh

make() { /usr/bin/python3 tests/tools/weights_file.py "$@"; }
make llama "$JB_TMP/one"
make llama-shards "$JB_TMP/two"
make gguf "$JB_TMP/l.gguf"

# Llama 2 7B: 6,738,415,616 parameters; (32 x (4 x 4096^2 + 3 x 4096 x 11008) + 32000 x 4096) a token, 32 x 2 x 4096 a pair.
macs=$((6607077376 * 4096 + 262144 * 4096 * 4096))
for file in one two l.gguf one/model.safetensors two/model.safetensors.index.json; do
    jb_ok "$file is counted" count "$JB_TMP/$file" --json --bind batch=1,seq=4096
    is "$(json "$out" 'd[0]["n_parameters"], d[0]["macs"]["value"], d[0]["flops"]["value"]')" \
        "(6738415616, $macs, $((2 * macs)))" 'with parameters and operations to the integer'
done
jb_ok 'sizes may stay open' count "$JB_TMP/one" --json
is "$(json "$out" 'd[0]["macs"]["formula"]')" '6607077376*batch*seq + 262144*batch*seq^2' 'as a formula'
is "$(json "$out" 'd[0]["open"]')" "['batch', 'seq']" 'and their names are told'
is "$(json "$out" 'len(d[0]["by_layer"]), sum(r["n_parameters"] for r in d[0]["by_layer"])')" '(35, 6738415616)' \
    'layers sum to the whole'
jb_ok 'for people' count "$JB_TMP/one" "$JB_TMP/l.gguf"
like "$(cat "$out")" 'bind batch=N,seq=N' 'the next step is told'
like "$(cat "$out")" 'not counted:' 'what is missed too'
like "$(cat "$out")" 'FLOP            at least ' 'and the figure it is missing from says so'
unlike "$(cat "$out")" 'multiply-adds   at least ' 'and no other does'
is "$(grep -c '6738415616 (6.74 G)' "$out")" 2 'of each file'

jb count "$JB_TMP/one" --bind sq=1
is "$rc" 3 'a size that the model does not have is refused'
like "$(cat "$err")" 'batch, seq' 'with those it has'
jb count "$JB_TMP/one" --bind seq=-1
is "$rc" 2 'as is a number below 0'
jb count "$JB_TMP/one" --bind seq
is "$rc" 2 'and a name without one'
jb count "$JB_TMP/one" --by horse
is "$rc" 2 'and rows by what there is not'

# 1,000 examples of one token, 3 epochs: flop = 2 x (6607077376 + 262144).
flop=$((2 * (6607077376 + 262144)))
train() { jb_ok "$1" count "$JB_TMP/one" --json --bind batch=1,seq=1 --examples 1000 --epochs 3 "${@:2}"; }
flops_of() { json "$out" 'd[0]["training"]["counted_flop"], d[0]["training"]["factor_milli"]'; }
train 'the work of a training'
is "$(flops_of)" "('$((flop * 9000))', 3000)" 'is 3 x the forward pass'
is "$(json "$out" 'd[0]["training"]["check_6nd_flop"]')" "$((6 * (6738415616 - 131072000) * 3000))" 'beside 6 N D'
train 'recomputed' --recompute
is "$(flops_of)" "('$((flop * 12000))', 4000)" 'it is 4 x'
train 'three quarters frozen' --frozen 0.75
is "$(flops_of)" "('$((flop * 4500))', 1500)" 'are 3 - 2 x 0.75'
# The matrices of a layer: 4 of 4096 + 4096, 3 of 4096 + 11008.
train 'adapters of rank 16' --lora 16
width=$((32 * (4 * 8192 + 3 * 15104)))
is "$(json "$out" 'd[0]["training"]["n_adapter_parameters"]')" $((16 * width)) 'have 16 x the width'
is "$(json "$out" 'd[0]["training"]["counted_flop"]')" $(((2 * flop + 6 * 16 * width) * 3000)) 'and cost 2 x the model and 6 each'
# Layers 0 to 15 before all that is trained: once; what is behind: three times. A layer: 2 x (202375168 + 8192).
train 'half of the layers' --frozen model.layers.1
is "$(json "$out" 'd[0]["training"]["n_frozen_layers"]')" 11 'of a name that begins so: 1, and 10 to 19'
layer=$((2 * (202375168 + 8192)))
is "$(json "$out" 'd[0]["training"]["counted_flop"]')" $(((3 * flop - 11 * layer) * 3000)) 'cost once less behind what is trained'
jb count "$JB_TMP/one" --bind batch=1,seq=1 --examples 1 --frozen horse
is "$rc" 2 'a layer that there is not is refused'
jb count "$JB_TMP/one" --examples 1
is "$rc" 2 'work with open sizes is refused'
like "$(cat "$err")" 'bind batch=N,seq=N' 'with what to bind'
jb count "$JB_TMP/one" --epochs 3
is "$rc" 2 'and epochs of nothing'

# 8 x 312 TFLOP/s x 3600 s x 0.5
train 'by device time' --devices 8 --accelerator 'A100 80GB' --hours 1 --utilisation 0.5
is "$(json "$out" 'd[0]["training"]["device_time_flop"]')" $((8 * 312000 * 1000000000 / 2 * 3600)) 'is devices x peak x time x share'
jb count "$JB_TMP/one" --devices 8
is "$rc" 2 'and needs all four'

# A name that would turn a terminal red, in a header of 69 bytes.
{
    printf 'E\0\0\0\0\0\0\0'
    printf '{"%s[31mred":{"dtype":"Q9","shape":[1],"data_offsets":[0,1]}}%-4s!' '\u001b' ''
} >"$JB_TMP/red.safetensors"
jb count "$JB_TMP/red.safetensors"
is "$rc" 3 'a type that there is not is refused'
like "$(cat "$err")" "of tensor '.\[31mred'" 'by the name of the tensor'
is "$(tr -d '\n' <"$err" | LC_ALL=C grep -c '[[:cntrl:]]')" 0 'which moves no cursor'

head -c 1000 "$JB_TMP/one/model.safetensors" >"$JB_TMP/cut.safetensors"
jb count "$JB_TMP/cut.safetensors"
is "$rc" 3 'a file cut short is refused'
like "$(cat "$err")" 'cut short' 'as that'
sed -i 's/model-00002/..\/model-00002/' "$JB_TMP/two/model.safetensors.index.json"
jb count "$JB_TMP/two"
is "$rc" 3 'an index that leads elsewhere is refused'
jb count "$JB_TMP/none"
is "$rc" 3 'a file that is not there too'
jb count tests/cli/count.sh
is "$rc" 3 'and one in another format'
done_testing
