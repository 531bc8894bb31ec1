#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "csockets.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#endif

static long checked(long result) { return result < 0 ? -errno : result; }

int csockets_resolve(const char *host, char *addresses, int capacity) {
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    int code = getaddrinfo(host, NULL, &hints, &found);
    if (code != 0) return code < 0 ? code : -code;
    int count = 0;
    for (struct addrinfo *one = found; one && count < capacity; one = one->ai_next) {
        char *place = addresses + count * CSOCKETS_ADDRESS;
        if (getnameinfo(one->ai_addr, one->ai_addrlen, place, CSOCKETS_ADDRESS, NULL, 0, NI_NUMERICHOST) == 0) count++;
    }
    freeaddrinfo(found);
    return count;
}

int csockets_is_address(const char *host) {
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST}, *found = NULL;
    if (getaddrinfo(host, NULL, &hints, &found) != 0) return 0;
    freeaddrinfo(found);
    return 1;
}

const char *csockets_resolve_error(int code) { return gai_strerror(code); }

#ifdef __linux__

int csockets_connect(const char *address, uint16_t port) {
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV}, *found = NULL;
    char service[8];
    snprintf(service, sizeof service, "%u", port);
    if (getaddrinfo(address, service, &hints, &found) != 0) return -EINVAL;
    int fd = (int)checked(socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (fd >= 0) {
        int yes = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        if (connect(fd, found->ai_addr, found->ai_addrlen) != 0 && errno != EINPROGRESS && errno != EINTR) {
            int why = -errno;
            close(fd);
            fd = why;
        }
    }
    freeaddrinfo(found);
    return fd;
}

int csockets_connected(int fd) {
    int why = 0;
    socklen_t size = sizeof why;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &size) != 0) return -errno;
    return -why;
}

long csockets_write(int fd, const void *bytes, size_t count) {
    return checked(send(fd, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT));
}

long csockets_read(int fd, void *bytes, size_t count) { return checked(recv(fd, bytes, count, MSG_DONTWAIT)); }

int csockets_is_quiet(int fd) {
    char byte;
    return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

void csockets_shutdown(int fd) { shutdown(fd, SHUT_RDWR); }
void csockets_close(int fd) { close(fd); }

int csockets_alarm(void) { return (int)checked(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)); }

void csockets_alarm_ring(int fd) {
    uint64_t one = 1;
    while (write(fd, &one, sizeof one) < 0 && errno == EINTR) {}
}

void csockets_alarm_clear(int fd) {
    uint64_t count;
    while (read(fd, &count, sizeof count) < 0 && errno == EINTR) {}
}

int csockets_timer(void) { return (int)checked(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)); }

void csockets_timer_set(int fd, int64_t nanoseconds) {
    struct itimerspec when = {.it_value = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000}};
    timerfd_settime(fd, TFD_TIMER_ABSTIME, &when, NULL);
}

int csockets_poll(const int *fds, const uint32_t *interests, uint32_t *fired, int count, int milliseconds) {
    struct pollfd polled[count];
    for (int i = 0; i < count; i++) {
        short events = (interests[i] & CSOCKETS_READ ? POLLIN | POLLRDHUP : 0) | (interests[i] & CSOCKETS_WRITE ? POLLOUT : 0);
        polled[i] = (struct pollfd){.fd = fds[i], .events = events};
    }
    int ready = (int)checked(poll(polled, (nfds_t)count, milliseconds));
    for (int i = 0; i < count; i++) fired[i] = ready > 0 && polled[i].revents ? interests[i] : 0;
    return ready;
}

int csockets_room(int count) {
    int fds[count], opened = 0, why = 0;
    while (opened < count && !why) {
        int fd = csockets_alarm();
        if (fd < 0) why = fd; else fds[opened++] = fd;
    }
    while (opened > 0) close(fds[--opened]);
    return why;
}

int csockets_set(void) { return (int)checked(epoll_create1(EPOLL_CLOEXEC)); }

int csockets_set_add(int set, int fd, uint32_t interest, uint64_t token, int once) {
    uint32_t events = (interest & CSOCKETS_READ ? EPOLLIN | EPOLLRDHUP : 0) | (interest & CSOCKETS_WRITE ? EPOLLOUT : 0);
    struct epoll_event event = {.events = events | (once ? EPOLLONESHOT : 0), .data.u64 = token};
    return (int)checked(epoll_ctl(set, EPOLL_CTL_ADD, fd, &event));
}

int csockets_set_remove(int set, int fd) { return (int)checked(epoll_ctl(set, EPOLL_CTL_DEL, fd, NULL)); }

int csockets_set_wait(int set, uint64_t *tokens, int capacity, int milliseconds) {
    struct epoll_event events[capacity];
    int ready = (int)checked(epoll_wait(set, events, capacity, milliseconds));
    for (int i = 0; i < ready; i++) tokens[i] = events[i].data.u64;
    return ready;
}

#else

int csockets_connect(const char *address, uint16_t port) { return -ENOSYS; }
int csockets_connected(int fd) { return -ENOSYS; }
long csockets_write(int fd, const void *bytes, size_t count) { return -ENOSYS; }
long csockets_read(int fd, void *bytes, size_t count) { return -ENOSYS; }
int csockets_is_quiet(int fd) { return 0; }
void csockets_shutdown(int fd) {}
void csockets_close(int fd) {}
int csockets_alarm(void) { return -ENOSYS; }
void csockets_alarm_ring(int fd) {}
void csockets_alarm_clear(int fd) {}
int csockets_timer(void) { return -ENOSYS; }
void csockets_timer_set(int fd, int64_t nanoseconds) {}
int csockets_poll(const int *fds, const uint32_t *interests, uint32_t *fired, int count, int milliseconds) { return -ENOSYS; }
int csockets_room(int count) { return 0; }
int csockets_set(void) { return -ENOSYS; }
int csockets_set_add(int set, int fd, uint32_t interest, uint64_t token, int once) { return -ENOSYS; }
int csockets_set_remove(int set, int fd) { return -ENOSYS; }
int csockets_set_wait(int set, uint64_t *tokens, int capacity, int milliseconds) { return -ENOSYS; }

#endif

int csockets_thread(void *(*run)(void *), void *context) {
    sigset_t all, before;
    sigfillset(&all);
    // The signals of a host go to its own threads.
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_t thread;
    int why = pthread_create(&thread, NULL, run, context);
    if (why == 0) pthread_detach(thread);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return -why;
}

static _Atomic int process_id;

static void forget_process_id(void) { process_id = 0; }
static void watch_forks(void) { pthread_atfork(NULL, NULL, forget_process_id); }

int csockets_process_id(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    int id = process_id;
    if (id) return id;
    pthread_once(&once, watch_forks);
    return process_id = getpid();
}

int64_t csockets_now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

const char *csockets_reason(int code, char *buffer, size_t capacity) {
#if defined(__GLIBC__)
    return strerror_r(code, buffer, capacity);
#else
    return strerror_r(code, buffer, capacity) == 0 ? buffer : "unknown error";
#endif
}
