/* The library as a C program uses it: errors, streams, threads, a fork, an event loop. Usage: abi BASE-URL */
#include <inferencekey.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define KEY "ik_live_0badcafe_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define TEXT(literal) literal, sizeof(literal) - 1
#define CALL TEXT("generate_text"), TEXT("{\"slug\":\"bot\",\"prompt\":\"Hola\"}")
#define STREAM TEXT("generate_text_stream"), TEXT("{\"slug\":\"bot\",\"prompt\":\"Hola\"}")
#define ENDLESS TEXT("generate_text_stream"), TEXT("{\"slug\":\"bot\",\"prompt\":\"endless\"}")

static int failures = 0;
static ik_client *client;

static void check(int ok, const char *what) {
    printf("%s %s\n", ok ? "ok    " : "FAILED", what);
    failures += !ok;
}

static int calls_once(void) {
    ik_bytes answer;
    ik_error *error;
    if (ik_call(client, CALL, &answer, &error) != IK_OK) {
        printf("       %s\n", error->message);
        ik_error_free(error);
        return 0;
    }
    int ok = strstr((const char *)answer.data, "\"text\":\"Hola\"") != NULL;
    ik_bytes_free(&answer);
    return ok && !answer.data && !answer.length;
}

static void errors(void) {
    ik_client *none = (ik_client *)1;
    ik_error *error;
    ik_status status = ik_client_create(TEXT("{\"plane\":\"data\"}"), &none, &error);
    check(status == IK_FAILED && !none && error->kind == IK_ERROR_CONFIGURATION, "a missing project is a configuration error");
    check(strstr(error->message, "No project configured.") == error->message, "its message says what to do");
    ik_error_free(error);
    check(ik_client_create(TEXT("{"), &none, NULL) == IK_FAILED && !none, "an error that nobody wants is not made");
    ik_request *request;
    status = ik_start(client, TEXT("generate_tekst"), TEXT("{}"), IK_ON_CALLING_THREAD, &request, &error);
    check(status == IK_FAILED && !request && strstr(error->message, "did you mean"), "an unknown operation is refused");
    ik_error_free(error);
    ik_bytes answer;
    status = ik_call(client, TEXT("generate_text"), TEXT("{\"slug\":\"bot\",\"promt\":\"x\"}"), &answer, &error);
    check(status == IK_FAILED && error->kind == IK_ERROR_VALIDATION && strstr(error->fields, "promt") && !answer.data,
          "an unknown argument is refused by name");
    ik_error_free(error);
    status = ik_call(client, TEXT("generate_text"), TEXT("{\"slug\":\"bot\",\"prompt\":\"refuse\"}"), &answer, &error);
    check(status == IK_FAILED && error->kind == IK_ERROR_RATE_LIMITED && error->status == 429 &&
              error->retry_after_ms == 3000 && strcmp(error->code, "rate_limited") == 0,
          "a refusal has kind, status, code and retry_after");
    ik_error_free(error);
    status = ik_start(NULL, CALL, IK_ON_CALLING_THREAD, &request, &error);
    check(status == IK_FAILED && error->kind == IK_ERROR_CONFIGURATION && strstr(error->message, "closed"),
          "a client that is NULL is one that was closed");
    ik_error_free(error);
    ik_client_free(NULL), ik_request_free(NULL), ik_error_free(NULL), ik_bytes_free(NULL);
}

static void streams(void) {
    ik_request *request;
    ik_bytes events;
    check(ik_start(client, STREAM, IK_ON_CALLING_THREAD, &request, NULL) == IK_OK, "a stream starts");
    check(ik_next(request, 5000, &events, NULL) == IK_OK && events.length == 2, "its first answer is []");
    ik_bytes_free(&events);
    int pieces = 0;
    ik_status status;
    while ((status = ik_next(request, 5000, &events, NULL)) == IK_OK) {
        for (const char *at = (const char *)events.data; (at = strstr(at, "\"text\":")); at++) pieces++;
        ik_bytes_free(&events);
    }
    check(status == IK_END && pieces == 4, "it brings every piece, then the end");
    check(ik_next(request, 0, &events, NULL) == IK_END, "the end stays the end");
    ik_request_free(request);

    ik_start(client, ENDLESS, IK_ON_CALLING_THREAD, &request, NULL);
    while ((status = ik_next(request, 200, &events, NULL)) == IK_OK) ik_bytes_free(&events);
    check(status == IK_PENDING, "a wait that is over in time says so");
    ik_request_free(request);
}

static sem_t is_open;

static void *cancels(void *request) {
    sem_wait(&is_open);
    ik_cancel(request);
    return NULL;
}

static void cancelling(void) {
    ik_request *request;
    ik_bytes events;
    ik_error *error = NULL;
    ik_start(client, ENDLESS, IK_ON_CALLING_THREAD, &request, NULL);
    sem_init(&is_open, 0, 0);
    pthread_t thread;
    pthread_create(&thread, NULL, cancels, request);
    ik_status status;
    while ((status = ik_next(request, 5000, &events, &error)) == IK_OK) {
        ik_bytes_free(&events);
        sem_post(&is_open);
    }
    pthread_join(thread, NULL);
    check(status == IK_FAILED && error->kind == IK_ERROR_CANCELLED, "another thread cancels a wait");
    ik_error_free(error);
    ik_cancel(request);
    ik_request_free(request);
}

static void *calls_many(void *count) {
    for (int i = 0; i < 50; i++) *(int *)count += calls_once();
    return NULL;
}

static void threads(void) {
    pthread_t threads[16];
    int counts[16] = {0}, sum = 0;
    for (int i = 0; i < 16; i++) pthread_create(&threads[i], NULL, calls_many, &counts[i]);
    for (int i = 0; i < 16; i++) pthread_join(threads[i], NULL);
    for (int i = 0; i < 16; i++) sum += counts[i];
    check(sum == 16 * 50, "16 threads use one client");
}

static void forks(void) {
    pid_t child = fork();
    if (child == 0) _exit(calls_once() ? 0 : 1);
    int status;
    waitpid(child, &status, 0);
    check(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child of a fork calls");
    check(calls_once(), "and so does the parent after it");
}

/* Calls over https where nobody listens. What kind of error it is, 0 for none. */
static int secure_failure(void) {
    ik_client *secure;
    ik_bytes answer;
    ik_error *error;
    ik_client_create(TEXT("{\"plane\":\"data\",\"base_url\":\"https://localhost:9\",\"project\":\"acme\",\"api_key\":\"" KEY
                          "\",\"options\":{\"max_retries\":0,\"connect_timeout_ms\":3000}}"),
                     &secure, NULL);
    int kind = ik_call(secure, CALL, &answer, &error) == IK_FAILED ? error->kind : 0;
    if (kind) ik_error_free(error);
    ik_client_free(secure);
    return kind;
}

/* What a child of a fork exits with. */
static int in_child(int (*run)(void)) {
    pid_t child = fork();
    if (child == 0) _exit(run());
    int status;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int without_descriptors(void) {
    struct rlimit limit = {0};
    getrlimit(RLIMIT_NOFILE, &limit);
    /* The lowest that are free; ten of them are too few for the event loops. */
    int next = dup(0);
    close(next);
    limit.rlim_cur = (rlim_t)next + 10;
    setrlimit(RLIMIT_NOFILE, &limit);
    return secure_failure();
}

static int without_any(void) {
    struct rlimit limit = {0};
    getrlimit(RLIMIT_NOFILE, &limit);
    rlim_t before = limit.rlim_cur;
    limit.rlim_cur = 3;
    setrlimit(RLIMIT_NOFILE, &limit);
    ik_request *request;
    ik_error *error;
    int bad = ik_client_descriptor(client) != -1;
    bad |= ik_start(client, CALL, IK_ON_CLIENT_LOOP, &request, &error) != IK_FAILED || error->kind != IK_ERROR_NETWORK;
    limit.rlim_cur = before;
    setrlimit(RLIMIT_NOFILE, &limit);
    return bad || ik_client_descriptor(client) < 0;
}

static void secure(void) {
    check(secure_failure() == IK_ERROR_NETWORK, "https to a host name where nobody listens fails");
    check(in_child(secure_failure) == IK_ERROR_NETWORK, "and fails the same, not late, in the child of a fork");
    check(in_child(without_descriptors) == IK_ERROR_NETWORK, "https without free descriptors is an error");
    check(in_child(without_any) == 0, "a loop without descriptors is an error, and is had once there are some");
}

static ik_request *inherited;

static int frees_inherited(void) {
    ik_bytes answer;
    ik_error *error;
    int refused = ik_next(inherited, 0, &answer, &error) == IK_FAILED && error->kind == IK_ERROR_VALIDATION;
    ik_cancel(inherited);
    ik_request_free(inherited);
    return refused ? 0 : 1;
}

/* A stream on the client's loop that waits for its answer while a child of a fork frees it. */
static void inherits(void) {
    ik_start(client, CALL, IK_ON_CLIENT_LOOP, &inherited, NULL);
    uint64_t id;
    size_t count;
    ik_poll(client, 0, &id, 1, &count);
    check(in_child(frees_inherited) == 0, "a child is refused its parent's request, and may free it");
    ik_bytes answer;
    ik_status status = ik_next(inherited, 0, &answer, NULL);
    while (status == IK_PENDING && ik_poll(client, 5000, &id, 1, &count) == IK_OK) status = ik_next(inherited, 0, &answer, NULL);
    check(status == IK_OK, "which goes on in the parent");
    if (status == IK_OK) ik_bytes_free(&answer);
    ik_request_free(inherited);
}

static void event_loop(int place) {
    enum { COUNT = 100 };
    ik_request *requests[COUNT];
    for (int i = 0; i < COUNT; i++) ik_start(client, CALL, place, &requests[i], NULL);
    int set = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN};
    epoll_ctl(set, EPOLL_CTL_ADD, ik_client_descriptor(client), &event);
    int answers = 0, ends = 0, must_poll = place == IK_ON_POLLED_CLIENT_LOOP;
    if (must_poll) check(epoll_wait(set, &event, 1, 0) == 0, "a start that is polled for wakes no watcher");
    while (ends < COUNT && (must_poll || epoll_wait(set, &event, 1, 5000) > 0)) {
        must_poll = 0;
        uint64_t ids[16];
        size_t count;
        if (ik_poll(client, 0, ids, 16, &count) != IK_OK) continue;
        do {
            for (size_t i = 0; i < count; i++) {
                for (int j = 0; j < COUNT; j++) {
                    if (ik_request_id(requests[j]) != ids[i]) continue;
                    ik_bytes answer;
                    ik_status status;
                    while ((status = ik_next(requests[j], 0, &answer, NULL)) == IK_OK) {
                        answers++;
                        ik_bytes_free(&answer);
                    }
                    ends += status == IK_END;
                    if (status == IK_FAILED) printf("       a request failed\n");
                }
            }
        } while (ik_poll(client, 0, ids, 16, &count) == IK_OK);
    }
    if (ends != COUNT) printf("       %d answers, %d ends\n", answers, ends);
    check(answers == COUNT && ends == COUNT, "an event loop runs 100 requests on one descriptor");
    for (int i = 0; i < COUNT; i++) ik_request_free(requests[i]);
    close(set);
}

int main(int count, char **words) {
    if (count != 2) return 2;
    check(ik_abi_version() == IK_ABI_VERSION, "header and library have one version");
    char configuration[512];
    int length = snprintf(configuration, sizeof configuration,
                          "{\"plane\":\"data\",\"base_url\":\"%s\",\"project\":\"acme\",\"api_key\":\"" KEY
                          "\",\"options\":{\"max_retries\":0}}",
                          words[1]);
    check(ik_client_create(configuration, (size_t)length, &client, NULL) == IK_OK, "a client is made");
    check(calls_once(), "a call answers");
    errors();
    streams();
    cancelling();
    threads();
    forks();
    secure();
    inherits();
    event_loop(IK_ON_CLIENT_LOOP);
    event_loop(IK_ON_POLLED_CLIENT_LOOP);
    check(ik_start(client, CALL, 3, &(ik_request *){NULL}, NULL) == IK_FAILED, "a place that is none is refused");
    ik_request *open;
    ik_start(client, ENDLESS, IK_ON_CLIENT_LOOP, &open, NULL);
    ik_client_free(client);
    ik_request_free(open);
    printf("%d failed\n", failures);
    return failures != 0;
}
