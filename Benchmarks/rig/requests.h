/* What the engines of the rig share: finding a whole HTTP request in what has arrived, and listening. */
#ifndef REQUESTS_H
#define REQUESTS_H

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "measuring.h"

enum { REQUEST_MAX = 1 << 20 };

typedef struct {
    char *body;
    size_t body_length;
    size_t length;  // of head and body, as they came
} whole_request;

// Takes the chunks of a body out of their framing, in place. Returns the length of all, or 0 if not all are there.
static inline size_t read_chunks(char *at, char *end, size_t *body) {
    char *start = at, *to = at;
    *body = 0;
    // Twice: it must be known that all are there before any is moved.
    for (int moves = 0; moves < 2; moves++) {
        for (at = start;;) {
            char *line = memchr(at, '\n', (size_t)(end - at));
            if (!line) return 0;
            size_t size = strtoul(at, NULL, 16);
            at = line + 1;
            if ((size_t)(end - at) < size + 2) return 0;
            if (moves) memmove(to, at, size);
            to += size;
            at += size + 2;
            if (size == 0) break;
        }
        if (!moves) to = start;
    }
    *body = (size_t)(to - start);
    return (size_t)(at - start);
}

enum arrival { ARRIVED, UNFINISHED, TOO_LARGE };

// Finds the request that `input` begins with; one byte more must be writable.
static inline enum arrival find_request(char *input, size_t input_length, whole_request *found) {
    input[input_length] = 0;
    char *end = memmem(input, input_length, "\r\n\r\n", 4);
    if (!end) return UNFINISHED;
    size_t head = (size_t)(end - input) + 4, taken;
    *end = 0;
    char *field = strcasestr(input, "\r\ncontent-length:");
    found->body_length = field ? strtoul(field + 17, NULL, 10) : 0;
    bool chunked = strcasestr(input, "\r\ntransfer-encoding: chunked");
    *end = '\r';
    if (head + found->body_length > REQUEST_MAX) return TOO_LARGE;
    found->body = input + head;
    taken = chunked ? read_chunks(found->body, input + input_length, &found->body_length) : found->body_length;
    if (chunked ? taken == 0 : input_length < head + taken) return UNFINISHED;
    found->length = head + taken;
    return ARRIVED;
}

static inline int listen_on(const char *host, int port) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (inet_pton(AF_INET, host, &address.sin_addr) != 1) fail(host);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0) fail("bind");
    if (listen(fd, 4096) < 0) fail("listen");
    return fd;
}

#endif
