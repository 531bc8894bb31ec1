#ifndef CSPAWN_H
#define CSPAWN_H

#include <sys/types.h>

// How to start one engine: in a session of its own, with nothing of ours open.
typedef struct {
    const char *program;          // absolute path
    const char *const *arguments; // argv, null at its end
    const char *const *variables; // envp, null at its end
    const char *folder;           // working directory
    int log;                      // becomes standard output and standard error
} cspawn_order;

// Starts it with an empty signal mask, default signal handlers, /dev/null as standard input and every descriptor from 3
// on closed. Gives 0 and the process id, or an errno: that of execve too.
int cspawn_start(const cspawn_order *order, pid_t *process);

// A descriptor that becomes readable when the process ends; -1 and errno when there is none.
int cspawn_pidfd_open(pid_t process);

// How a child of ours ended. `signal` is 0 for a normal exit.
typedef struct {
    int status;
    int signal;
} cspawn_ending;

// Takes the exit status of a child that has ended, without waiting: 1 and its ending; 0 while it runs; -1 when it is no
// child of ours (it was adopted, or its status was taken already).
int cspawn_reap(pid_t process, cspawn_ending *ending);

#endif
