/*
 * inferencekey.h: the InferenceKey client as a C library.
 *
 * One core serves every language: what a client decides (configuration, drift, retries, streams, errors) is decided
 * here, and a binding only translates. This header is the source; the bodies are checked against it.
 *
 * Sections
 *   1  Conventions
 *   2  Version
 *   3  Errors
 *   4  Bytes
 *   5  Clients
 *   6  Requests
 *   7  Many requests on one thread
 *   8  Decisions without a request
 *   9  Operations
 *
 * Link: cc program.c $(pkg-config --cflags --libs inferencekey)
 */
#ifndef INFERENCEKEY_H
#define INFERENCEKEY_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- 1  Conventions -------------------------------------------------------------------------------------------------
 *
 * Text      UTF-8, given as a pointer and a length in bytes; needs no zero byte at its end. JSON is RFC 8259.
 * Numbers   have explicit widths. Times are in milliseconds; a negative timeout waits for ever.
 * Status    every function that can fail returns an ik_status and, where it fails, puts an error into *error (unless
 *           error is NULL); elsewhere *error becomes NULL.
 * Ownership what a function puts into an out parameter is the caller's, and has exactly one function that frees it:
 *           ik_client_free, ik_request_free, ik_bytes_free, ik_error_free. Each takes NULL. Arguments stay the caller's.
 * Threads   a client may be used from many threads at once. A request is for one thread at a time, except ik_cancel.
 *           No function calls back. No thread is started for plain http, except for as long as a host name is looked up; the first
 *           https request starts event loops.
 * Fork      the child of a fork may use a client of its parent: it opens connections of its own. A request, and the
 *           descriptor of ik_client_descriptor, do not cross a fork: begin new ones and ask again in the child, where
 *           ik_next refuses one of the parent's, ik_cancel leaves it alone, and ik_request_free frees the child's copy
 *           only. No other thread may be inside the library at the moment of the fork.
 * Signals   no handler is installed and none is removed. A signal that comes while the library waits ends the wait with
 *           IK_INTERRUPTED; calling again goes on where it was. The first https request makes the process ignore SIGPIPE.
 */

typedef int32_t ik_status;

#define IK_OK 0          /* there is an answer */
#define IK_END 1         /* the request is over: nothing more will come */
#define IK_PENDING 2     /* nothing yet, and the time is up */
#define IK_INTERRUPTED 3 /* a signal came; call again or cancel */
#define IK_FAILED 4      /* *error says why; the request is over */

/* ---- 2  Version ---------------------------------------------------------------------------------------------------- */

/* Grows when something that is here changes its meaning. A binding compares it once with ik_abi_version(). */
#define IK_ABI_VERSION 1

uint32_t ik_abi_version(void);

/* ---- 3  Errors ----------------------------------------------------------------------------------------------------- */

#define IK_ERROR_CONFIGURATION 1     /* before any request: something is missing or malformed */
#define IK_ERROR_VALIDATION 2        /* a bad argument, 400, 422, drift under "fail" */
#define IK_ERROR_AUTHENTICATION 3    /* 401 */
#define IK_ERROR_PERMISSION_DENIED 4 /* 403, or the wrong kind of credential, found before any request */
#define IK_ERROR_NOT_FOUND 5         /* 404 */
#define IK_ERROR_RATE_LIMITED 6      /* 429 */
#define IK_ERROR_API 7               /* any other answer */
#define IK_ERROR_NETWORK 8           /* no answer */
#define IK_ERROR_TIMEOUT 9           /* a deadline passed */
#define IK_ERROR_CANCELLED 10        /* the caller cancelled */

/* Texts end with a zero byte and live as long as the error; they never hold a secret. Members may be added at the end:
 * only the library makes one. */
typedef struct ik_error {
    int32_t kind;               /* IK_ERROR_… */
    int32_t status;             /* of the HTTP answer; 0 where there was none */
    int64_t retry_after_ms;     /* what the server asked for; -1 where it did not */
    const char *kind_name;      /* "rate_limited" */
    const char *message;        /* what happened and what to do */
    const char *code;           /* such as "workload_not_ready"; NULL where there is none */
    const char *request_id;     /* NULL where there is none */
    const char *fields;         /* what is wrong by field, as a JSON object; "{}" where nothing is */
} ik_error;

void ik_error_free(ik_error *error);

/* ---- 4  Bytes ------------------------------------------------------------------------------------------------------ */

typedef struct ik_bytes {
    uint8_t *data; /* NULL when length is 0 */
    size_t length;
} ik_bytes;

/* Frees the data and clears the struct. */
void ik_bytes_free(ik_bytes *bytes);

/* ---- 5  Clients ---------------------------------------------------------------------------------------------------- */

/* Holds settings, a credential and a pool of connections. */
typedef struct ik_client ik_client;

/* Makes a client; nothing is sent. `configuration` is a JSON object:
 *
 *   plane        "control" (declares workloads) or "data" (calls them); required
 *   language     how messages spell arguments: "swift", "python", "node", "go", "java"; "swift" unless given
 *   base_url     of the platform; http://127.0.0.1:8080 where neither this nor the environment names one
 *   project      the slug of the project
 *   sdk_token    control only: ik_sdk_…
 *   api_key      data only: ik_live_…; an operation may name another
 *   environment  an object of variables to take what is not given from; none unless given. The library itself never
 *                reads the environment of the process.
 *   options      see section 9
 *
 * Fails with IK_ERROR_CONFIGURATION, IK_ERROR_PERMISSION_DENIED or IK_ERROR_VALIDATION. */
ik_status ik_client_create(const char *configuration, size_t length, ik_client **client, ik_error **error);

/* Ends every request that the client's own loop drives, as ik_cancel does, and closes its connections. Other requests go
 * on and keep what they need. */
void ik_client_free(ik_client *client);

/* ---- 6  Requests --------------------------------------------------------------------------------------------------- */

typedef struct ik_request ik_request;

#define IK_ON_CALLING_THREAD 0     /* driven by ik_next, on the thread that calls it */
#define IK_ON_CLIENT_LOOP 1        /* driven by ik_poll (section 7); the client's descriptor becomes readable */
#define IK_ON_POLLED_CLIENT_LOOP 2 /* the same, but the caller polls next, and wakes no watcher of the descriptor */

/* Begins an operation (section 9); returns at once. Whatever goes wrong comes out of ik_next, but for a client that is
 * NULL, which is one that was closed (IK_ERROR_CONFIGURATION), and descriptors that cannot be had (IK_ERROR_NETWORK). */
ik_status ik_start(ik_client *client, const char *operation, size_t operation_length, const char *arguments,
                   size_t arguments_length, int32_t where, ik_request **request, ik_error **error);

/* The next answer, waiting for it for at most `timeout_ms`; a request on the client's loop is not waited for.
 *
 *   IK_OK           *answer is JSON: of a plain operation its result, once; of a streaming one an array with everything
 *                   that has arrived. The first answer of a stream is [], and says that it is open.
 *   IK_END          over
 *   IK_PENDING      nothing yet
 *   IK_INTERRUPTED  a signal came
 *   IK_FAILED       over, with *error
 */
ik_status ik_next(ik_request *request, int64_t timeout_ms, ik_bytes *answer, ik_error **error);

/* Ends the request: its connection is closed and ik_next fails with IK_ERROR_CANCELLED. From any thread; also more than
 * once, and after the end. */
void ik_cancel(ik_request *request);

/* Cancels what is not over, and frees it. No other thread may be in a function with it. */
void ik_request_free(ik_request *request);

/* ik_start, ik_next and ik_request_free in one, for a plain operation: waits for the result, through signals. */
ik_status ik_call(ik_client *client, const char *operation, size_t operation_length, const char *arguments,
                  size_t arguments_length, ik_bytes *answer, ik_error **error);

/* ---- 7  Many requests on one thread ----------------------------------------------------------------------------------
 *
 * An event loop (asyncio, libuv, epoll) watches one descriptor per client. When it is readable: ik_poll, and then ik_next
 * for each request that it names, until that says IK_PENDING, IK_END or IK_FAILED. A watcher that is told of changes only
 * (EPOLLET) must poll again when another thread was in ik_poll. Who begins a request and polls at once sends it without
 * going through the watcher: IK_ON_POLLED_CLIENT_LOOP.
 */

/* Readable when ik_poll has something to do; the client's own: do not close it. -1 when it cannot be had; asking
 * again tries again. */
int32_t ik_client_descriptor(ik_client *client);

/* Never 0. Unique in the process. */
uint64_t ik_request_id(const ik_request *request);

/* Does what there is to do for the requests of the client's loop, waiting for something at most `timeout_ms`, and puts
 * the ids of those that have an answer or are over into `ids`, of which there are *count, at most `capacity`. An id comes
 * again only after ik_next was called for its request; that of a request which was read to its end meanwhile, or freed,
 * may still come once. Returns IK_OK with at least one, else IK_PENDING or IK_INTERRUPTED. When another thread is in it
 * already: IK_PENDING at once. */
ik_status ik_poll(ik_client *client, int64_t timeout_ms, uint64_t *ids, size_t capacity, size_t *count);

/* ---- 8  Decisions without a request -------------------------------------------------------------------------------- */

/* What every client decides, as a pure function: the subjects of conformance/, `given` in and `expect` out.
 * "slugs", "redaction", "spec-checks", "drift", "json-equality", "json-texts", "sse", "text-streams", "errors",
 * "configuration", "retries", "readiness", "webhooks". "sse" takes `cuts`, the places where the text is cut into pieces.
 * "webhooks" is how a delivery is verified: body (the text as it came), headers (an object), secret, tolerance (in
 * seconds; 300 unless given) and now (RFC 3339 or seconds since 1970; this machine's clock unless given) → event, or an
 * error with its code. */
ik_status ik_decide(const char *subject, size_t subject_length, const char *given, size_t given_length,
                    ik_bytes *answer, ik_error **error);

/* ---- 9  Operations ---------------------------------------------------------------------------------------------------
 *
 * Arguments and results are JSON objects in the words of the wire (snake_case). Members that are null count as absent;
 * members that an operation does not know are refused. Every operation takes `options`, an object of
 *
 *   max_retries, connect_timeout_ms, request_timeout_ms, stream_idle_timeout_ms
 *
 * of which those not given are the client's, and those are 2, 5,000, 600,000 and 120,000 unless given.
 *
 * control
 *   ensure             spec, on_drift ("reconcile", "fail", "dry_run", "warn", "ignore"), project
 *                      → project_slug, workload_slug, plan, warnings (texts for the user)
 *   plan               spec, project → action, changes
 *   delete             slug, project → deleted
 *   get                slug, project → the workload
 *   list               project → workloads
 *   status             slug, project → desired, ready, status, …: the answer untouched
 *   logs               slug, project, replica, tail → lines
 *   follow_logs        as logs; a stream of lines
 *   wait_until_ready   slug, project, timeout_ms → a stream of readiness events, of which the last says "ready"
 *
 * data
 *   endpoint           slug, api_key → workload_slug, project, base_url. Nothing is sent.
 *   generate_text      slug, api_key, prompt or messages, temperature, max_tokens, extra
 *                      → text, model, finish_reason, usage, raw
 *   generate_text_stream   the same; a stream of text, finish_reason, usage, raw
 *   embed              slug, api_key, input, extra → embeddings, model, usage, raw
 *   rerank             slug, api_key, query, documents, top_n, extra → results, model, raw
 *   forecast           slug, api_key, body (an object, sent untouched) → raw
 *   submit_job         slug, api_key, kind, body (any JSON) or base64 with content_type, context (any JSON, comes back
 *                      with the result), idempotency_key → job_id, raw
 *   get_job            slug, api_key, job_id → job_id, state, attempts, result, raw
 *   request            slug, api_key, method, path, headers, and json, text or base64 with content_type
 *                      → status, headers (pairs), and text or base64: the body as it came
 */

#ifdef __cplusplus
}
#endif

#endif
