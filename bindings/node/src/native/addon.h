/* The C library for Node: Node-API 8, nothing but translation. No thread: libuv watches one descriptor per client. */
#ifndef IK_NODE_ADDON_H
#define IK_NODE_ADDON_H

#define NAPI_VERSION 8
#include <node_api.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "inferencekey.h"

typedef struct Client Client;

/* What one JavaScript environment has: the main thread, or a worker thread. Lives until its last client is gone. */
typedef struct Environment {
    napi_env env;
    uv_loop_t *loop;
    napi_ref dispatch;      /* JavaScript's: takes the ids of requests that have something */
    napi_ref error_factory; /* JavaScript's: makes an exception of an error's members */
    Client *clients;
    size_t watches;                         /* handles that are not closed yet */
    napi_async_cleanup_hook_handle cleanup; /* set while the environment goes down and waits for them */
    size_t references;
} Environment;

Environment *environment_of(napi_env env);
void environment_release(Environment *environment);
void environment_unwatch(Environment *environment);

/* A client of the library and the handle that watches it. Lives until JavaScript and every request let go of it. */
struct Client {
    Environment *environment;
    ik_client *client; /* NULL once it is closed; the library says so to who calls with it */
    uv_poll_t *watch;  /* NULL until the first request */
    Client *previous, *next;
    size_t references;
};

napi_value client_create(napi_env env, napi_callback_info info);
napi_value client_close(napi_env env, napi_callback_info info);
napi_value client_poll(napi_env env, napi_callback_info info);
napi_value client_hold(napi_env env, napi_callback_info info);
Client *client_of(napi_env env, napi_value value);
bool client_watch(Client *client);
void client_shut(Client *client);
void client_release(Client *client);

napi_value request_start(napi_env env, napi_callback_info info);
napi_value request_id(napi_env env, napi_callback_info info);
napi_value request_next(napi_env env, napi_callback_info info);
napi_value request_close(napi_env env, napi_callback_info info);

napi_value call(napi_env env, napi_callback_info info);
napi_value decide(napi_env env, napi_callback_info info);

/* A JavaScript text as UTF-8. Short ones need no allocation. */
typedef struct {
    char *data;
    size_t length;
    char *allocated;
    char inline_data[4096];
} Text;

/* False, with an exception pending, when it is none. The caller frees it with text_free. */
bool text_take(napi_env env, napi_value value, Text *text);
void text_free(Text *text);

/* Throws the exception that the error stands for, and frees the error. Returns NULL. */
napi_value throw_error(napi_env env, ik_error *error);
/* Throws what the addon finds itself, as an exception of that kind. Returns NULL. */
napi_value throw_own(napi_env env, int32_t kind, const char *message);
/* Throws a plain exception, for what cannot happen through the package's own JavaScript. Returns NULL. */
napi_value throw_misuse(napi_env env, const char *message);
/* The bytes as a JavaScript text; frees them. */
napi_value take_bytes(napi_env env, ik_bytes *bytes);

#endif
