/* An example of a plug-in in C: a stage `vignette` that darkens a picture towards its corners.
 *
 *     cc -std=c11 -O2 -shared -fPIC -I DIRECTORY_OF_acuity_plugin.h vignette.c -o vignette.so
 *     acuity run job.yaml --plugin ./vignette.so
 */
#include "acuity_plugin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  float strength;
  int square;
} vignette;

static const char *const shapes[] = {"round", "square", NULL};

static const acuity_option options[] = {
  {.name = "strength", .kind = ACUITY_OPTION_NUMBER, .minimum = 0, .maximum = 1, .default_value = "0.5",
   .help = "how much darker the corners become"},
  {.name = "shape", .kind = ACUITY_OPTION_CHOICE, .choices = shapes, .default_value = "round",
   .help = "whether the darkening follows a circle or the frame"},
};

static int32_t create(const acuity_value *values, void **instance, char *error, size_t error_capacity) {
  vignette *v = malloc(sizeof *v);
  if (!v) {
    snprintf(error, error_capacity, "out of memory");
    return 1;
  }
  v->strength = (float)values[0].number;
  v->square = strcmp(values[1].text, "square") == 0;
  *instance = v;
  return 0;
}

static int32_t process(
  void *instance, const acuity_picture *input, const acuity_picture *output, char *error, size_t error_capacity) {
  const vignette *v = instance;
  (void)error;
  (void)error_capacity;
  for (int32_t c = 0; c < input->channels; c++) {
    int is_alpha = input->has_alpha && c == input->channels - 1;
    for (int64_t y = 0; y < input->height; y++) {
      const float *from = input->planes[c] + y * input->row_stride;
      float *to = output->planes[c] + y * output->row_stride;
      /* -1...1 from edge to edge; a single row or column lies in the middle. */
      float v_y = input->height > 1 ? 2.0f * (float)y / (float)(input->height - 1) - 1 : 0;
      for (int64_t x = 0; x < input->width; x++) {
        float v_x = input->width > 1 ? 2.0f * (float)x / (float)(input->width - 1) - 1 : 0;
        float xx = v_x * v_x, yy = v_y * v_y;
        float distance = v->square ? (xx > yy ? xx : yy) : (xx + yy) / 2;
        to[x] = is_alpha ? from[x] : from[x] * (1 - v->strength * distance);
      }
    }
  }
  return 0;
}

static const acuity_plugin table = {
  .abi_version = ACUITY_PLUGIN_ABI_VERSION,
  .name = "vignette",
  .description = "Darken towards the corners (an example in C)",
  .option_count = sizeof options / sizeof options[0],
  .options = options,
  .create = create,
  .process = process,
  .destroy = free,
};

ACUITY_PLUGIN_EXPORT const acuity_plugin *acuity_plugin_entry(void);

ACUITY_PLUGIN_EXPORT const acuity_plugin *acuity_plugin_entry(void) { return &table; }
