// Keeps memory of a virtual machine in it: where the host takes back what is free, the kernel's next use of a page waits
// some 10 µs for it, and what a server's sockets hold more at one time than at another would be measured as the server's.
//
//     hold_memory MEBIBYTES    touches so much, gives back all but one page of each MiB, so that no block of free memory
//                              is large enough to be taken; says so, and waits to be ended
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "measuring.h"

enum { PAGE = 4096, BLOCK = 1 << 20 };

int main(int count, char **words) {
    size_t length = count == 2 ? strtoul(words[1], NULL, 10) * BLOCK : 0;
    if (!length) {
        fprintf(stderr, "usage: hold_memory MEBIBYTES\n");
        return 2;
    }
    // Who measures may be killed: then nothing is to be held any more.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    char *memory = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) fail("mmap");
    madvise(memory, length, MADV_NOHUGEPAGE);
    for (size_t at = 0; at < length; at += PAGE) memory[at] = 1;
    for (size_t at = 0; at < length; at += BLOCK) madvise(memory + at + PAGE, BLOCK - PAGE, MADV_DONTNEED);
    puts("{}");
    fflush(stdout);
    for (;;) pause();
}
