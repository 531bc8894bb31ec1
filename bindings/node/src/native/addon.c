/* The module: one environment each for the main thread and for every worker thread. */
#include "addon.h"

Environment *environment_of(napi_env env) {
    void *environment = NULL;
    napi_get_instance_data(env, &environment);
    return environment;
}

void environment_release(Environment *environment) {
    if (--environment->references == 0) free(environment);
}

/* One handle is closed. */
void environment_unwatch(Environment *environment) {
    environment->watches--;
    if (environment->watches > 0 || !environment->cleanup) return;
    napi_async_cleanup_hook_handle cleanup = environment->cleanup;
    environment->cleanup = NULL;
    napi_remove_async_cleanup_hook(cleanup);
}

static void environment_finalize(napi_env env, void *data, void *hint) {
    (void)env, (void)hint;
    environment_release(data);
}

/* The environment goes down: a worker thread ends, or the process. Node waits until the handles are closed. */
static void go_down(napi_async_cleanup_hook_handle handle, void *data) {
    Environment *environment = data;
    environment->cleanup = handle;
    environment->watches++; /* this function's own */
    for (Client *client = environment->clients; client; client = client->next) client_shut(client);
    environment_unwatch(environment);
}

/* (dispatch, errorFactory) */
static napi_value set_callbacks(napi_env env, napi_callback_info info) {
    size_t count = 2;
    napi_value given[2];
    Environment *environment = environment_of(env);
    napi_get_cb_info(env, info, &count, given, NULL, NULL);
    napi_create_reference(env, given[0], 1, &environment->dispatch);
    napi_create_reference(env, given[1], 1, &environment->error_factory);
    return NULL;
}

/* Of the header this was built with, and of the library. */
static napi_value abi_versions(napi_env env, napi_callback_info info) {
    (void)info;
    napi_value versions, wanted, found;
    napi_create_array_with_length(env, 2, &versions);
    napi_create_uint32(env, IK_ABI_VERSION, &wanted);
    napi_create_uint32(env, ik_abi_version(), &found);
    napi_set_element(env, versions, 0, wanted);
    napi_set_element(env, versions, 1, found);
    return versions;
}

/* The result of an operation that sends nothing. */
napi_value call(napi_env env, napi_callback_info info) {
    size_t count = 3;
    napi_value given[3];
    napi_get_cb_info(env, info, &count, given, NULL, NULL);
    Client *client = client_of(env, given[0]);
    Text operation, arguments;
    if (!client || !text_take(env, given[1], &operation)) return NULL;
    ik_bytes answer = {NULL, 0};
    ik_error *error = NULL;
    ik_status status = IK_FAILED;
    bool is_taken = text_take(env, given[2], &arguments);
    if (is_taken) {
        status = ik_call(client->client, operation.data, operation.length, arguments.data, arguments.length, &answer,
                         &error);
        text_free(&arguments);
    }
    text_free(&operation);
    if (!is_taken) return NULL;
    return status == IK_OK ? take_bytes(env, &answer) : throw_error(env, error);
}

/* (subject, given) */
napi_value decide(napi_env env, napi_callback_info info) {
    size_t count = 2;
    napi_value arguments[2];
    napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
    Text subject, given;
    if (!text_take(env, arguments[0], &subject)) return NULL;
    ik_bytes answer = {NULL, 0};
    ik_error *error = NULL;
    ik_status status = IK_FAILED;
    bool is_taken = text_take(env, arguments[1], &given);
    if (is_taken) {
        status = ik_decide(subject.data, subject.length, given.data, given.length, &answer, &error);
        text_free(&given);
    }
    text_free(&subject);
    if (!is_taken) return NULL;
    return status == IK_OK ? take_bytes(env, &answer) : throw_error(env, error);
}

static const napi_property_descriptor functions[] = {
    {.utf8name = "abiVersions", .method = abi_versions},
    {.utf8name = "setCallbacks", .method = set_callbacks},
    {.utf8name = "client", .method = client_create},
    {.utf8name = "closeClient", .method = client_close},
    {.utf8name = "poll", .method = client_poll},
    {.utf8name = "hold", .method = client_hold},
    {.utf8name = "start", .method = request_start},
    {.utf8name = "id", .method = request_id},
    {.utf8name = "next", .method = request_next},
    {.utf8name = "close", .method = request_close},
    {.utf8name = "call", .method = call},
    {.utf8name = "decide", .method = decide},
};

NAPI_MODULE_INIT() {
    Environment *environment = calloc(1, sizeof *environment);
    if (!environment) return throw_misuse(env, "out of memory");
    environment->env = env;
    environment->references = 1;
    if (napi_get_uv_event_loop(env, &environment->loop) != napi_ok ||
        napi_set_instance_data(env, environment, environment_finalize, NULL) != napi_ok) {
        free(environment);
        return throw_misuse(env, "this environment has no event loop");
    }
    napi_add_async_cleanup_hook(env, go_down, environment, NULL);
    napi_define_properties(env, exports, sizeof functions / sizeof functions[0], functions);
    return exports;
}
