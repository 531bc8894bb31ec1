// Holds slow clients at an HTTP server: they ask for little and keep it busy with it for long. One thread, epoll.
//
//   slow_load --port N [--host 127.0.0.1] --path PATH --body JSON [--header 'name: value']…
//             [--heads N]     of N clients the head never ends: one more byte of it every now and then
//             [--bodies N]    likewise the body, of the length that was declared
//             [--readers N]   N ask with the body for a stream and do not read it; BODY should ask for a long one
//             [--drip MS]     between two bytes of a client, half of it more or less (5000)
//
// Prints {"held": N, "open_ms": …} when all are connected and have begun, the readers been answered, and keeps them until
// its stdin, a pipe, ends. Who was cut comes again when its next byte is due. A reader cannot see that it was, for it does
// not read: it leaves after READER_STAYS_TICKS and comes again. At the end prints {"cut": …, "opened": …, "bytes": …}, the
// bytes being those that dripped.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "measuring.h"

enum { SOURCES = 200, OPENED_PER_TICK = 3, WHEEL_TICKS = 1 << 17, RECEIVE_BUFFER = 4096, SEGMENT_BYTES = 1448, SLOW_BODY_BYTES = 1 << 20 };
static const uint64_t TICK_NS = 1000000, READER_STAYS_TICKS = 70000;

typedef enum { HEAD, BODY, READER } slowness;
enum { KINDS = 3 };

typedef struct client {
    int fd;
    slowness kind;
    bool connecting, has_begun, was_held;
    uint64_t leaves_tick;  // of a reader
    struct client *next;   // in its slot of the wheel, where each has one place at all times
} client;

static int epoll_fd;
static struct sockaddr_in address;
static char *beginnings[KINDS];
static size_t beginning_lengths[KINDS];
static client *wheel[WHEEL_TICKS];
static uint64_t position, drip_ticks = 5000;
static long held, opened, cut, dripped;
static uint32_t state = 1;

static uint64_t between(uint64_t low, uint64_t high) {
    state = state * 1664525u + 1013904223u;
    return low + (uint64_t)(state >> 8) % (high - low + 1);
}

static void wait_ticks(client *c, uint64_t ticks) {
    client **slot = &wheel[(position + ticks) % WHEEL_TICKS];
    c->next = *slot;
    *slot = c;
}

static void listen_for(client *c, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = c};
    epoll_ctl(epoll_fd, EPOLL_CTL_MOD, c->fd, &event);
}

static void open_client(client *c) {
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (c->fd < 0) fail("socket");
    int on = 1, small = RECEIVE_BUFFER, segment = SEGMENT_BYTES;
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    // As over a network: with the segments of the loopback a server's socket alone takes megabytes of an answer.
    setsockopt(c->fd, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment);
    if (c->kind == READER) setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    // One pair of addresses has 28,000 ports, and each rests a while after its use.
    struct sockaddr_in source = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000002u + (uint32_t)(opened++ % SOURCES))};
    setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (bind(c->fd, (struct sockaddr *)&source, sizeof source) < 0) fail("bind");
    c->connecting = true;
    c->has_begun = false;
    c->leaves_tick = position + READER_STAYS_TICKS;
    if (connect(c->fd, (struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS) fail("connect");
    struct epoll_event event = {.events = EPOLLOUT, .data.ptr = c};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &event);
}

static void leave(client *c) {
    close(c->fd);
    c->fd = -1;
}

static void be_cut(client *c) {
    cut++;
    leave(c);
}

static void be_held(client *c) {
    c->has_begun = true;
    if (c->was_held) return;
    c->was_held = true;
    held++;
}

static void begin(client *c) {
    c->connecting = false;
    if (send(c->fd, beginnings[c->kind], beginning_lengths[c->kind], MSG_NOSIGNAL) != (ssize_t)beginning_lengths[c->kind])
        return be_cut(c);
    listen_for(c, EPOLLIN | EPOLLRDHUP);
    if (c->kind != READER) be_held(c);
}

static void take_turn(client *c) {
    if (c->fd < 0) return open_client(c);
    if (c->kind == READER) {
        if (position < c->leaves_tick) return;
        leave(c);
        return open_client(c);
    }
    if (c->has_begun && send(c->fd, "x", 1, MSG_NOSIGNAL) == 1) dripped++;
}

static void ready(client *c, uint32_t events) {
    if (c->connecting) {
        int error = 0;
        socklen_t size = sizeof error;
        getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size);
        if (!error) return begin(c);
        errno = error;
        fail("connect");
    }
    if (c->kind == READER && !c->has_begun && events == EPOLLIN) {
        char status[12] = "";
        if (recv(c->fd, status, sizeof status, MSG_PEEK) != sizeof status || memcmp(status, "HTTP/1.1 200", sizeof status) != 0) {
            fprintf(stderr, "a reader was answered %.12s\n", status);
            exit(3);
        }
        be_held(c);
        // It has bytes to read from now on, and leaves them where they are.
        return listen_for(c, EPOLLRDHUP);
    }
    // It was answered, which for these means that it was given up, or it was closed.
    be_cut(c);
}

static void turn_wheel(uint64_t now_tick) {
    while (position < now_tick) {
        position++;
        client *c = wheel[position % WHEEL_TICKS];
        wheel[position % WHEEL_TICKS] = NULL;
        while (c) {
            client *next = c->next;
            take_turn(c);
            wait_ticks(c, between((drip_ticks + 1) / 2, drip_ticks * 3 / 2));
            c = next;
        }
    }
}

// What a client of that kind sends at once.
static void write_beginning(slowness kind, const char *path, const char *host, int port, const char *headers, const char *body) {
    size_t length = kind == BODY ? SLOW_BODY_BYTES : strlen(body);
    char *lines = NULL;
    int count = asprintf(&lines, "POST %s HTTP/1.1\r\nhost: %s:%d\r\ncontent-type: application/json\r\ncontent-length: %zu\r\n%s%s%s",
                         path, host, port, length, headers, kind == HEAD ? "x-slow: " : "\r\n",
                         kind == READER ? body : kind == BODY ? "{\"user\":\"" : "");
    if (count < 0) fail("asprintf");
    beginnings[kind] = lines;
    beginning_lengths[kind] = (size_t)count;
}

int main(int count, char **words) {
    const char *host = "127.0.0.1", *path = "/v1/chat/completions", *body = "{}";
    char headers[4096] = "";
    int port = 0, wanted[KINDS] = {0};
    for (int i = 1; i < count; i += 2) {
        const char *name = words[i], *value = i + 1 < count ? words[i + 1] : "";
        if (strcmp(name, "--host") == 0) host = value;
        else if (strcmp(name, "--port") == 0) port = atoi(value);
        else if (strcmp(name, "--path") == 0) path = value;
        else if (strcmp(name, "--body") == 0) body = value;
        else if (strcmp(name, "--heads") == 0) wanted[HEAD] = atoi(value);
        else if (strcmp(name, "--bodies") == 0) wanted[BODY] = atoi(value);
        else if (strcmp(name, "--readers") == 0) wanted[READER] = atoi(value);
        else if (strcmp(name, "--drip") == 0) drip_ticks = (uint64_t)atol(value);
        else if (strcmp(name, "--header") == 0 && strlen(headers) + strlen(value) + 3 < sizeof headers) {
            strcat(strcat(headers, value), "\r\n");
        } else {
            fprintf(stderr, "unknown option %s\n", name);
            return 2;
        }
    }
    int all = wanted[HEAD] + wanted[BODY] + wanted[READER];
    if (port <= 0 || all <= 0 || drip_ticks == 0 || drip_ticks * 3 / 2 >= WHEEL_TICKS) {
        fprintf(stderr, "usage: slow_load --port N [--heads N] [--bodies N] [--readers N] [--drip MS, up to 60000]\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    open_as_many_files_as_allowed();
    address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    inet_pton(AF_INET, host, &address.sin_addr);
    for (slowness kind = HEAD; kind <= READER; kind++) write_beginning(kind, path, host, port, headers, body);

    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    client *clients = calloc((size_t)all, sizeof *clients);
    if (!clients) fail("calloc");
    uint64_t began = monotonic_ns();
    for (int i = 0; i < all; i++) {
        // The kinds take turns as long as each has some left.
        int kind = i % KINDS;
        while (wanted[kind] == 0) kind = (kind + 1) % KINDS;
        wanted[kind]--;
        clients[i].kind = (slowness)kind;
        clients[i].fd = -1;
        wait_ticks(&clients[i], 1 + (uint64_t)i / OPENED_PER_TICK);
    }
    struct epoll_event events[256], input = {.events = EPOLLIN, .data.ptr = NULL};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, 0, &input) < 0) fail("stdin must be a pipe");
    bool told = false, goes_on = true;
    while (goes_on) {
        int count = epoll_wait(epoll_fd, events, 256, 1);
        for (int i = 0; i < count; i++) {
            client *c = events[i].data.ptr;
            char ignored[64];
            if (!c) goes_on = read(0, ignored, sizeof ignored) > 0;
            else if (c->fd >= 0) ready(c, events[i].events);
        }
        turn_wheel((monotonic_ns() - began) / TICK_NS);
        if (held == all && !told) {
            printf("{\"held\": %d, \"open_ms\": %.1f}\n", all, (double)(monotonic_ns() - began) / 1e6);
            fflush(stdout);
            told = true;
        }
    }
    printf("{\"cut\": %ld, \"opened\": %ld, \"bytes\": %ld}\n", cut, opened, dripped);
    return 0;
}
