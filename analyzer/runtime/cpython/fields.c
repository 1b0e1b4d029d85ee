#include "runtime/cpython/fields.h"

const struct field_spec cpython_fields[FIELD_COUNT] = {
#define FIELD(id, structs, paths, required) [id] = {structs, paths, required},
#include "runtime/cpython/fields.def"
#undef FIELD
};
