/* Requests on their client's loop. */
#include "addon.h"

typedef struct {
    ik_request *request; /* NULL once it is closed */
    Client *client;
} Request;

static Request *request_of(napi_env env, napi_callback_info info) {
    size_t count = 1;
    napi_value external;
    void *request = NULL;
    napi_get_cb_info(env, info, &count, &external, NULL, NULL);
    if (napi_get_value_external(env, external, &request) != napi_ok) throw_misuse(env, "a request is expected");
    return request;
}

static void request_finalize(napi_env env, void *data, void *hint) {
    (void)env, (void)hint;
    Request *request = data;
    ik_request_free(request->request);
    client_release(request->client);
    free(request);
}

/* (client, operation, arguments) */
napi_value request_start(napi_env env, napi_callback_info info) {
    size_t count = 3;
    napi_value given[3], external = NULL;
    napi_get_cb_info(env, info, &count, given, NULL, NULL);
    Client *client = client_of(env, given[0]);
    if (!client) return NULL;
    if (client->client && !client_watch(client))
        return throw_own(env, IK_ERROR_NETWORK,
                         "network error: no more connections can be had (this process has no file descriptor left); "
                         "raise the limit of open files (ulimit -n)");
    Request *request = malloc(sizeof *request);
    Text operation, arguments;
    if (!request) return throw_misuse(env, "out of memory");
    *request = (Request){.request = NULL, .client = client};
    ik_status status = IK_FAILED;
    ik_error *error = NULL;
    if (!text_take(env, given[1], &operation)) {
        free(request);
        return NULL;
    }
    bool is_taken = text_take(env, given[2], &arguments);
    if (is_taken) {
        status = ik_start(client->client, operation.data, operation.length, arguments.data, arguments.length,
                          IK_ON_POLLED_CLIENT_LOOP, &request->request, &error);
        text_free(&arguments);
    }
    text_free(&operation);
    if (status != IK_OK) {
        free(request);
        return is_taken ? throw_error(env, error) : NULL;
    }
    client->references++;
    if (napi_create_external(env, request, request_finalize, NULL, &external) != napi_ok)
        request_finalize(env, request, NULL);
    return external;
}

napi_value request_id(napi_env env, napi_callback_info info) {
    Request *request = request_of(env, info);
    napi_value id = NULL;
    if (request) napi_create_int64(env, (int64_t)ik_request_id(request->request), &id);
    return id;
}

/* What has come: a text, undefined when there is nothing yet, null at the end. */
napi_value request_next(napi_env env, napi_callback_info info) {
    Request *request = request_of(env, info);
    napi_value nothing = NULL;
    if (!request) return NULL;
    ik_bytes answer = {NULL, 0};
    ik_error *error = NULL;
    switch (request->request ? ik_next(request->request, 0, &answer, &error) : IK_END) {
        case IK_OK: return take_bytes(env, &answer);
        case IK_FAILED: return throw_error(env, error);
        case IK_END: napi_get_null(env, &nothing); return nothing;
        default: return NULL;
    }
}

/* Ends it, at the next poll of its client. */
napi_value request_close(napi_env env, napi_callback_info info) {
    Request *request = request_of(env, info);
    if (!request) return NULL;
    ik_request *freed = request->request;
    request->request = NULL;
    ik_request_free(freed);
    return NULL;
}
