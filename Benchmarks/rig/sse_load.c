// Loads an HTTP server with streams of server-sent events and checks that each arrives whole. One thread, epoll.
//
//   sse_load --port N [--host 127.0.0.1] --path PATH --body JSON [--header 'name: value']…
//            --streams C (at once) [--seconds S | --total N] [--expect EVENTS] [--warm-up S] [--hold]
//
// Prints one line of JSON: streams finished, complete (every event and [DONE]), events, bytes, first byte and event latencies,
// and how much longer than between their writes it was between two events of a stream.
// --warm-up: what comes within the first S seconds is checked, but counts in no latency.
// --hold: opens C streams, prints {"held": C} when each had its first event, and keeps them until its stdin ends.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "measuring.h"

enum { READ_MAX = 1 << 18, HEAD_MAX = 1 << 14, TAIL = 32 };

typedef enum { READING_HEAD, CHUNK_SIZE, CHUNK_DATA, CHUNK_END, LAST_END, STREAM_ENDED } phase;

typedef struct {
    int fd;
    phase phase;
    char head[HEAD_MAX];
    size_t head_length, chunk_left;
    long events, stream_bytes;
    bool had_newline, bad, counted;
    char tail[TAIL];  // the stream's last bytes: is it [DONE]?
    size_t tail_length;
    uint64_t asked_ns;
    uint64_t last_latency;  // of the event before
    bool first_seen;
} stream;

static int epoll_fd;
static struct sockaddr_in address;
static char *request;
static size_t request_length;
static long expected = -1, total_limit = -1, asked, finished, complete, broken, refused, event_count, byte_count, first_events;
static bool stopping;
static histogram first_byte, latency, added_gap;
static uint64_t received_ns;  // when the bytes in the buffer were read
static uint64_t counted_from_ns;
static char buffer[READ_MAX];

static void ask(stream *s);

static void open_stream(stream *s) {
    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (s->fd < 0) fail("socket");
    if (connect(s->fd, (struct sockaddr *)&address, sizeof address) < 0) fail("connect");
    int on = 1;
    setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(s->fd, F_SETFL, O_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = s};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, s->fd, &event);
    ask(s);
}

static void ask(stream *s) {
    if (stopping || (total_limit >= 0 && asked >= total_limit)) {
        s->phase = STREAM_ENDED;
        return;
    }
    asked++;
    s->phase = READING_HEAD;
    s->head_length = s->tail_length = 0;
    s->events = s->stream_bytes = 0;
    s->last_latency = 0;
    s->had_newline = s->bad = s->first_seen = false;
    s->asked_ns = monotonic_ns();
    if (send(s->fd, request, request_length, MSG_NOSIGNAL) != (ssize_t)request_length) s->bad = true;
}

static void end_of_stream(stream *s, bool whole) {
    finished++;
    bool done = s->tail_length >= 14 && memcmp(s->tail + s->tail_length - 14, "data: [DONE]\n\n", 14) == 0;
    long events = s->events - (done ? 1 : 0);
    event_count += events;
    if (whole && done && !s->bad && (expected < 0 || events == expected)) complete++;
    else broken++;
    if (whole) {
        ask(s);
    } else {
        close(s->fd);
        open_stream(s);
    }
}

// Counts the ends of events and remembers the last bytes.
static void stream_data(stream *s, const char *data, size_t length) {
    byte_count += (long)length;
    const char *at = data, *end = data + length;
    if (!s->first_seen) {
        s->first_seen = true;
        first_events++;
        note(&first_byte, received_ns - s->asked_ns);
    }
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        if (!newline) {
            s->had_newline = false;
            break;
        }
        if (s->had_newline && newline == at) {
            s->events++;
            s->had_newline = false;
        } else {
            s->had_newline = true;
        }
        at = newline + 1;
    }
    // The write time of the last event in this piece: `"t":"` and 20 digits and `"}` end it.
    if (length >= 29 && memcmp(end - 29, "\"t\":\"", 5) == 0) {
        uint64_t sent = 0;
        for (const char *digit = end - 24; digit < end - 4; digit++) sent = sent * 10 + (uint64_t)(*digit - '0');
        if (sent && received_ns > sent && received_ns >= counted_from_ns) {
            uint64_t took = received_ns - sent;
            note(&latency, took);
            // Longer between two events here than between their writes: what the way added.
            if (s->last_latency) note(&added_gap, took > s->last_latency ? took - s->last_latency : 0);
            s->last_latency = took;
        }
    }
    if (length >= TAIL) {
        memcpy(s->tail, end - TAIL, TAIL);
        s->tail_length = TAIL;
    } else {
        size_t keep = s->tail_length + length > TAIL ? TAIL - length : s->tail_length;
        memmove(s->tail, s->tail + s->tail_length - keep, keep);
        memcpy(s->tail + keep, data, length);
        s->tail_length = keep + length;
    }
}

static bool head_is_a_stream(stream *s) {
    s->head[s->head_length] = 0;
    bool good = strncmp(s->head, "HTTP/1.1 200", 12) == 0 && strcasestr(s->head, "\r\ntransfer-encoding: chunked");
    if (!good && refused++ == 0) fprintf(stderr, "unexpected answer:\n%s\n", s->head);
    return good;
}

static void received(stream *s, const char *at, size_t length) {
    const char *end = at + length;
    while (at < end) {
        switch (s->phase) {
            case READING_HEAD: {
                size_t before = s->head_length, take = (size_t)(end - at);
                if (before + take > HEAD_MAX - 1) take = HEAD_MAX - 1 - before;
                memcpy(s->head + before, at, take);
                char *stop = memmem(s->head, before + take, "\r\n\r\n", 4);
                if (!stop) {
                    s->head_length += take;
                    if (take < (size_t)(end - at)) exit(3);
                    return;
                }
                s->head_length = (size_t)(stop - s->head) + 4;
                at += s->head_length - before;
                if (!head_is_a_stream(s)) exit(3);
                s->phase = CHUNK_SIZE;
                s->chunk_left = 0;
                break;
            }
            case CHUNK_SIZE: {
                char c = *at++;
                if (c == '\n') s->phase = s->chunk_left ? CHUNK_DATA : LAST_END;
                else if (c >= '0' && c <= '9') s->chunk_left = s->chunk_left * 16 + (size_t)(c - '0');
                else if ((c | 32) >= 'a' && (c | 32) <= 'f') s->chunk_left = s->chunk_left * 16 + (size_t)((c | 32) - 'a' + 10);
                else if (c != '\r') s->bad = true;
                break;
            }
            case CHUNK_DATA: {
                size_t take = (size_t)(end - at) < s->chunk_left ? (size_t)(end - at) : s->chunk_left;
                stream_data(s, at, take);
                at += take;
                s->chunk_left -= take;
                if (!s->chunk_left) s->phase = CHUNK_END;
                break;
            }
            case CHUNK_END:
                if (*at++ == '\n') s->phase = CHUNK_SIZE;
                break;
            case LAST_END:
                if (*at++ == '\n') {
                    end_of_stream(s, true);
                    if (s->phase == STREAM_ENDED) return;
                }
                break;
            case STREAM_ENDED:
                return;
        }
    }
}

static void readable(stream *s) {
    for (;;) {
        ssize_t n = recv(s->fd, buffer, sizeof buffer, 0);
        if (n < 0 && errno == EAGAIN) return;
        if (n <= 0) {
            if (s->phase == STREAM_ENDED) epoll_ctl(epoll_fd, EPOLL_CTL_DEL, s->fd, NULL);
            else end_of_stream(s, false);
            return;
        }
        received_ns = monotonic_ns();
        received(s, buffer, (size_t)n);
        if ((size_t)n < sizeof buffer) return;
    }
}

static void append(char **text, size_t *length, const char *more) {
    size_t added = strlen(more);
    *text = realloc(*text, *length + added + 1);
    if (!*text) fail("realloc");
    memcpy(*text + *length, more, added + 1);
    *length += added;
}

int main(int count, char **words) {
    const char *host = "127.0.0.1", *path = "/v1/chat/completions", *body = "{}";
    char *headers = NULL, line[512];
    size_t headers_length = 0;
    int port = 0, streams = 32;
    double seconds = -1, warm_up = 0;
    bool hold = false;
    append(&headers, &headers_length, "");
    for (int i = 1; i < count; i++) {
        const char *value = i + 1 < count ? words[i + 1] : "";
        if (strcmp(words[i], "--hold") == 0) hold = true;
        else if (i++, strcmp(words[i - 1], "--host") == 0) host = value;
        else if (strcmp(words[i - 1], "--port") == 0) port = atoi(value);
        else if (strcmp(words[i - 1], "--path") == 0) path = value;
        else if (strcmp(words[i - 1], "--body") == 0) body = value;
        else if (strcmp(words[i - 1], "--streams") == 0) streams = atoi(value);
        else if (strcmp(words[i - 1], "--seconds") == 0) seconds = atof(value);
        else if (strcmp(words[i - 1], "--warm-up") == 0) warm_up = atof(value);
        else if (strcmp(words[i - 1], "--total") == 0) total_limit = atol(value);
        else if (strcmp(words[i - 1], "--expect") == 0) expected = atol(value);
        else if (strcmp(words[i - 1], "--header") == 0) {
            append(&headers, &headers_length, value);
            append(&headers, &headers_length, "\r\n");
        } else {
            fprintf(stderr, "unknown option %s\n", words[i - 1]);
            return 2;
        }
    }
    signal(SIGPIPE, SIG_IGN);
    open_as_many_files_as_allowed();
    address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    inet_pton(AF_INET, host, &address.sin_addr);
    snprintf(line, sizeof line, "POST %s HTTP/1.1\r\nhost: %s:%d\r\ncontent-type: application/json\r\ncontent-length: %zu\r\n", path, host, port, strlen(body));
    append(&request, &request_length, line);
    append(&request, &request_length, headers);
    append(&request, &request_length, "\r\n");
    append(&request, &request_length, body);

    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    stream *all = calloc((size_t)streams, sizeof *all);
    if (!all) fail("calloc");
    uint64_t began = monotonic_ns();
    counted_from_ns = began + (uint64_t)(warm_up * 1e9);
    for (int i = 0; i < streams; i++) open_stream(&all[i]);
    bool told = false;
    struct epoll_event events[256];
    for (;;) {
        int ready = epoll_wait(epoll_fd, events, 256, 20);
        for (int i = 0; i < ready; i++) readable(events[i].data.ptr);
        uint64_t now = monotonic_ns();
        if (seconds >= 0 && (double)(now - began) / 1e9 >= seconds) stopping = true;
        if (hold && first_events == streams && !told) {
            printf("{\"held\": %d, \"open_ms\": %.1f}\n", streams, (double)(now - began) / 1e6);
            fflush(stdout);
            told = true;
        }
        if (hold) {  // until stdin ends
            struct pollfd input = {.fd = 0, .events = POLLIN};
            char ignored[64];
            if (told && poll(&input, 1, 0) > 0 && read(0, ignored, sizeof ignored) <= 0) return 0;
            continue;
        }
        if ((stopping || (total_limit >= 0 && asked >= total_limit)) && finished >= asked) break;
    }
    double took = (double)(monotonic_ns() - began) / 1e9;
    printf("{\"seconds\": %.4f, \"streams\": %ld, \"complete\": %ld, \"broken\": %ld, \"events\": %ld, \"bytes\": %ld, "
           "\"first_byte_p50_us\": %.1f, \"first_byte_p99_us\": %.1f, \"event_p50_us\": %.1f, \"event_p99_us\": %.1f, \"added_gap_p99_us\": %.1f, \"event_samples\": %llu}\n",
           took, finished, complete, broken, event_count, byte_count, percentile_us(&first_byte, 0.5), percentile_us(&first_byte, 0.99),
           percentile_us(&latency, 0.5), percentile_us(&latency, 0.99), percentile_us(&added_gap, 0.99), (unsigned long long)latency.total);
    return broken ? 1 : 0;
}
