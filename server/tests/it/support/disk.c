// What can happen to a disk, for the server as it is shipped: loaded before it (LD_PRELOAD), it counts the calls that change
// a file of the database and has something happen at the n-th of them. COUNTERSIGN_DISK says what:
//
//   kill n   the process is killed before the call
//   torn n   it is killed when half of the bytes are written; only calls that write more than one byte count
//   power n  the power fails before the call: what was written and not synced is taken back, then the process is killed
//   EIO n    the call fails, once
//   ENOSPC n half of the bytes are written and the next call fails, once; only calls that write more than one byte count
//
// A third word is a path: calls count from when there is a file.
//
// What happens is said on stderr as "disk: <what> <n> <call> <file>". The worst that a power failure can do is that nothing
// of what was not synced is on the disk, so that is what is tried; a file's name is taken to be there once it was made.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum what { NOTHING, KILL, TORN, POWER, FAIL, FULL };

static const char *const words[] = {"", "kill", "torn", "power", "EIO", "ENOSPC"};

// What a file was before a change that is not synced yet; the newest first.
struct before {
    struct before *older;
    char path[PATH_MAX];
    off_t size, at;
    ssize_t length;
    char bytes[];
};

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
static enum what what = NOTHING;
static long when, counted;
static char from[PATH_MAX];
static int full_next;
static struct before *unsynced;

static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static int (*real_fsync)(int), (*real_fdatasync)(int);
static int (*real_ftruncate)(int, off_t);
static int (*real_unlink)(const char *);

__attribute__((constructor)) static void begin(void) {
    real_write = dlsym(RTLD_NEXT, "write");
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
    real_unlink = dlsym(RTLD_NEXT, "unlink");
    const char *asked = getenv("COUNTERSIGN_DISK");
    char word[16];
    if (!asked || sscanf(asked, "%15s %ld %4095s", word, &when, from) < 2) return;
    for (enum what w = KILL; w <= FULL; w++)
        if (!strcmp(word, words[w])) what = w;
}

// A process that ends by itself waits for what happens in another of its threads, and nothing happens afterwards.
__attribute__((destructor)) static void end(void) { pthread_mutex_lock(&one_at_a_time); }

// The name of a database's file; null for any other path.
static const char *name_of(const char *path) {
    const char *name = strrchr(path, '/');
    name = name ? name + 1 : path;
    return strncmp(name, "countersign.db", 14) && strncmp(name, "keys.db", 7) ? NULL : name;
}

static int is_index(const char *path) { return !strcmp(name_of(path), "countersign.db-shm"); }

// The path of an open file; empty where it has none.
static void path_of(int fd, char path[PATH_MAX]) {
    int before = errno;
    char link[40];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, PATH_MAX - 1);
    path[n < 0 ? 0 : n] = 0;
    errno = before;
}

// Keeps what the file is before a change behind `at`, of `length` bytes or to its end.
static void keep(int fd, const char *path, off_t at, ssize_t length) {
    struct stat file;
    if (what != POWER || is_index(path) || fstat(fd, &file)) return;
    if (length < 0) length = file.st_size > at ? file.st_size - at : 0;
    struct before *b = malloc(sizeof *b + length);
    if (!b) abort();
    strcpy(b->path, path);
    b->size = file.st_size;
    b->at = at;
    b->length = pread(fd, b->bytes, length, at);
    b->older = unsynced;
    unsynced = b;
}

// From now on the file is on the disk as it is.
static void synced(const char *path) {
    for (struct before **b = &unsynced; *b;) {
        struct before *it = *b;
        if (strcmp(it->path, path)) {
            b = &it->older;
        } else {
            *b = it->older;
            free(it);
        }
    }
}

static void take_back(void) {
    for (struct before *b = unsynced; b; b = b->older) {
        int fd = open(b->path, O_WRONLY | O_CLOEXEC);
        if (fd < 0) continue; // Removed since, which only happens to a log whose pages are in the database.
        if (b->length > 0 && real_pwrite(fd, b->bytes, b->length, b->at) != b->length) abort();
        if (real_ftruncate(fd, b->size)) abort();
        close(fd);
    }
}

// Whether the call is the one; the lock is held. Only returns to a caller that is to fail.
static int is_it(const char *call, const char *path, const void *bytes, size_t length, int fd, off_t at) {
    // The index of the log (-shm) is memory: whoever opens the database first after a crash makes it anew.
    int ends = what == KILL || what == TORN || what == POWER, halves = what == TORN || what == FULL;
    if (what == NOTHING || (ends && is_index(path)) || (halves && (!bytes || length < 2))) return 0;
    if ((*from && access(from, F_OK)) || ++counted != when) return 0;
    char said[PATH_MAX];
    int n = snprintf(said, sizeof said, "disk: %s %ld %s %s\n", words[what], when, call, name_of(path));
    if (real_write(2, said, n) != n) abort();
    if (what == FAIL || what == FULL) return 1;
    if (what == TORN && real_pwrite(fd, bytes, length / 2, at) < 0) abort();
    if (what == POWER) take_back();
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

static ssize_t written(const char *call, int fd, const void *bytes, size_t length, off_t at, int seeks) {
    char path[PATH_MAX];
    path_of(fd, path);
    if (!name_of(path)) return seeks ? real_write(fd, bytes, length) : real_pwrite(fd, bytes, length, at);
    pthread_mutex_lock(&one_at_a_time);
    if (seeks) at = lseek(fd, 0, SEEK_CUR);
    ssize_t done = -1;
    if (full_next) {
        full_next = 0;
        errno = ENOSPC;
    } else if (!is_it(call, path, bytes, length, fd, at)) {
        keep(fd, path, at, length);
        done = seeks ? real_write(fd, bytes, length) : real_pwrite(fd, bytes, length, at);
    } else if (what == FULL) {
        full_next = 1;
        done = seeks ? real_write(fd, bytes, length / 2) : real_pwrite(fd, bytes, length / 2, at);
    } else {
        errno = EIO;
    }
    pthread_mutex_unlock(&one_at_a_time);
    return done;
}

static int sync_file(const char *call, int fd, int (*real)(int)) {
    char path[PATH_MAX];
    path_of(fd, path);
    if (!name_of(path)) return real(fd);
    pthread_mutex_lock(&one_at_a_time);
    int done = -1;
    if (is_it(call, path, NULL, 0, fd, 0)) {
        errno = EIO;
    } else if (!(done = real(fd))) {
        synced(path);
    }
    pthread_mutex_unlock(&one_at_a_time);
    return done;
}

ssize_t write(int fd, const void *bytes, size_t length) { return written("write", fd, bytes, length, 0, 1); }
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) { return written("pwrite", fd, bytes, length, at, 0); }
ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t at) { return written("pwrite", fd, bytes, length, at, 0); }
int fsync(int fd) { return sync_file("fsync", fd, real_fsync); }
int fdatasync(int fd) { return sync_file("fsync", fd, real_fdatasync); }

int ftruncate(int fd, off_t size) {
    char path[PATH_MAX];
    path_of(fd, path);
    if (!name_of(path)) return real_ftruncate(fd, size);
    pthread_mutex_lock(&one_at_a_time);
    int done = -1;
    if (is_it("ftruncate", path, NULL, 0, fd, 0)) {
        errno = EIO;
    } else {
        keep(fd, path, size, -1);
        done = real_ftruncate(fd, size);
    }
    pthread_mutex_unlock(&one_at_a_time);
    return done;
}

int ftruncate64(int fd, off_t size) { return ftruncate(fd, size); }

int unlink(const char *path) {
    if (!name_of(path)) return real_unlink(path);
    pthread_mutex_lock(&one_at_a_time);
    int done = -1;
    if (is_it("unlink", path, NULL, 0, -1, 0)) {
        errno = EIO;
    } else {
        done = real_unlink(path);
    }
    pthread_mutex_unlock(&one_at_a_time);
    return done;
}
