// A model server with no model, for measuring what stands before it. One thread, epoll, keep-alive.
//
//   engine --port N [--host 127.0.0.1] [--parallel N] [FLAG [VALUE]]…     flags of real engines are tolerated
//   ENGINE_JOURNAL=FILE   appends "REPLICA CLOCK_REALTIME-NANOSECONDS" first thing after the start
//
// GET /health, /props, /v1/models; every POST is answered. "stream":true in its body asks for server-sent events, one chunk
// per event as uvicorn does, then data: [DONE]. Words NAME=N anywhere in the body say how, so that they can stand in a field
// that every proxy passes on, such as `user`:
//   batch=N           events per write (1)
//   events=N          events of a stream (512)         event_bytes=N   bytes of each event (200)
//   interval_us=N     between events; 0: back to back  hold=1          silent after the first event
//   body_bytes=N      bytes of a whole answer (1024)   delay_us=N      before it: it is worked on for so long
// --parallel answers with a delay are worked on at a time (all without it); the others wait in line, first come, first
// served. Who leaves is no longer worked on, as in real engines.
// Each event carries "t", the CLOCK_MONOTONIC nanoseconds of its write.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "measuring.h"
#include "requests.h"

enum { WHEEL_SLOTS = 4096, EVENT_MAX = 1 << 16, BATCH_MAX = 1 << 18, WHOLE_MAX = 1 << 24, STAMP_DIGITS = 20 };
static const uint64_t WHEEL_TICK_NS = 1000000;

typedef struct connection {
    int fd;
    char *input;
    size_t input_length, input_capacity;
    char *output;  // what the socket did not take
    size_t output_length, output_sent, output_capacity;
    long events_left, event_bytes, interval_us, hold, batch;
    long body_bytes, delay_us;  // of the answer that is worked on
    bool streaming, closed, in_wheel, in_line, working;
    uint64_t due_ns;
    struct connection *next;  // in its wheel slot, in the line for work, or in the list of the dead
} connection;

static int epoll_fd;
static char event_buffer[EVENT_MAX + 64], batch_buffer[BATCH_MAX];
static char *whole_body;
static connection *wheel[WHEEL_SLOTS], *dead, *line_first, *line_last;
static long parallel = 1L << 40, worked_on;
static uint64_t wheel_position;
static long waiting;  // streams in the wheel
static char served_name[256] = "bench";

static void end_connection(connection *c) {
    if (c->closed) return;
    c->closed = true;
    close(c->fd);
    if (c->working) {
        c->working = false;
        worked_on--;
    }
    // What is in the wheel or in line is freed when its turn comes; all others after this round.
    if (!c->in_wheel && !c->in_line) {
        c->next = dead;
        dead = c;
    }
}

static void free_connection(connection *c) {
    free(c->input);
    free(c->output);
    free(c);
}

// Sends, or keeps what the socket does not take. False: some of it waits for the socket.
static bool send_bytes(connection *c, const char *data, size_t length) {
    size_t sent = 0;
    if (c->output_length == c->output_sent) {
        ssize_t n = send(c->fd, data, length, MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN) {
            end_connection(c);
            return false;
        }
        if (n > 0) sent = (size_t)n;
        if (sent == length) return true;
        c->output_length = c->output_sent = 0;
    }
    size_t rest = length - sent;
    if (c->output_length + rest > c->output_capacity) {
        c->output_capacity = (c->output_length + rest) * 2;
        c->output = realloc(c->output, c->output_capacity);
        if (!c->output) fail("realloc");
    }
    memcpy(c->output + c->output_length, data + sent, rest);
    c->output_length += rest;
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.ptr = c};
    epoll_ctl(epoll_fd, EPOLL_CTL_MOD, c->fd, &event);
    return false;
}

static bool flush_output(connection *c) {
    if (c->output_sent == c->output_length) return true;
    ssize_t n = send(c->fd, c->output + c->output_sent, c->output_length - c->output_sent, MSG_NOSIGNAL);
    if (n < 0) {
        if (errno != EAGAIN) end_connection(c);
        return false;
    }
    c->output_sent += (size_t)n;
    if (c->output_sent < c->output_length) return false;
    c->output_length = c->output_sent = 0;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(epoll_fd, EPOLL_CTL_MOD, c->fd, &event);
    return true;
}

// One chunk that holds one event. The stamp and the content change from event to event, the rest with its size only:
// what this program costs must not be what is measured.
static struct {
    long event_bytes;
    size_t content, content_length, stamp, length;
} event_form;

static void form_event(long event_bytes) {
    static const char lead[] = "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"model\":\"bench\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"";
    static const char middle[] = "\"},\"finish_reason\":null}],\"t\":\"", trail[] = "\"}\n\n\r\n";
    size_t fixed = sizeof lead - 1 + sizeof middle - 1 + STAMP_DIGITS + 4;
    size_t bytes = (size_t)event_bytes < fixed ? fixed : (size_t)event_bytes;
    size_t at = (size_t)sprintf(event_buffer, "%zx\r\n", bytes);
    memcpy(event_buffer + at, lead, sizeof lead - 1);
    event_form.content = at + sizeof lead - 1;
    event_form.content_length = bytes - fixed;
    at = event_form.content + event_form.content_length;
    memcpy(event_buffer + at, middle, sizeof middle - 1);
    event_form.stamp = at + sizeof middle - 1;
    at = event_form.stamp + STAMP_DIGITS;
    memcpy(event_buffer + at, trail, sizeof trail - 1);
    event_form.length = at + sizeof trail - 1;
    event_form.event_bytes = event_bytes;
}

static void stamp_event(void) {
    uint64_t rest = monotonic_ns();
    for (size_t digit = STAMP_DIGITS; digit-- > 0; rest /= 10)
        event_buffer[event_form.stamp + digit] = (char)('0' + rest % 10);
}

// The chunk of the next event of exactly `event_bytes` bytes, in event_buffer, but for the time of its writing.
static void next_event(connection *c) {
    if (event_form.event_bytes != c->event_bytes) form_event(c->event_bytes);
    // Some gateways end a stream that says the same again and again.
    memset(event_buffer + event_form.content, 'a' + (int)(c->events_left % 26), event_form.content_length);
    c->events_left--;
}

static bool send_event(connection *c) {
    next_event(c);
    stamp_event();
    return send_bytes(c, event_buffer, event_form.length);
}

// Events that are written together bear the same time.
static bool send_batch(connection *c) {
    size_t filled = 0;
    for (long i = 0; i < c->batch && c->events_left > 0 && filled + (size_t)c->event_bytes + 256 < BATCH_MAX; i++) {
        next_event(c);
        if (i == 0) stamp_event();
        memcpy(batch_buffer + filled, event_buffer, event_form.length);
        filled += event_form.length;
    }
    return send_bytes(c, batch_buffer, filled);
}

static void end_stream(connection *c) {
    static const char end[] = "e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n";
    // "data: [DONE]\n\n" is 14 bytes.
    c->streaming = false;
    send_bytes(c, end, sizeof end - 1);
}

// Goes on with a back-to-back stream until the socket takes no more.
static void pump(connection *c) {
    while (!c->closed && c->events_left > 0)
        if (!(c->batch > 1 ? send_batch(c) : send_event(c))) return;
    if (!c->closed) end_stream(c);
}

static void serve_input(connection *c);

static void into_wheel(connection *c, uint64_t due_ns) {
    c->due_ns = due_ns;
    c->in_wheel = true;
    uint64_t tick = due_ns / WHEEL_TICK_NS;
    if (tick <= wheel_position) tick = wheel_position + 1;
    connection **slot = &wheel[tick % WHEEL_SLOTS];
    c->next = *slot;
    *slot = c;
    waiting++;
}

static void finish_work(connection *c);

static void turn_wheel(void) {
    uint64_t now = monotonic_ns(), target = now / WHEEL_TICK_NS;
    if (waiting == 0) wheel_position = target;
    while (wheel_position < target) {
        wheel_position++;
        connection *c = wheel[wheel_position % WHEEL_SLOTS];
        wheel[wheel_position % WHEEL_SLOTS] = NULL;
        while (c) {
            connection *next = c->next;
            waiting--;
            c->in_wheel = false;
            if (c->closed) {
                free_connection(c);
            } else if (c->due_ns / WHEEL_TICK_NS > wheel_position) {
                into_wheel(c, c->due_ns);
            } else if (c->working) {
                finish_work(c);
            } else {
                if (flush_output(c)) send_event(c);
                if (c->closed) {
                    // among the dead
                } else if (c->events_left > 0) {
                    into_wheel(c, c->due_ns + (uint64_t)c->interval_us * 1000);
                } else {
                    end_stream(c);
                    if (!c->closed) serve_input(c);
                }
            }
            c = next;
        }
    }
}

static long number_after(const char *body, const char *name, long otherwise) {
    const char *found = strstr(body, name);
    return found ? strtol(found + strlen(name), NULL, 10) : otherwise;
}

static void answer_whole(connection *c, long bytes) {
    static const char lead[] =
        "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"bench\",\"choices\":[{\"index\":0,\"message\":"
        "{\"role\":\"assistant\",\"content\":\"";
    static const char trail[] =
        "\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":10,\"total_tokens\":20,\"completion_tokens\":10}}";
    size_t fixed = sizeof lead - 1 + sizeof trail - 1;
    size_t length = (size_t)bytes < fixed ? fixed : (size_t)bytes > WHOLE_MAX ? WHOLE_MAX : (size_t)bytes;
    size_t at = (size_t)sprintf(whole_body, "HTTP/1.1 200 OK\r\nserver: uvicorn\r\ncontent-length: %zu\r\ncontent-type: application/json\r\n\r\n", length);
    memcpy(whole_body + at, lead, sizeof lead - 1);
    at += sizeof lead - 1;
    memset(whole_body + at, 'x', length - fixed);
    at += length - fixed;
    memcpy(whole_body + at, trail, sizeof trail - 1);
    send_bytes(c, whole_body, at + sizeof trail - 1);
}

static void begin_work(connection *c) {
    c->working = true;
    worked_on++;
    into_wheel(c, monotonic_ns() + (uint64_t)c->delay_us * 1000);
}

// Those in line, while there is room.
static void work_on_line(void) {
    while (line_first && worked_on < parallel) {
        connection *c = line_first;
        line_first = c->next;
        c->in_line = false;
        if (c->closed) free_connection(c);
        else begin_work(c);
    }
}

static void into_line(connection *c) {
    c->in_line = true;
    c->next = NULL;
    if (line_first) line_last->next = c;
    else line_first = c;
    line_last = c;
}

static void finish_work(connection *c) {
    c->working = c->streaming = false;
    worked_on--;
    answer_whole(c, c->body_bytes);
    if (!c->closed) serve_input(c);
}

static void answer_get(connection *c, const char *head) {
    char body[512] = "", answer[1024];
    if (strncmp(head, "GET /v1/models", 14) == 0)
        snprintf(body, sizeof body, "{\"object\":\"list\",\"data\":[{\"id\":\"%s\",\"object\":\"model\"}]}", served_name);
    else if (strncmp(head, "GET /health", 11) == 0 || strncmp(head, "GET /props", 10) == 0)
        strcpy(body, "{\"status\":\"ok\"}");
    int length = snprintf(answer, sizeof answer, "HTTP/1.1 %s\r\ncontent-length: %zu\r\ncontent-type: application/json\r\n\r\n%s",
                          *body ? "200 OK" : "404 Not Found", strlen(body), body);
    send_bytes(c, answer, (size_t)length);
}

static void answer_post(connection *c, char *body, size_t length) {
    char kept = body[length];
    body[length] = 0;
    bool stream = strstr(body, "\"stream\":true") || strstr(body, "\"stream\": true");
    if (stream) {
        static const char head[] =
            "HTTP/1.1 200 OK\r\nserver: uvicorn\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n";
        c->streaming = true;
        c->events_left = number_after(body, "events=", 512);
        c->event_bytes = number_after(body, "event_bytes=", 200);
        c->interval_us = number_after(body, "interval_us=", 0);
        c->hold = number_after(body, "hold=", 0);
        c->batch = number_after(body, "batch=", 1);
        c->delay_us = 0;
        if (c->event_bytes > EVENT_MAX) c->event_bytes = EVENT_MAX;
        send_bytes(c, head, sizeof head - 1);
        if (c->closed) return;
        if (c->hold) send_event(c);
        else if (c->interval_us > 0) into_wheel(c, monotonic_ns() + (uint64_t)(rand() % c->interval_us) * 1000);
        else pump(c);
    } else {
        c->body_bytes = number_after(body, "body_bytes=", 1024);
        c->delay_us = number_after(body, "delay_us=", 0);
        c->interval_us = c->hold = 0;
        if (c->delay_us > 0) {
            c->streaming = true;  // it takes no other request
            c->events_left = 0;
            into_line(c);
            work_on_line();
        } else {
            answer_whole(c, c->body_bytes);
        }
    }
    body[length] = kept;
}

// Answers the requests that lie whole in the input. A stream ends this until it is over.
static void serve_input(connection *c) {
    while (!c->closed && !c->streaming) {
        whole_request request;
        enum arrival arrival = find_request(c->input, c->input_length, &request);
        if (arrival == TOO_LARGE) end_connection(c);
        if (arrival != ARRIVED) return;
        if (strncmp(c->input, "POST ", 5) == 0) answer_post(c, request.body, request.body_length);
        else answer_get(c, c->input);
        c->input_length -= request.length;
        memmove(c->input, c->input + request.length, c->input_length);
    }
}

static void readable(connection *c) {
    for (;;) {
        if (c->input_capacity - c->input_length < 4096) {
            if (c->input_capacity >= 2 * REQUEST_MAX) {
                end_connection(c);
                return;
            }
            c->input_capacity = c->input_capacity ? c->input_capacity * 2 : 8192;
            c->input = realloc(c->input, c->input_capacity + 1);
            if (!c->input) fail("realloc");
        }
        size_t room = c->input_capacity - c->input_length;
        ssize_t n = recv(c->fd, c->input + c->input_length, room, 0);
        if (n == 0 || (n < 0 && errno != EAGAIN)) {
            end_connection(c);
            return;
        }
        if (n < 0) break;
        c->input_length += (size_t)n;
        if ((size_t)n < room) break;
    }
    serve_input(c);
}

static void accept_all(int listener) {
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) return;
        int on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        connection *c = calloc(1, sizeof *c);
        if (!c) fail("calloc");
        c->fd = fd;
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
        epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
    }
}

static void write_journal(void) {
    const char *path = getenv("ENGINE_JOURNAL"), *replica = getenv("INFERENCEKEY_REPLICA");
    if (!path) return;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    char line[256];
    int length = snprintf(line, sizeof line, "%s %lld%09ld\n", replica ? replica : "-", (long long)now.tv_sec, now.tv_nsec);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd >= 0 && write(fd, line, (size_t)length) == length) close(fd);
}

int main(int count, char **words) {
    write_journal();
    const char *host = "127.0.0.1";
    int port = 0;
    for (int i = 1; i + 1 < count; i++) {
        if (strcmp(words[i], "--port") == 0) port = atoi(words[i + 1]);
        if (strcmp(words[i], "--host") == 0) host = words[i + 1];
        if (strcmp(words[i], "--parallel") == 0) parallel = atol(words[i + 1]);
        if (strcmp(words[i], "--alias") == 0 || strcmp(words[i], "--served-model-name") == 0)
            snprintf(served_name, sizeof served_name, "%s", words[i + 1]);
    }
    if (port <= 0) {
        fprintf(stderr, "usage: engine --port N [--host 127.0.0.1]\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    open_as_many_files_as_allowed();
    whole_body = malloc(WHOLE_MAX + 1024);
    if (!whole_body) fail("malloc");
    wheel_position = monotonic_ns() / WHEEL_TICK_NS;
    int listener = listen_on(host, port);
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event accepting = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &accepting);
    fprintf(stderr, "main: server is listening on http://%s:%d\n", host, port);

    struct epoll_event events[256];
    for (;;) {
        int ready = epoll_wait(epoll_fd, events, 256, waiting ? 1 : -1);
        for (int i = 0; i < ready; i++) {
            connection *c = events[i].data.ptr;
            if (!c) {
                accept_all(listener);
                continue;
            }
            if (c->closed) continue;
            if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) readable(c);
            bool pumps = c->streaming && !c->interval_us && !c->hold && !c->delay_us;
            if (!c->closed && (events[i].events & EPOLLOUT) && flush_output(c) && pumps) {
                pump(c);
                if (!c->closed) serve_input(c);
            }
        }
        turn_wheel();
        work_on_line();
        while (dead) {
            connection *next = dead->next;
            free_connection(dead);
            dead = next;
        }
    }
}
