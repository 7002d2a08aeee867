/* SPDX-License-Identifier: Apache-2.0 */
/* First bytes as the formats' own documents give them. */
#include "base/compiler.h"
#include "count/onnx_int.h"
#include "tap.h"

static void told(const char *bytes, size_t len, const char *what, const char *step)
{
    struct jb_arena *arena = NULL;
    struct jb_onnx_model model = {0};
    struct jb_error err = {0};
    uint8_t *const copy = malloc(len);

    if (!copy || jb_arena_new(1 << 20, &arena, NULL) < 0)
        bail_out("no memory");
    memcpy(copy, bytes, len);
    const jb_rc rc = jb_onnx_read((struct jb_span){.at = copy, .len = len}, arena, &model, &err);
    ok(rc == JB_E_INPUT && strstr(err.message, what), "%s is called that", what);
    ok(strstr(err.hint, step) != NULL, "with the next step: %s", step);
    if (!strstr(err.message, what) || !strstr(err.hint, step))
        diag("%s\n%s", err.message, err.hint);
    free(copy);
    jb_arena_free(arena);
}
#define TOLD(bytes, what, step) told((bytes), sizeof(bytes) - 1, (what), (step))

int main(void)
{
    TOLD("PK\3\4\0\0\0\0\0\0archive/data.pkl", "zip archive", "torch.onnx.export");
    TOLD("\x80\2\x8a\x0alw", "Python pickle", "torch.onnx.export");
    TOLD("\x80\4\x95", "Python pickle", "torch.onnx.export");
    TOLD("\x89HDF\r\n\x1a\n\0\0", "HDF5", "tf2onnx");
    TOLD("\x1c\0\0\0TFL3\x14\0", "TensorFlow Lite", "--tflite");
    TOLD("\x48\0\0\0ORTM\0\0", "ONNX Runtime", ".onnx");
    TOLD("GGUF\3\0\0\0", "GGUF", ".gguf");
    TOLD("\x10\0\0\0\0\0\0\0{\"a\":{}}        ", "safetensors", ".safetensors");
    TOLD("\x1f\x8b\x08\0", "gzip", "unpack");
    TOLD("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n", "git-lfs",
         "git lfs pull");
    TOLD("<!DOCTYPE html><html>", "web page", "fetch");
    TOLD("<ir_version: 8, opset_import: [\"\": 17]>\nagraph (float[N] x) => (float[N] y) {}\n",
         "text", "onnx.save");
    TOLD("ir_version: 8\ngraph {\n}\n", "text", "onnx.save");
    /* SavedModel: schema version 1, a MetaGraphDef that begins with its MetaInfoDef */
    TOLD("\x08\1\x12\4\x0a\2\x22\0", "SavedModel", "tf2onnx");
    /* GraphDef: a NodeDef with its name and op */
    TOLD("\x0a\x0a\x0a\1x\x12\5Const", "TensorFlow graph", "tf2onnx");
    /* Core ML: version 4, a description, a network at field 500 */
    TOLD("\x08\4\x12\2\x0a\0\xa2\x1f\2\x08\1", "Core ML", "export");
    /* TensorProto of test data: dims 2, type 1, raw_data */
    TOLD("\x08\2\x10\1\x4a\x08\0\0\0\0\0\0\0\0", "single tensor", "model.onnx");
    return done_testing();
}
