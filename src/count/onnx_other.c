/* SPDX-License-Identifier: Apache-2.0 */
/* What people hand over instead of an ONNX model, told by its first bytes, so that the refusal says the next step. Pure. */
#include "base/clean.h"
#include "base/compiler.h"
#include "count/onnx_reading_int.h"

#define HINT_TORCH                                                                                \
    "a checkpoint holds weights and no graph: export the model with torch.onnx.export(model, x, " \
    "\"model.onnx\"), or count a .safetensors file"
#define HINT_TENSORFLOW "convert it with tf2onnx: python -m tf2onnx.convert --output model.onnx"
#define HINT_FETCH      "fetch the model itself; with git: git lfs pull"
#define HINT_UNPACK     "unpack it first"
#define HINT_EXPORT     "export the model to ONNX from the framework it was made in"
#define TEXT_BYTES      256

static const struct {
    size_t offset;
    const char *bytes;
    size_t len;
    const char *what, *hint;
} magics[] = {
    {0, "PK\x03\x04", 4, "a zip archive, as torch.save and Keras make", HINT_TORCH},
    {0, "\x80\x02", 2, "a Python pickle, as torch.save makes", HINT_TORCH},
    {0, "\x80\x03", 2, "a Python pickle", HINT_TORCH},
    {0, "\x80\x04", 2, "a Python pickle", HINT_TORCH},
    {0, "\x80\x05", 2, "a Python pickle", HINT_TORCH},
    {0, "\x89HDF\r\n", 6, "an HDF5 file, as Keras saves", HINT_TENSORFLOW},
    {4, "TFL3", 4, "a TensorFlow Lite model",
     "convert it with tf2onnx: python -m tf2onnx.convert "
     "--tflite model.tflite --output model.onnx"},
    {4, "ORTM", 4, "a model in ONNX Runtime's own format", "count the .onnx file it was made from"},
    {0, "ftrt", 4, "a TensorRT engine", "count the .onnx file it was built from"},
    {0, "GGUF", 4, "a GGUF model", "give it a name that ends in .gguf"},
    {8, "{\"", 2, "a safetensors file", "give it a name that ends in .safetensors"},
    {0, "\x1f\x8b", 2, "a gzip archive", HINT_UNPACK},
    {0, "\x28\xb5\x2f\xfd", 4, "a zstd archive", HINT_UNPACK},
    {257, "ustar", 5, "a tar archive", HINT_UNPACK},
    {0, "\x93NUMPY", 6, "a NumPy array", HINT_EXPORT},
    {0, "version https://git-lfs", 23, "a pointer of git-lfs to a file that was not fetched",
     HINT_FETCH},
    {0, "<!DOCTYPE", 9, "a web page", HINT_FETCH},
    {0, "<html", 5, "a web page", HINT_FETCH},
    {0, "<?xml", 5, "XML, as OpenVINO describes a model",
     "count the .onnx file it was converted from"},
};

static bool is_text(struct jb_span bytes)
{
    const size_t n = bytes.len < TEXT_BYTES ? bytes.len : TEXT_BYTES;

    for (size_t i = 0; i < n;) {
        const uint8_t byte = bytes.at[i];
        const size_t len = jb_clean_character((const char *)bytes.at + i, bytes.len - i);
        if (len == 0 && byte != '\n' && byte != '\r' && byte != '\t')
            return false;
        i += len > 0 ? len : 1;
    }
    return n > 0;
}

/* Protobuf messages that are no model, by the fields they have. */
static const char *other_message(struct jb_span bytes, const char **ret_hint)
{
    struct jb_wire wire = jb_wire_over(bytes);
    struct jb_wire_field field;
    bool has_version = false;
    bool has_messages = false;
    bool has_type = false;
    bool has_more = false;

    while (jb_wire_next(&wire, &field)) {
        if (jb_wire_is(&field, 1, JB_WIRE_VARINT))
            has_version = true;
        else if (jb_wire_is(&field, 2, JB_WIRE_BYTES) && field.bytes.len > 0 &&
                 field.bytes.at[0] < 0x20)
            has_messages = true; /* a text does not begin so */
        else if (jb_wire_is(&field, 2, JB_WIRE_VARINT))
            has_type = true;
        has_more = has_more || field.number > 25;
    }
    if (jb_wire_has_failed(&wire))
        return NULL;
    if (has_type) {
        *ret_hint = "give the model itself, mostly model.onnx in the folder above";
        return "a single tensor of ONNX, as test data are";
    }
    if (has_version && has_messages) {
        *ret_hint = has_more ? HINT_EXPORT
                             : "convert it with tf2onnx: python -m tf2onnx.convert --saved-model "
                               "FOLDER --output model.onnx";
        return has_more ? "a Core ML model" : "a TensorFlow SavedModel";
    }
    if (bytes.len > 0 && bytes.at[0] == 0x0a) {
        *ret_hint = HINT_TENSORFLOW;
        return "a TensorFlow graph";
    }
    return NULL;
}

const char *onnx__looks_like(struct jb_span bytes, const char **ret_hint)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(magics); i++) {
        if (magics[i].offset + magics[i].len <= bytes.len &&
            memcmp(bytes.at + magics[i].offset, magics[i].bytes, magics[i].len) == 0) {
            *ret_hint = magics[i].hint;
            return magics[i].what;
        }
    }
    if (is_text(bytes)) {
        *ret_hint = "models as text are not read: save it in the binary form with onnx.save";
        return "text";
    }
    return other_message(bytes, ret_hint);
}
