#ifndef CSOCKETS_H
#define CSOCKETS_H

#include <stddef.h>
#include <stdint.h>

// Plain TCP sockets that never block, and waiting for many of them. What fails gives -errno. Linux; elsewhere -ENOSYS.

#define CSOCKETS_READ 1u
#define CSOCKETS_WRITE 2u
// Room for one numeric address with its zero byte.
#define CSOCKETS_ADDRESS 64

// The numeric addresses of a host, CSOCKETS_ADDRESS bytes each: how many, or minus a code of getaddrinfo. Blocks.
int csockets_resolve(const char *host, char *addresses, int capacity);
// 1 for a numeric address, which needs no look-up.
int csockets_is_address(const char *host);
const char *csockets_resolve_error(int code);

// Starts a connection to a numeric address; close-on-exec, without delay. Gives its descriptor.
int csockets_connect(const char *address, uint16_t port);
// 0 when the connection stands, else why it does not.
int csockets_connected(int fd);
long csockets_write(int fd, const void *bytes, size_t count);
long csockets_read(int fd, void *bytes, size_t count);
// 1 when the connection is open and has nothing to read.
int csockets_is_quiet(int fd);
// Ends the connection in both directions; the descriptor stays.
void csockets_shutdown(int fd);
void csockets_close(int fd);

// A counter to wake a waiting thread with.
int csockets_alarm(void);
void csockets_alarm_ring(int fd);
void csockets_alarm_clear(int fd);

// A clock to be woken by at a moment of CLOCK_MONOTONIC; 0 stops it.
int csockets_timer(void);
void csockets_timer_set(int fd, int64_t nanoseconds);

// Waits for some: fired[i] becomes what fds[i] is ready for. Gives how many are ready.
int csockets_poll(const int *fds, const uint32_t *interests, uint32_t *fired, int count, int milliseconds);

// A set of descriptors that can itself be waited for.
int csockets_set(void);
int csockets_set_add(int set, int fd, uint32_t interest, uint64_t token, int once);
int csockets_set_remove(int set, int fd);
// The tokens of those that are ready. Gives how many.
int csockets_set_wait(int set, uint64_t *tokens, int capacity, int milliseconds);

// 0 when so many descriptors can be had at once, else why not. Leaves none open.
int csockets_room(int count);

// Runs it on a thread of its own, which no signal is delivered to and nobody waits for.
int csockets_thread(void *(*run)(void *), void *context);

int64_t csockets_now(void);
// Of this process; remembered, and found again in the child of a fork.
int csockets_process_id(void);
// The reason for an errno, in words.
const char *csockets_reason(int code, char *buffer, size_t capacity);

#endif
