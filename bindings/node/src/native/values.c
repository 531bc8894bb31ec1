/* Texts, bytes and errors between JavaScript and the library. */
#include "addon.h"

bool text_take(napi_env env, napi_value value, Text *text) {
    text->allocated = NULL;
    text->data = text->inline_data;
    if (napi_get_value_string_utf8(env, value, text->inline_data, sizeof text->inline_data, &text->length) != napi_ok) {
        throw_misuse(env, "a text is expected");
        return false;
    }
    /* A character has at most 4 bytes: with fewer of them left the text may have been cut. */
    if (text->length + 4 < sizeof text->inline_data) return true;
    size_t length = 0;
    napi_get_value_string_utf8(env, value, NULL, 0, &length);
    text->allocated = malloc(length + 1);
    if (!text->allocated) {
        throw_misuse(env, "out of memory");
        return false;
    }
    text->data = text->allocated;
    napi_get_value_string_utf8(env, value, text->data, length + 1, &text->length);
    return true;
}

void text_free(Text *text) { free(text->allocated); }

napi_value take_bytes(napi_env env, ik_bytes *bytes) {
    napi_value text = NULL;
    const char *data = bytes->data ? (const char *)bytes->data : "";
    napi_status status = napi_create_string_utf8(env, data, bytes->length, &text);
    ik_bytes_free(bytes);
    return status == napi_ok ? text : throw_misuse(env, "an answer is too long for a text of JavaScript");
}

napi_value throw_misuse(napi_env env, const char *message) {
    napi_throw_error(env, NULL, message);
    return NULL;
}

static napi_value text_or_null(napi_env env, const char *text) {
    napi_value value = NULL;
    if (text) napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value);
    if (!value) napi_get_null(env, &value);
    return value;
}

/* Throws what the factory makes of the error. */
static void throw_made(napi_env env, const ik_error *error) {
    napi_value members[7], factory = NULL, global, exception = NULL;
    napi_create_int32(env, error->kind, &members[0]);
    members[1] = text_or_null(env, error->message);
    napi_create_int32(env, error->status, &members[2]);
    members[3] = text_or_null(env, error->code);
    members[4] = text_or_null(env, error->request_id);
    napi_create_int64(env, error->retry_after_ms, &members[5]);
    members[6] = text_or_null(env, error->fields);
    Environment *environment = environment_of(env);
    napi_get_global(env, &global);
    if (environment->error_factory) napi_get_reference_value(env, environment->error_factory, &factory);
    if (!factory) throw_misuse(env, "no factory of errors was set");
    else if (napi_call_function(env, global, factory, 7, members, &exception) == napi_ok) napi_throw(env, exception);
}

napi_value throw_error(napi_env env, ik_error *error) {
    if (!error) return throw_misuse(env, "libinferencekey failed without an error");
    throw_made(env, error);
    ik_error_free(error);
    return NULL;
}

napi_value throw_own(napi_env env, int32_t kind, const char *message) {
    throw_made(env, &(ik_error){.kind = kind, .retry_after_ms = -1, .message = message});
    return NULL;
}
