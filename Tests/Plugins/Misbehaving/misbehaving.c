/* A plug-in that does wrong on request: an option names the fault. It also complains when an instance of it is
 * called by two threads at a time. */
#include "acuity_plugin.h"

#include <fenv.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const faults[] = {
  "none", "create", "create-silently", "size", "zero-size", "negative-size", "huge-size", "fickle-size",
  "process", "process-silently", "endless-text", "strange-text", "nan", "infinity", "unwritten", "overrun",
  "overrun-above", "overrun-between", "overrun-below", "read-below", "changed-width", "input-overrun",
  "exit", "exit-in-create", "exit-in-size", "fork", "print", "move-in-create", "move-in-size", "move",
  "rounding", NULL};

static const acuity_option options[] = {
  {.name = "fault", .kind = ACUITY_OPTION_CHOICE, .choices = faults, .default_value = "none"},
  {.name = "file", .kind = ACUITY_OPTION_FILE},
};

typedef struct {
  char fault[32];
  int calls;
  atomic_int at_work;
} state;

static int is(const state *s, const char *fault) { return strcmp(s->fault, fault) == 0; }

static void move(void) {
  if (chdir("/") != 0) abort();
}

static int32_t create(const acuity_value *values, void **instance, char *error, size_t capacity) {
  state *s = calloc(1, sizeof *s);
  if (!s) return 1;
  strncpy(s->fault, values[0].text, sizeof s->fault - 1);
  if (is(s, "create")) {
    snprintf(error, capacity, "the model of this plug-in is missing");
    free(s);
    return 3;
  }
  if (is(s, "create-silently")) {
    free(s);
    return -1;
  }
  if (is(s, "exit-in-create")) exit(0);
  if (is(s, "move-in-create")) move();
  *instance = s;
  return 0;
}

static int32_t output_size(
  void *instance, int64_t width, int64_t height, int64_t *to_width, int64_t *to_height, char *error,
  size_t capacity) {
  state *s = instance;
  s->calls++;
  *to_width = width;
  *to_height = height;
  if (is(s, "size")) {
    snprintf(error, capacity, "only square pictures");
    return 1;
  }
  if (is(s, "zero-size")) *to_width = 0;
  if (is(s, "negative-size")) *to_height = -height;
  if (is(s, "huge-size")) *to_width = *to_height = INT64_MAX;
  if (is(s, "exit-in-size")) exit(0);
  if (is(s, "move-in-size")) move();
  if (is(s, "fickle-size")) *to_width = width + s->calls;
  return 0;
}

static int32_t process(
  void *instance, const acuity_picture *input, const acuity_picture *output, char *error, size_t capacity) {
  state *s = instance;
  if (is(s, "exit")) exit(0);
  if (is(s, "move")) move();
  if (is(s, "rounding")) fesetround(FE_UPWARD);
  if (is(s, "fork")) {
    pid_t child = fork();
    if (child == 0) exit(0);
    waitpid(child, NULL, 0);
  }
  if (is(s, "print")) {
    printf("noise\n");
    fflush(stdout);
  }
  if (atomic_fetch_add(&s->at_work, 1) != 0) {
    snprintf(error, capacity, "called by two threads at a time");
    return 9;
  }
  for (int32_t c = 0; c < output->channels; c++)
    for (int64_t y = 0; y < output->height; y++)
      for (int64_t x = 0; x < output->width; x++) {
        int is_last = c == output->channels - 1 && y == output->height - 1 && x == output->width - 1;
        if (is_last && is(s, "unwritten")) continue;
        float value = x < input->width ? input->planes[c][y * input->row_stride + x] : 0;
        if (is_last && is(s, "nan")) value = NAN;
        if (is_last && is(s, "read-below")) value = input->planes[0][input->height * input->row_stride];
        if (is_last && is(s, "infinity")) value = -INFINITY;
        output->planes[c][y * output->row_stride + x] = value;
      }
  atomic_fetch_sub(&s->at_work, 1);
  if (is(s, "overrun")) output->planes[0][output->width] = 1;
  if (is(s, "overrun-above")) output->planes[0][-1] = 1;
  if (is(s, "overrun-between")) output->planes[0][output->height * output->row_stride] = 1;
  if (is(s, "overrun-below")) output->planes[output->channels - 1][output->height * output->row_stride] = 1;
  if (is(s, "input-overrun")) input->planes[0][input->width] = 1;
  if (is(s, "changed-width")) ((acuity_picture *)output)->width -= 1;
  if (is(s, "process")) {
    snprintf(error, capacity, "the picture is too dark at %d,%d", 1, 2);
    return 7;
  }
  if (is(s, "process-silently")) return 7;
  if (is(s, "endless-text")) {
    memset(error, 'a', capacity);
    return 7;
  }
  if (is(s, "strange-text")) {
    snprintf(error, capacity, "red \033[31m\xff\xfe line\nbreak");
    return 7;
  }
  return 0;
}

static const acuity_plugin table = {
  .abi_version = ACUITY_PLUGIN_ABI_VERSION,
  .name = "misbehaving",
  .option_count = 2,
  .options = options,
  .create = create,
  .output_size = output_size,
  .process = process,
  .destroy = free,
};

ACUITY_PLUGIN_EXPORT const acuity_plugin *acuity_plugin_entry(void);

ACUITY_PLUGIN_EXPORT const acuity_plugin *acuity_plugin_entry(void) {
  if (getenv("ACUITY_TEST_MOVE_IN_ENTRY")) move();
  return &table;
}
