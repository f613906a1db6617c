/*
 * Runs a program; then writes to the file named first how many seconds it took and its peak memory in KiB. Small, because Linux
 * charges a process with the memory of the one that it was forked from, and Node is large.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

int main(int count, char **words) {
  if (count < 3) return 2;
  double begun = now();
  pid_t child = fork();
  if (child == 0) {
    execvp(words[2], words + 2);
    perror(words[2]);
    _exit(127);
  }
  int status;
  struct rusage used;
  if (child < 0 || wait4(child, &status, 0, &used) < 0) {
    perror("measure");
    return 1;
  }
  double seconds = now() - begun;
  FILE *out = fopen(words[1], "w");
  if (out == NULL || fprintf(out, "%.6f %ld\n", seconds, used.ru_maxrss) < 0 || fclose(out) != 0) {
    perror(words[1]);
    return 1;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
