/* Results and chunks of a text are read here, without a dictionary between: they are what comes a thousand times a second.
 * Their `usage` and `raw` are read when they are asked for. */
#include "_texts.h"

#include <structmember.h>

static PyObject *json_reader = NULL, *usage_reader = NULL;

void text_readers(PyObject *json, PyObject *usage) {
    Py_INCREF(json);
    Py_INCREF(usage);
    json_reader = json;
    usage_reader = usage;
}

typedef struct {
    PyObject_HEAD
    PyObject *text;
    PyObject *model; /* NULL in a chunk */
    PyObject *finish_reason;
    PyObject *usage;
    PyObject *raw;
    int is_usage_read, is_raw_read; /* else the member is the JSON text */
} Text;

static void text_dealloc(PyObject *self) {
    Text *text = (Text *)self;
    PyTypeObject *type = Py_TYPE(self);
    Py_XDECREF(text->text);
    Py_XDECREF(text->model);
    Py_XDECREF(text->finish_reason);
    Py_XDECREF(text->usage);
    Py_XDECREF(text->raw);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
    Py_DECREF(type);
}

static PyObject *text_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords) {
    PyObject *members[5] = {NULL};
    if (!PyArg_ParseTuple(arguments, "OOOOO", &members[0], &members[1], &members[2], &members[3], &members[4])) return NULL;
    Text *text = (Text *)PyType_GenericAlloc(type, 0);
    if (!text) return NULL;
    for (int i = 0; i < 5; i++) Py_INCREF(members[i]);
    text->text = members[0];
    text->model = members[1];
    text->finish_reason = members[2];
    text->usage = members[3];
    text->raw = members[4];
    text->is_usage_read = text->is_raw_read = 1;
    return (PyObject *)text;
}

/* The member, which is read first where it is JSON still. */
static PyObject *read_once(PyObject **member, int *is_read, PyObject *reader) {
    if (!*is_read) {
        PyObject *json = *member;
        Py_INCREF(json);
        PyObject *read = PyObject_CallFunctionObjArgs(reader, json, NULL);
        Py_DECREF(json);
        if (!read) return NULL;
        PyObject *before = *member;
        *member = read;
        *is_read = 1;
        Py_DECREF(before);
    }
    Py_INCREF(*member);
    return *member;
}

static PyObject *text_usage(PyObject *self, void *nothing) {
    Text *text = (Text *)self;
    return read_once(&text->usage, &text->is_usage_read, usage_reader);
}

static PyObject *text_raw(PyObject *self, void *nothing) {
    Text *text = (Text *)self;
    return read_once(&text->raw, &text->is_raw_read, json_reader);
}

static PyMemberDef text_members[] = {
    {"text", T_OBJECT_EX, offsetof(Text, text), READONLY, NULL},
    {"_model", T_OBJECT, offsetof(Text, model), READONLY, NULL},
    {"finish_reason", T_OBJECT_EX, offsetof(Text, finish_reason), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyGetSetDef text_getters[] = {
    {"usage", text_usage, NULL, "How many tokens the call took.", NULL},
    {"raw", text_raw, NULL, "What the server sent, untouched.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot text_slots[] = {
    {Py_tp_doc, "What results and chunks of a text share."},
    {Py_tp_new, text_new},
    {Py_tp_dealloc, text_dealloc},
    {Py_tp_members, text_members},
    {Py_tp_getset, text_getters},
    {0, NULL},
};

PyType_Spec text_spec = {
    .name = "inferencekey._core.Text",
    .basicsize = sizeof(Text),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = text_slots,
};

/* The JSON of the library is well formed; nothing here reads behind `end` all the same. */

static const char *string_end(const char *at, const char *end) {
    const char *begin = at + 1, *quote = at;
    while ((quote = memchr(quote + 1, '"', (size_t)(end - quote - 1)))) {
        const char *before = quote;
        while (before > begin && before[-1] == '\\') before--;
        if ((quote - before) % 2 == 0) return quote + 1;
    }
    return end;
}

static const char *value_end(const char *at, const char *end) {
    if (at < end && *at == '"') return string_end(at, end);
    int depth = 0;
    while (at < end) {
        switch (*at) {
            case '"': at = string_end(at, end); continue;
            case '{': case '[': depth++; break;
            case '}': case ']':
                if (depth == 0) return at;
                if (--depth == 0) return at + 1;
                break;
            case ',':
                if (depth == 0) return at;
                break;
        }
        at++;
    }
    return end;
}

static PyObject *read_json(const char *at, const char *end) {
    if (end - at == 4 && memcmp(at, "null", 4) == 0) Py_RETURN_NONE;
    if (*at == '"' && !memchr(at, '\\', (size_t)(end - at))) return PyUnicode_DecodeUTF8(at + 1, end - at - 2, NULL);
    PyObject *text = PyUnicode_DecodeUTF8(at, end - at, NULL);
    if (!text) return NULL;
    PyObject *value = PyObject_CallFunctionObjArgs(json_reader, text, NULL);
    Py_DECREF(text);
    return value;
}

static int is_key(const char *at, const char *end, const char *name) {
    size_t length = strlen(name);
    return (size_t)(end - at) == length + 2 && memcmp(at + 1, name, length) == 0;
}

static int has_all(const Text *text) { return text->text && text->finish_reason && text->usage && text->raw; }

/* An object of the class, from the JSON object that begins at *place, which is moved behind it. */
static PyObject *read_text(PyTypeObject *kind, const char **place, const char *end) {
    Text *text = (Text *)PyType_GenericAlloc(kind, 0);
    if (!text) return NULL;
    const char *at = *place + 1;
    text->is_usage_read = 1;
    while (at < end && *at == '"') {
        const char *key = at, *key_end = string_end(at, end);
        const char *value = key_end + 1, *behind = value_end(value, end);
        if (value >= end) break;
        PyObject **member = NULL, *found = NULL;
        if (is_key(key, key_end, "text")) member = &text->text;
        else if (is_key(key, key_end, "model")) member = &text->model;
        else if (is_key(key, key_end, "finish_reason")) member = &text->finish_reason;
        else if (is_key(key, key_end, "usage")) member = &text->usage;
        else if (is_key(key, key_end, "raw")) member = &text->raw;
        if (member) {
            int is_kept = member == &text->raw || (member == &text->usage && *value == '{');
            if (is_kept && member == &text->usage) text->is_usage_read = 0;
            found = is_kept ? PyBytes_FromStringAndSize(value, behind - value) : read_json(value, behind);
            if (!found) {
                Py_DECREF(text);
                return NULL;
            }
            Py_XDECREF(*member);
            *member = found;
        }
        at = behind < end && *behind == ',' ? behind + 1 : behind;
    }
    *place = at + 1;
    if (has_all(text)) return (PyObject *)text;
    Py_DECREF(text);
    PyErr_SetString(PyExc_RuntimeError, "libinferencekey gave a text without its members");
    return NULL;
}

/* What a request for texts has brought: a list of chunks. Frees the bytes. */
static PyObject *take_chunks(PyTypeObject *kind, ik_bytes *bytes) {
    const char *at = (const char *)bytes->data, *end = at + bytes->length;
    PyObject *chunks = PyList_New(0);
    for (at++; chunks && at < end && *at == '{';) {
        PyObject *chunk = read_text(kind, &at, end);
        if (!chunk || PyList_Append(chunks, chunk) != 0) {
            Py_XDECREF(chunk);
            Py_CLEAR(chunks);
            break;
        }
        Py_DECREF(chunk);
        at += at < end && *at == ',';
    }
    ik_bytes_free(bytes);
    return chunks;
}

PyObject *take_result(PyTypeObject *kind, ik_bytes *bytes) {
    const char *at = (const char *)bytes->data;
    PyObject *result = read_text(kind, &at, at + bytes->length);
    ik_bytes_free(bytes);
    return result;
}

PyObject *take_texts(PyTypeObject *kind, ik_bytes *bytes) {
    return bytes->length && *bytes->data == '{' ? take_result(kind, bytes) : take_chunks(kind, bytes);
}
