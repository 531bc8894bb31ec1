// Loads an HTTP server with whole requests: at a fixed rate, or as fast as they are answered. One thread, epoll.
//
//   request_load --port N [--host 127.0.0.1] --path PATH --body JSON [--header 'name: value']…
//                --connections C (at most) --seconds S [--warm-up S]
//                [--rate R]       open loop: request i is due at i / R seconds, answered or not; latency counts from then.
//                                 Without it each connection asks again when it is answered.
//                [--fresh]        a new connection for every request, from changing loopback addresses
//                [--in-turn]      the connections take turns; without it as few as will do are used
//                [--patience MS]  who waits longer than this leaves
//
// Prints one line of JSON. `good`: answered 200 in time; `turned_away`: any other status; `late`: left, or never sent for
// want of a free connection; `broken`: the connection ended within the answer. Requests due in the warm-up are not counted.
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
#include <strings.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "measuring.h"

enum { READ_MAX = 1 << 16, HEAD_MAX = 1 << 13, LINE_MAX = 1 << 18, SOURCES = 200 };

typedef struct connection {
    int fd;
    bool connecting, busy;
    char head[HEAD_MAX];
    size_t head_length;
    bool head_read, closes;
    long body_left;
    int status;
    uint64_t due_ns;
    struct connection *earlier, *later;  // among the busy, by due time; `later` also links the free
} connection;

static int epoll_fd;
static struct sockaddr_in address;
static char *request, buffer[READ_MAX];
static size_t request_length;
static connection *first_busy, *last_busy, *first_free, *last_free;
static uint64_t due_line[LINE_MAX];  // due times of requests that wait for a connection
static size_t line_head, line_tail;
static uint64_t began_ns, counted_from_ns, counted_until_ns, patience_ns = UINT64_MAX;
static double rate;
static bool fresh, in_turn;
static long good, turned_away, late, broken, opened;
static histogram latency;

static bool is_counted(uint64_t due_ns) { return due_ns >= counted_from_ns && due_ns < counted_until_ns; }

static void count(long *which, uint64_t due_ns) {
    if (is_counted(due_ns)) (*which)++;
}

static void leave_busy(connection *c) {
    if (!c->busy) return;
    c->busy = false;
    if (c->earlier) c->earlier->later = c->later;
    else first_busy = c->later;
    if (c->later) c->later->earlier = c->earlier;
    else last_busy = c->earlier;
}

static void hang_up(connection *c) {
    close(c->fd);
    c->fd = -1;
    c->connecting = false;
}

static void be_free(connection *c) {
    bool behind = in_turn && first_free;
    c->later = behind ? NULL : first_free;
    if (behind) last_free->later = c;
    else first_free = c;
    if (!c->later) last_free = c;
}

static void open_connection(connection *c) {
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (c->fd < 0) fail("socket");
    int on = 1;
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (fresh) {  // One pair of addresses has 28,000 ports, and each rests a while after its use.
        struct sockaddr_in source = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000002u + (uint32_t)(opened % SOURCES))};
        setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
        if (bind(c->fd, (struct sockaddr *)&source, sizeof source) < 0) fail("bind");
    }
    opened++;
    c->connecting = connect(c->fd, (struct sockaddr *)&address, sizeof address) < 0;
    if (c->connecting && errno != EINPROGRESS) fail("connect");
    struct epoll_event event = {.events = c->connecting ? EPOLLOUT : EPOLLIN, .data.ptr = c};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &event);
}

static void send_request(connection *c) {
    if (send(c->fd, request, request_length, MSG_NOSIGNAL) != (ssize_t)request_length) {
        count(&broken, c->due_ns);
        leave_busy(c);
        hang_up(c);
        be_free(c);
    }
}

static void ask(connection *c, uint64_t due_ns) {
    c->due_ns = due_ns;
    c->head_length = 0;
    c->head_read = c->closes = false;
    c->busy = true;
    c->earlier = last_busy;
    c->later = NULL;
    if (last_busy) last_busy->later = c;
    else first_busy = c;
    last_busy = c;
    if (c->fd < 0) open_connection(c);
    if (!c->connecting) send_request(c);
}

// The connection may take the next request.
static void release(connection *c, bool usable) {
    leave_busy(c);
    if (!usable || fresh) hang_up(c);
    uint64_t now = monotonic_ns();
    if (rate <= 0) {
        if (now < counted_until_ns) return ask(c, now);
    } else if (line_head != line_tail) {
        return ask(c, due_line[line_head++ % LINE_MAX]);
    }
    be_free(c);
}

static void answered(connection *c) {
    uint64_t took = monotonic_ns() - c->due_ns;
    if (c->status != 200) count(&turned_away, c->due_ns);
    else if (took > patience_ns) count(&late, c->due_ns);
    else {
        count(&good, c->due_ns);
        if (is_counted(c->due_ns)) note(&latency, took);
    }
    release(c, !c->closes);
}

static void readable(connection *c) {
    ssize_t n = recv(c->fd, buffer, sizeof buffer, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) {
        if (!c->busy) return hang_up(c);  // It stays among the free.
        count(&broken, c->due_ns);
        return release(c, false);
    }
    if (!c->busy) return hang_up(c);
    char *at = buffer;
    if (!c->head_read) {
        size_t take = (size_t)n;
        if (c->head_length + take > HEAD_MAX - 1) take = HEAD_MAX - 1 - c->head_length;
        memcpy(c->head + c->head_length, buffer, take);
        char *stop = memmem(c->head, c->head_length + take, "\r\n\r\n", 4);
        if (!stop) {
            c->head_length += take;
            if (c->head_length >= HEAD_MAX - 1) exit(3);
            return;
        }
        size_t head = (size_t)(stop - c->head) + 4;
        at += head - c->head_length;
        *stop = 0;
        c->head_read = true;
        c->status = atoi(c->head + 9);
        c->closes = strcasestr(c->head, "\r\nconnection: close") != NULL;
        char *length = strcasestr(c->head, "\r\ncontent-length:");
        if (!length && c->status == 200) {
            fprintf(stderr, "an answer without content-length:\n%s\n", c->head);
            exit(3);
        }
        c->body_left = length ? strtol(length + 17, NULL, 10) : 0;
        if (!length) c->closes = true;
    }
    c->body_left -= buffer + n - at;
    if (c->body_left <= 0) answered(c);
}

static void writable(connection *c) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error) {
        count(&broken, c->due_ns);
        return release(c, false);
    }
    c->connecting = false;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(epoll_fd, EPOLL_CTL_MOD, c->fd, &event);
    send_request(c);
}

// Who waited too long leaves.
static void give_up(uint64_t now) {
    if (patience_ns == UINT64_MAX) return;
    while (line_head != line_tail && now - due_line[line_head % LINE_MAX] > patience_ns) count(&late, due_line[line_head++ % LINE_MAX]);
    while (first_busy && now > first_busy->due_ns && now - first_busy->due_ns > patience_ns) {
        count(&late, first_busy->due_ns);
        release(first_busy, false);
    }
}

static void ask_what_is_due(uint64_t due_ns) {
    connection *c = first_free;
    if (c) {
        first_free = c->later;
        ask(c, due_ns);
    } else if (line_tail - line_head < LINE_MAX) {
        due_line[line_tail++ % LINE_MAX] = due_ns;
    } else {
        count(&late, due_ns);
    }
}

static void append(char **text, size_t *length, const char *more) {
    size_t added = strlen(more);
    *text = realloc(*text, *length + added + 1);
    if (!*text) fail("realloc");
    memcpy(*text + *length, more, added + 1);
    *length += added;
}

int main(int count_of_words, char **words) {
    const char *host = "127.0.0.1", *path = "/v1/chat/completions", *body = "{}";
    char *headers = NULL, line[512];
    size_t headers_length = 0;
    int port = 0, connections = 32;
    double seconds = 1, warm_up = 0;
    append(&headers, &headers_length, "");
    for (int i = 1; i < count_of_words; i++) {
        const char *name = words[i], *value = i + 1 < count_of_words ? words[i + 1] : "";
        if (strcmp(name, "--fresh") == 0 || strcmp(name, "--in-turn") == 0) {
            if (name[2] == 'f') fresh = true;
            else in_turn = true;
            continue;
        }
        i++;
        if (strcmp(name, "--host") == 0) host = value;
        else if (strcmp(name, "--port") == 0) port = atoi(value);
        else if (strcmp(name, "--path") == 0) path = value;
        else if (strcmp(name, "--body") == 0) body = value;
        else if (strcmp(name, "--connections") == 0) connections = atoi(value);
        else if (strcmp(name, "--seconds") == 0) seconds = atof(value);
        else if (strcmp(name, "--warm-up") == 0) warm_up = atof(value);
        else if (strcmp(name, "--rate") == 0) rate = atof(value);
        else if (strcmp(name, "--patience") == 0) patience_ns = (uint64_t)(atof(value) * 1e6);
        else if (strcmp(name, "--header") == 0) {
            append(&headers, &headers_length, value);
            append(&headers, &headers_length, "\r\n");
        } else {
            fprintf(stderr, "unknown option %s\n", name);
            return 2;
        }
    }
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_TIMERSLACK, 1);
    open_as_many_files_as_allowed();
    address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    inet_pton(AF_INET, host, &address.sin_addr);
    snprintf(line, sizeof line, "POST %s HTTP/1.1\r\nhost: %s:%d\r\ncontent-type: application/json\r\ncontent-length: %zu\r\n", path, host, port, strlen(body));
    append(&request, &request_length, line);
    append(&request, &request_length, headers);
    append(&request, &request_length, "\r\n");
    append(&request, &request_length, body);

    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    connection *all = calloc((size_t)connections, sizeof *all);
    if (!all) fail("calloc");
    for (int i = connections - 1; i >= 0; i--) {
        all[i].fd = -1;
        be_free(&all[i]);
    }
    began_ns = monotonic_ns();
    counted_from_ns = began_ns + (uint64_t)(warm_up * 1e9);
    counted_until_ns = counted_from_ns + (uint64_t)(seconds * 1e9);
    uint64_t next = 0;  // number of the next request of a fixed rate
    if (rate <= 0)
        while (first_free) ask_what_is_due(began_ns);
    // A while after the last is due, to be answered in.
    uint64_t end_ns = counted_until_ns + (patience_ns == UINT64_MAX ? 5000000000u : patience_ns + 100000000u);
    struct epoll_event events[256];
    for (;;) {
        uint64_t now = monotonic_ns(), wake_ns = now + 20000000u;
        if (rate > 0) {
            for (;; next++) {
                uint64_t due_ns = began_ns + (uint64_t)((double)next * 1e9 / rate);
                if (due_ns >= counted_until_ns) break;
                if (due_ns > now) {
                    if (due_ns < wake_ns) wake_ns = due_ns;
                    break;
                }
                ask_what_is_due(due_ns);
            }
        }
        give_up(now);
        if (now >= counted_until_ns && !first_busy && line_head == line_tail) break;
        if (now >= end_ns) break;
        now = monotonic_ns();
        struct timespec wait = {.tv_nsec = wake_ns > now ? (long)(wake_ns - now) : 0};
        int ready = epoll_pwait2(epoll_fd, events, 256, &wait, NULL);
        for (int i = 0; i < ready; i++) {
            connection *c = events[i].data.ptr;
            if (c->fd < 0) continue;
            if (c->connecting) writable(c);
            else readable(c);
        }
    }
    // What is open now was never answered.
    for (connection *c = first_busy; c; c = c->later) count(&late, c->due_ns);
    while (line_head != line_tail) count(&late, due_line[line_head++ % LINE_MAX]);
    printf("{\"seconds\": %.4f, \"good\": %ld, \"turned_away\": %ld, \"late\": %ld, \"broken\": %ld, \"opened\": %ld, "
           "\"p50_us\": %.1f, \"p99_us\": %.1f, \"p999_us\": %.1f, \"max_us\": %.1f}\n",
           seconds, good, turned_away, late, broken, opened, percentile_us(&latency, 0.5), percentile_us(&latency, 0.99),
           percentile_us(&latency, 0.999), (double)latency.max / 1000);
    return 0;
}
