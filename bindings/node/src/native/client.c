/* Clients, and the descriptor of each on libuv's loop. */
#include "addon.h"

/* The most ids that one ik_poll brings. */
#define MAX_POLLED 256

Client *client_of(napi_env env, napi_value value) {
    void *client = NULL;
    if (napi_get_value_external(env, value, &client) != napi_ok) throw_misuse(env, "a client is expected");
    return client;
}

static void client_finalize(napi_env env, void *data, void *hint) {
    (void)env, (void)hint;
    client_release(data);
}

napi_value client_create(napi_env env, napi_callback_info info) {
    size_t count = 1;
    napi_value configuration, external = NULL;
    Text text;
    napi_get_cb_info(env, info, &count, &configuration, NULL, NULL);
    if (!text_take(env, configuration, &text)) return NULL;
    ik_client *made = NULL;
    ik_error *error = NULL;
    ik_status status = ik_client_create(text.data, text.length, &made, &error);
    text_free(&text);
    if (status != IK_OK) return throw_error(env, error);
    Client *client = calloc(1, sizeof *client);
    if (!client) {
        ik_client_free(made);
        return throw_misuse(env, "out of memory");
    }
    Environment *environment = environment_of(env);
    *client = (Client){.environment = environment, .client = made, .next = environment->clients, .references = 1};
    if (client->next) client->next->previous = client;
    environment->clients = client;
    environment->references++;
    if (napi_create_external(env, client, client_finalize, NULL, &external) != napi_ok) client_release(client);
    return external;
}

/* The ids of the requests that have something, as an array; NULL when there is none. */
static napi_value take_ready(napi_env env, Client *client) {
    napi_value list = NULL;
    uint32_t length = 0;
    uint64_t ids[MAX_POLLED];
    size_t count = 0;
    do {
        if (ik_poll(client->client, 0, ids, MAX_POLLED, &count) != IK_OK) break;
        if (!list && napi_create_array(env, &list) != napi_ok) return NULL;
        for (size_t i = 0; i < count; i++) {
            napi_value id;
            if (napi_create_int64(env, (int64_t)ids[i], &id) == napi_ok) napi_set_element(env, list, length++, id);
        }
    } while (count == MAX_POLLED);
    return list;
}

/* On the loop's thread, outside JavaScript. */
static void on_readable(uv_poll_t *watch, int status, int events) {
    (void)status, (void)events;
    Client *client = watch->data;
    if (!client || !client->client) return;
    Environment *environment = client->environment;
    napi_env env = environment->env;
    napi_handle_scope scope;
    if (napi_open_handle_scope(env, &scope) != napi_ok) return;
    napi_value ids = take_ready(env, client), global, dispatch = NULL;
    if (ids) {
        napi_get_global(env, &global);
        napi_get_reference_value(env, environment->dispatch, &dispatch);
        napi_value exception;
        bool is_pending = false;
        if (napi_make_callback(env, NULL, global, dispatch, 1, &ids, NULL) != napi_ok &&
            napi_is_exception_pending(env, &is_pending) == napi_ok && is_pending &&
            napi_get_and_clear_last_exception(env, &exception) == napi_ok)
            napi_fatal_exception(env, exception);
    }
    napi_close_handle_scope(env, scope);
}

/* Begins to watch, once; a watched client does not keep the process alive until client_hold says so. */
bool client_watch(Client *client) {
    if (client->watch) return true;
    int descriptor = ik_client_descriptor(client->client);
    uv_poll_t *watch = descriptor < 0 ? NULL : calloc(1, uv_handle_size(UV_POLL));
    if (!watch) return false;
    if (uv_poll_init(client->environment->loop, watch, descriptor) != 0) {
        free(watch);
        return false;
    }
    watch->data = client;
    client->watch = watch;
    uv_unref((uv_handle_t *)watch);
    client->references++; /* the handle's, until it is closed */
    client->environment->watches++;
    return uv_poll_start(watch, UV_READABLE, on_readable) == 0;
}

static void on_closed(uv_handle_t *handle) {
    Client *client = handle->data;
    Environment *environment = client->environment;
    free(handle);
    environment->references++;
    client_release(client);
    environment_unwatch(environment);
    environment_release(environment);
}

/* Ends its requests, closes its connections and leaves the loop. The struct stays until the last one lets go. */
void client_shut(Client *client) {
    if (!client->client) return;
    ik_client *freed = client->client;
    client->client = NULL;
    if (client->watch) {
        uv_poll_stop(client->watch);
        uv_close((uv_handle_t *)client->watch, on_closed);
        client->watch = NULL;
    }
    ik_client_free(freed);
}

void client_release(Client *client) {
    /* The handle's own reference does not keep the client open. */
    if (client->references == 2 && client->watch) client_shut(client);
    if (--client->references > 0) return;
    client_shut(client);
    Environment *environment = client->environment;
    if (client->previous) client->previous->next = client->next;
    else environment->clients = client->next;
    if (client->next) client->next->previous = client->previous;
    free(client);
    environment_release(environment);
}

napi_value client_close(napi_env env, napi_callback_info info) {
    size_t count = 1;
    napi_value external;
    napi_get_cb_info(env, info, &count, &external, NULL, NULL);
    Client *client = client_of(env, external);
    if (client) client_shut(client);
    return NULL;
}

napi_value client_poll(napi_env env, napi_callback_info info) {
    size_t count = 1;
    napi_value external;
    napi_get_cb_info(env, info, &count, &external, NULL, NULL);
    Client *client = client_of(env, external);
    return client && client->client ? take_ready(env, client) : NULL;
}

/* Whether it keeps the process alive. */
napi_value client_hold(napi_env env, napi_callback_info info) {
    size_t count = 2;
    napi_value arguments[2];
    bool is_held = false;
    napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
    napi_get_value_bool(env, arguments[1], &is_held);
    Client *client = client_of(env, arguments[0]);
    if (!client || !client->watch) return NULL;
    if (is_held) uv_ref((uv_handle_t *)client->watch);
    else uv_unref((uv_handle_t *)client->watch);
    return NULL;
}
