/* acuity_plugin.h: the interface between Acuity and an external stage in a shared library.
 *
 * A plug-in is one shared library with one stage. It needs this header and nothing else of Acuity, and may be
 * written in any language that can export a C function:
 *
 *     ACUITY_PLUGIN_EXPORT const acuity_plugin *acuity_plugin_entry(void);
 *
 * The entry returns a table that stays valid and unchanged for the life of the process. Acuity first reads
 * `abi_version`; if it is not ACUITY_PLUGIN_ABI_VERSION, nothing else of the table is touched and the library is
 * refused with both numbers named.
 *
 * Calls. `create` makes an instance for one set of options; `output_size` and `process` are called on it any number
 * of times, for pictures of any size; `destroy` ends it, though not always where the whole process ends. The calls come
 * from any thread, but never two at a time with the same instance; several instances may be at work at once. The same
 * input must give the same output.
 *
 * Results. 0 is success. Anything else fails the picture at hand, and only that: the error text is shown with the
 * file's name. Acuity checks the outcome: an output size that isn't positive, samples that were left unwritten,
 * are NaN or infinite, a changed `width`, `height`, `row_stride`, `channels` or `planes`, and rows written beyond
 * their end are all failures of the plug-in for that picture.
 *
 * A plug-in runs inside the process: a crash in it is a crash of the program. It must not end the process (`exit` is
 * told as an error, `_exit` ends it unseen), nor change its working directory, from which the user's file names start
 * (taken back, and told as an error). What it prints to standard output goes to standard error, since results
 * of the program may leave by the former. The calling thread's floating-point environment, such as its rounding, is
 * taken back after every call. Load only what you trust.
 */
#ifndef ACUITY_PLUGIN_H
#define ACUITY_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Raised whenever a structure or a rule below changes; there is no compatibility between versions. */
#define ACUITY_PLUGIN_ABI_VERSION 1u

/* The name of the entry function. */
#define ACUITY_PLUGIN_ENTRY "acuity_plugin_entry"

#if defined(__GNUC__) || defined(__clang__)
#define ACUITY_PLUGIN_EXPORT __attribute__((visibility("default")))
#else
#define ACUITY_PLUGIN_EXPORT
#endif

/* Kinds of option values. */
enum {
  ACUITY_OPTION_INTEGER = 1, /* minimum...maximum: whole numbers of at most 2^53 in magnitude */
  ACUITY_OPTION_NUMBER = 2,  /* minimum...maximum: finite numbers */
  ACUITY_OPTION_TEXT = 3,    /* any UTF-8 text without NUL */
  ACUITY_OPTION_CHOICE = 4,  /* one of `choices` */
  ACUITY_OPTION_SIZE = 5,    /* WIDTHxHEIGHT in pixels, each 1...1000000 */
  ACUITY_OPTION_FILE = 6     /* a path; Acuity reads it only to tell outputs of its former content apart */
};

/* One row of the option table. */
typedef struct acuity_option {
  const char *name;           /* 1...64 of a-z, 0-9 and '-', beginning with a letter */
  const char *help;           /* one line for people; NULL for none */
  const char *default_value;  /* as the user would type it; NULL for none */
  const char *const *choices; /* CHOICE: NULL-terminated; otherwise NULL */
  double minimum;             /* INTEGER and NUMBER */
  double maximum;             /* INTEGER and NUMBER */
  int32_t kind;
  int32_t is_required; /* 1: the user must set it */
} acuity_option;

/* The value of one option, already checked against its row. */
typedef struct acuity_value {
  const char *text; /* TEXT, CHOICE, FILE; valid during `create` only; otherwise NULL */
  double number;    /* NUMBER; INTEGER too */
  int64_t integer;  /* INTEGER; SIZE: the width */
  int64_t height;   /* SIZE */
  int32_t kind;     /* as in the table */
  int32_t is_set;   /* 0: neither the user nor the default gave a value; the other fields are 0 */
} acuity_value;

/* A picture as float planes: sample (x, y) of channel c is planes[c][y * row_stride + x].
 * One channel is gray, two are gray and alpha, three are R, G, B, four are R, G, B and alpha. Values run from 0 to 1
 * as stored in the file (no colour management, no linear light); output is clipped to that range. Alpha is straight.
 */
typedef struct acuity_picture {
  int64_t width;
  int64_t height;
  int64_t row_stride; /* floats from the start of a row to the start of the next; at least `width` */
  int32_t channels;   /* 1...4; the output has the input's */
  int32_t has_alpha;  /* 1: the last channel is alpha */
  float *planes[4];   /* `channels` of them, then NULL; the input's must not be written to */
} acuity_picture;

/* The plug-in's table. `error` is a buffer of `error_capacity` bytes, at least 256, for UTF-8 text ended by NUL; it
 * arrives as an empty text. */
typedef struct acuity_plugin {
  uint32_t abi_version;         /* ACUITY_PLUGIN_ABI_VERSION */
  uint32_t option_count;        /* rows in `options`, at most 64 */
  const char *name;             /* the stage's name, written like an option's */
  const char *description;      /* one line for people; NULL for none */
  const acuity_option *options; /* NULL if there are none */

  /* Makes an instance: values[i] belongs to options[i]. `*instance` may stay NULL. Required. */
  int32_t (*create)(const acuity_value *values, void **instance, char *error, size_t error_capacity);

  /* The output's size for an input of width x height; must depend on nothing but the instance and these numbers.
   * NULL: the output is as large as the input. */
  int32_t (*output_size)(
    void *instance, int64_t width, int64_t height, int64_t *output_width, int64_t *output_height, char *error,
    size_t error_capacity);

  /* Fills `output`, whose memory and measures Acuity has prepared. Required. */
  int32_t (*process)(
    void *instance, const acuity_picture *input, const acuity_picture *output, char *error,
    size_t error_capacity);

  /* Ends an instance whose `create` succeeded. NULL if there is nothing to do. */
  void (*destroy)(void *instance);
} acuity_plugin;

/* The type of the entry function. */
typedef const acuity_plugin *(*acuity_plugin_entry_function)(void);

#ifdef __cplusplus
}
#endif

#endif
