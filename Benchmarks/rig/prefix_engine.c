// A model server with no model that reads prompts as slowly as a real one and keeps what it has read, for measuring how
// requests are shared out. One thread, epoll, keep-alive.
//
//   prefix_engine --port N [--host 127.0.0.1] [FLAG [VALUE]]…     flags of real engines are tolerated
//     --kept-tokens N        tokens of prompts it has room for (154000); what was not used for the longest time goes
//     --tokens-per-second N  read of what it has not kept, one prompt after another (10000)
//     --answer-ms N          from an answer's first token to its end (2000)
//
// GET /health, /props, /v1/models. A POST with "stream":true is answered with server-sent events: the head at once, the
// first token when the prompt is read, three more, and at the end a chunk with `usage` as OpenAI has it (`cached_tokens`:
// what was kept), `system_fingerprint`: its port, and `read_ms`: from the request's arrival to its first token as planned;
// then data: [DONE]. Any other POST is answered at once and reads nothing. A prompt is a body from "messages" on, at four
// bytes a token; what is kept of it are whole blocks of sixteen tokens from its start.
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "measuring.h"
#include "requests.h"

enum { BYTES_PER_TOKEN = 4, BLOCK_TOKENS = 16, BLOCK_BYTES = BLOCK_TOKENS * BYTES_PER_TOKEN, BLOCKS_MAX = REQUEST_MAX / BLOCK_BYTES };
enum { TOKEN_EVENTS = 4, LISTS = 1 << 15 };

// --- What it has kept: blocks, each named by a hash of the prompt up to its end; the least recently used goes. ---------

typedef struct block {
    uint64_t name;
    struct block *next;             // of the same list
    struct block *older, *younger;  // by last use
} block;

static block *lists[LISTS], *oldest, *youngest;
static long blocks_kept, blocks_max;

static block **place_of(uint64_t name) {
    block **place = &lists[(name * 0x9e3779b97f4a7c15u) >> 49];
    while (*place && (*place)->name != name) place = &(*place)->next;
    return place;
}

static void leave_order(block *b) {
    *(b->older ? &b->older->younger : &oldest) = b->younger;
    *(b->younger ? &b->younger->older : &youngest) = b->older;
}

static void be_youngest(block *b) {
    b->older = youngest;
    b->younger = NULL;
    *(youngest ? &youngest->younger : &oldest) = b;
    youngest = b;
}

static void use(uint64_t name) {
    block *b = *place_of(name);
    if (b) {
        leave_order(b);
    } else if (blocks_kept == blocks_max) {
        b = oldest;
        leave_order(b);
        *place_of(b->name) = b->next;
    } else {
        b = malloc(sizeof *b);
        if (!b) fail("malloc");
        blocks_kept++;
    }
    block **place = place_of(name);
    if (*place != b) {
        *b = (block){.name = name};
        *place = b;
    }
    be_youngest(b);
}

// Names the blocks of a prompt and gives how many there are.
static long name_blocks(const char *prompt, size_t length, uint64_t *names) {
    long count = (long)(length / BLOCK_BYTES);
    uint64_t chain = 0xcbf29ce484222325u;
    for (long i = 0; i < count; i++) {
        for (int word = 0; word < BLOCK_BYTES / 8; word++, prompt += 8) {
            uint64_t value;
            memcpy(&value, prompt, 8);
            chain = (chain ^ value) * 0x100000001b3u;
            chain ^= chain >> 29;
        }
        names[i] = chain;
    }
    return count;
}

// --- Requests. -------------------------------------------------------------------------------------------------------

typedef struct connection {
    int fd;
    bool closed, answering;
    char *input;
    size_t input_length, input_capacity;
    int events_sent;
    uint64_t due_ns;  // of the next event
    long tokens, kept_tokens;
    double read_ms;
    struct connection *next;
} connection;

static int epoll_fd, port;
static connection *connections;
static uint64_t busy_until_ns, answer_ns = 2000000000u;
static double tokens_per_second = 10000;

static void say(connection *c, const char *text, size_t length) {
    // A few short events at a time: a client whose socket does not take them has left.
    if (send(c->fd, text, length, MSG_NOSIGNAL) != (ssize_t)length) c->closed = true;
}

static void say_event(connection *c, const char *event) {
    char text[1024];
    say(c, text, (size_t)snprintf(text, sizeof text, "%zx\r\ndata: %s\n\n\r\n", strlen(event) + 8, event));
}

#define CHUNK "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"bench\",\"system_fingerprint\":\"%d\","

static void say_what_is_due(connection *c) {
    static const char head[] =
        "HTTP/1.1 200 OK\r\nserver: uvicorn\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n";
    char event[768];
    if (c->events_sent < 0) {
        say(c, head, sizeof head - 1);
    } else if (c->events_sent < TOKEN_EVENTS) {
        snprintf(event, sizeof event, CHUNK "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"token %d\"},\"finish_reason\":null}]}", port, c->events_sent);
        say_event(c, event);
        c->due_ns += answer_ns / TOKEN_EVENTS;
    } else {
        snprintf(event, sizeof event,
                 CHUNK "\"choices\":[],\"read_ms\":%.3f,\"usage\":{\"prompt_tokens\":%ld,\"completion_tokens\":%d,\"total_tokens\":%ld,"
                       "\"prompt_tokens_details\":{\"cached_tokens\":%ld}}}",
                 port, c->read_ms, c->tokens, TOKEN_EVENTS, c->tokens + TOKEN_EVENTS, c->kept_tokens);
        say_event(c, event);
        say_event(c, "[DONE]");
        say(c, "0\r\n\r\n", 5);
        c->answering = false;
    }
    c->events_sent++;
}

// Its turn comes when those before it have been read.
static void read_prompt(connection *c, const char *body, size_t length) {
    static uint64_t names[BLOCKS_MAX];
    const char *prompt = memmem(body, length, "\"messages\"", 10);
    size_t prompt_length = prompt ? (size_t)(body + length - prompt) : 0;
    long count = name_blocks(prompt, prompt_length, names), kept = 0;
    while (kept < count && *place_of(names[kept])) kept++;
    c->tokens = (long)(prompt_length / BYTES_PER_TOKEN);
    c->kept_tokens = kept * BLOCK_TOKENS;
    // The end of a prompt is the first to go.
    while (count > 0) use(names[--count]);
    uint64_t now = monotonic_ns(), start = now > busy_until_ns ? now : busy_until_ns;
    busy_until_ns = c->due_ns = start + (uint64_t)((double)(c->tokens - c->kept_tokens) / tokens_per_second * 1e9);
    c->read_ms = (double)(c->due_ns - now) / 1e6;
    c->answering = true;
    c->events_sent = -1;
    say_what_is_due(c);
}

static void answer_at_once(connection *c, const char *status, const char *body) {
    char text[1024];
    say(c, text, (size_t)snprintf(text, sizeof text, "HTTP/1.1 %s\r\ncontent-length: %zu\r\ncontent-type: application/json\r\n\r\n%s", status, strlen(body), body));
}

static void answer(connection *c, const whole_request *request) {
    if (strncmp(c->input, "POST ", 5) == 0) {
        bool stream = memmem(request->body, request->body_length, "\"stream\":true", 13) ||
                      memmem(request->body, request->body_length, "\"stream\": true", 14);
        if (stream) read_prompt(c, request->body, request->body_length);
        else answer_at_once(c, "200 OK", "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"bench\",\"choices\":[]}");
    } else if (strncmp(c->input, "GET /v1/models", 14) == 0) {
        answer_at_once(c, "200 OK", "{\"object\":\"list\",\"data\":[{\"id\":\"bench\",\"object\":\"model\",\"owned_by\":\"vllm\"}]}");
    } else if (strncmp(c->input, "GET /health", 11) == 0 || strncmp(c->input, "GET /props", 10) == 0) {
        answer_at_once(c, "200 OK", "{\"status\":\"ok\"}");
    } else {
        answer_at_once(c, "404 Not Found", "{}");
    }
}

static void answer_input(connection *c) {
    while (!c->closed && !c->answering) {
        whole_request request;
        enum arrival arrival = find_request(c->input, c->input_length, &request);
        if (arrival == TOO_LARGE) c->closed = true;
        if (arrival != ARRIVED) return;
        answer(c, &request);
        c->input_length -= request.length;
        memmove(c->input, c->input + request.length, c->input_length);
    }
}

static void readable(connection *c) {
    if (c->input_capacity - c->input_length < 4096) {
        c->input_capacity = c->input_capacity ? c->input_capacity * 2 : 65536;
        c->input = realloc(c->input, c->input_capacity + 1);
        if (!c->input || c->input_capacity > 4 * REQUEST_MAX) fail("input");
    }
    ssize_t n = recv(c->fd, c->input + c->input_length, c->input_capacity - c->input_length, 0);
    if (n == 0 || (n < 0 && errno != EAGAIN)) c->closed = true;
    if (n <= 0) return;
    c->input_length += (size_t)n;
    answer_input(c);
}

static void accept_one(int listener) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), on = 1;
    if (fd < 0) return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connection *c = calloc(1, sizeof *c);
    if (!c) fail("calloc");
    c->fd = fd;
    c->next = connections;
    connections = c;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

// Says what is due, takes those out that have left, and gives the time of the next event. There are few connections.
static uint64_t go_through(uint64_t now) {
    uint64_t next = UINT64_MAX;
    for (connection **place = &connections; *place;) {
        connection *c = *place;
        while (c->answering && !c->closed && c->due_ns <= now) {
            say_what_is_due(c);
            if (!c->answering) answer_input(c);
        }
        if (c->closed) {
            *place = c->next;
            close(c->fd);
            free(c->input);
            free(c);
            continue;
        }
        if (c->answering && c->due_ns < next) next = c->due_ns;
        place = &c->next;
    }
    return next;
}

int main(int count, char **words) {
    const char *host = "127.0.0.1";
    long kept_tokens = 154000;
    for (int i = 1; i + 1 < count; i++) {
        const char *name = words[i], *value = words[i + 1];
        if (strcmp(name, "--port") == 0) port = atoi(value);
        if (strcmp(name, "--host") == 0) host = value;
        if (strcmp(name, "--kept-tokens") == 0) kept_tokens = atol(value);
        if (strcmp(name, "--tokens-per-second") == 0) tokens_per_second = atof(value);
        if (strcmp(name, "--answer-ms") == 0) answer_ns = (uint64_t)(atof(value) * 1e6);
    }
    if (port <= 0 || kept_tokens < BLOCK_TOKENS || tokens_per_second <= 0) {
        fprintf(stderr, "usage: prefix_engine --port N [--kept-tokens N] [--tokens-per-second N] [--answer-ms N]\n");
        return 2;
    }
    blocks_max = kept_tokens / BLOCK_TOKENS;
    signal(SIGPIPE, SIG_IGN);
    open_as_many_files_as_allowed();
    int listener = listen_on(host, port);
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event accepting = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &accepting);
    fprintf(stderr, "main: server is listening on http://%s:%d\n", host, port);

    struct epoll_event events[64];
    for (uint64_t next = UINT64_MAX;;) {
        uint64_t now = monotonic_ns(), wait_ns = next > now ? next - now : 0;
        struct timespec wait = {.tv_sec = (time_t)(wait_ns / 1000000000u), .tv_nsec = (long)(wait_ns % 1000000000u)};
        int ready = epoll_pwait2(epoll_fd, events, 64, next == UINT64_MAX ? NULL : &wait, NULL);
        for (int i = 0; i < ready; i++) {
            connection *c = events[i].data.ptr;
            if (c) readable(c);
            else accept_one(listener);
        }
        next = go_through(monotonic_ns());
    }
}
