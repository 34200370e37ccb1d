#include "cpng.h"

#include <png.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "deflate_runs.h"

// Everything that must survive a longjmp lives here, one frame above the one that calls setjmp, whose own locals
// would be indeterminate once changed.
typedef struct {
  jmp_buf jump;
  png_structp png;
  png_infop info;
  int code;
  char *message;
  size_t message_capacity;
  bool tolerant;
  bool has_rows;
  bool has_palette;

  const uint8_t *input;
  size_t input_count;
  size_t input_position;

  acuity_png_buffer *output;
} context;

static void fail(png_structp png, png_const_charp text) {
  context *c = png_get_error_ptr(png);
  if (c->code == ACUITY_PNG_OK) c->code = ACUITY_PNG_CORRUPT;
  snprintf(c->message, c->message_capacity, "%s", text);
  longjmp(c->jump, 1);
}

static void ignore_warning(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

static png_voidp allocate(png_structp png, png_alloc_size_t count) {
  void *bytes = malloc(count);
  if (bytes == NULL) {
    context *c = png_get_mem_ptr(png);
    c->code = ACUITY_PNG_NO_MEMORY;
  }
  return bytes;
}

static void release(png_structp png, png_voidp bytes) {
  (void)png;
  free(bytes);
}

static void read_bytes(png_structp png, png_bytep into, size_t count) {
  context *c = png_get_io_ptr(png);
  if (count > c->input_count - c->input_position) {
    c->code = ACUITY_PNG_TRUNCATED;
    png_error(png, "the file ends inside a chunk");
  }
  memcpy(into, c->input + c->input_position, count);
  c->input_position += count;
}

static bool append(acuity_png_buffer *buffer, const uint8_t *bytes, size_t count) {
  if (count == 0) return true;  // there may be no memory yet, and memcpy takes no null pointer
  if (count > buffer->capacity - buffer->count) {
    size_t capacity = buffer->capacity < 65536 ? 65536 : buffer->capacity;
    while (count > capacity - buffer->count) {
      if (capacity > SIZE_MAX / 2) return false;
      capacity += capacity / 2;
    }
    uint8_t *grown = realloc(buffer->bytes, capacity);
    if (grown == NULL) return false;
    buffer->bytes = grown;
    buffer->capacity = capacity;
  }
  memcpy(buffer->bytes + buffer->count, bytes, count);
  buffer->count += count;
  return true;
}

static void write_bytes(png_structp png, png_bytep bytes, size_t count) {
  context *c = png_get_io_ptr(png);
  if (!append(c->output, bytes, count)) {
    c->code = ACUITY_PNG_NO_MEMORY;
    png_error(png, "out of memory");
  }
}

static void flush(png_structp png) { (void)png; }

static bool is_little_endian(void) {
  const uint16_t one = 1;
  uint8_t first;
  memcpy(&first, &one, 1);
  return first == 1;
}

void acuity_png_free(acuity_png_buffer *buffer) {
  free(buffer->bytes);
  *buffer = (acuity_png_buffer){0};
}

// MARK: Decoding

// Every chunk but the pixels' own is skipped by libpng (its CRC is still checked): less of libpng meets untrusted
// bytes, and neither gamma nor a profile can change a sample.
static void skip_ancillary_chunks(png_structp png) {
  static const png_byte transparency[5] = {'t', 'R', 'N', 'S', 0};
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_AS_DEFAULT, transparency, 1);
}

// The palette's colours for the indices, which stand behind one another at the end of the pixels: from the first to
// the last a colour never reaches an index that is still to come. libpng's own expansion lets an index beyond the
// palette pass.
static void expand_palette(png_structp png, png_infop info, acuity_png_layout layout, uint8_t *pixels) {
  png_colorp palette = NULL;
  png_bytep alphas = NULL;
  int color_count = 0;
  int alpha_count = 0;
  png_get_PLTE(png, info, &palette, &color_count);
  png_get_tRNS(png, info, &alphas, &alpha_count, NULL);
  size_t count = (size_t)layout.width * layout.height;
  size_t channels = (size_t)layout.channels;
  const uint8_t *indices = pixels + count * (channels - 1);
  context *c = png_get_error_ptr(png);
  for (size_t i = 0; i < count; i++) {
    int index = indices[i];
    uint8_t *pixel = pixels + i * channels;
    if (index >= color_count) {
      if (!c->tolerant) {
        snprintf(c->message, c->message_capacity, "a pixel with colour %d of %d", index, color_count);
        c->code = ACUITY_PNG_CORRUPT;
        longjmp(c->jump, 1);
      }
      memset(pixel, 0, channels);
      continue;
    }
    png_color color = palette[index];
    pixel[0] = color.red;
    pixel[1] = color.green;
    pixel[2] = color.blue;
    if (channels == 4) pixel[3] = index < alpha_count ? alphas[index] : 255;
  }
}

static void decode(png_structp png, png_infop info, acuity_png_layout layout, uint8_t *pixels) {
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_chunk_malloc_max(png, 0);  // nothing is stored from a chunk but PLTE and tRNS, which are small
  context *c = png_get_error_ptr(png);
  int on_mismatch = c->tolerant ? PNG_CRC_QUIET_USE : PNG_CRC_ERROR_QUIT;
  png_set_crc_action(png, on_mismatch, on_mismatch);
  png_set_benign_errors(png, c->tolerant);
  // libpng takes bytes in blocks, and loses the last one of a file that is cut inside it.
  if (c->tolerant) png_set_compression_buffer_size(png, 64);
  skip_ancillary_chunks(png);
  png_read_info(png, info);

  c->has_palette = png_get_color_type(png, info) == PNG_COLOR_TYPE_PALETTE;
  if (c->has_palette) {
    png_set_packing(png);  // 1, 2 and 4 bits to 8
  } else {
    png_set_expand(png);  // 1, 2 and 4 bits to 8, tRNS to alpha
  }
  if (is_little_endian()) png_set_swap(png);
  int passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);

  bool has_alpha = png_get_valid(png, info, PNG_INFO_tRNS) != 0;
  int channels = c->has_palette ? 1 : layout.channels;
  size_t row_bytes = (size_t)layout.width * (size_t)channels * (size_t)(layout.depth / 8);
  if (png_get_image_width(png, info) != layout.width || png_get_image_height(png, info) != layout.height ||
      png_get_channels(png, info) != channels || png_get_bit_depth(png, info) != layout.depth ||
      png_get_rowbytes(png, info) != row_bytes || (c->has_palette && layout.channels != (has_alpha ? 4 : 3))) {
    png_error(png, "the chunks disagree about the picture's layout");
  }
  uint8_t *rows = pixels + (size_t)layout.width * layout.height * (size_t)(layout.channels - channels);
  if (c->tolerant) memset(rows, 0, row_bytes * layout.height);
  c->has_rows = true;
  for (int pass = 0; pass < passes; pass++) {
    for (size_t y = 0; y < layout.height; y++) png_read_row(png, rows + y * row_bytes, NULL);
  }
  png_read_end(png, NULL);
}

static void decode_guarded(context *c, acuity_png_layout layout, uint8_t *pixels) {
  if (setjmp(c->jump) != 0) {
    if (!c->tolerant || !c->has_rows || c->code == ACUITY_PNG_NO_MEMORY) return;
    c->code = ACUITY_PNG_OK;
    if (c->has_palette) expand_palette(c->png, c->info, layout, pixels);
    return;
  }
  c->png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, c, fail, ignore_warning, c, allocate, release);
  if (c->png != NULL) c->info = png_create_info_struct(c->png);
  if (c->info == NULL) {
    c->code = ACUITY_PNG_NO_MEMORY;
    return;
  }
  png_set_read_fn(c->png, c, read_bytes);
  decode(c->png, c->info, layout, pixels);
  if (c->has_palette) expand_palette(c->png, c->info, layout, pixels);
}

int acuity_png_decode(
    const uint8_t *bytes, size_t count, acuity_png_layout layout, int tolerant, void *pixels, char *message,
    size_t message_capacity) {
  context c = {
      .message = message, .message_capacity = message_capacity, .tolerant = tolerant != 0, .input = bytes,
      .input_count = count};
  decode_guarded(&c, layout, pixels);
  if (c.png != NULL) png_destroy_read_struct(&c.png, c.info != NULL ? &c.info : NULL, NULL);
  return c.code;
}

// MARK: Encoding

static void write_chunks(png_structp png, const uint8_t *chunks, size_t count) {
  size_t position = 0;
  while (count - position >= 8) {
    const uint8_t *chunk = chunks + position;
    size_t length = png_get_uint_32(chunk);
    if (length > count - position - 8) break;
    png_write_chunk(png, chunk + 4, chunk + 8, length);
    position += 8 + length;
  }
}

// Some rows of a picture: a chunk of the file with a piece of the zlib stream of its pixels. One behind the other the pieces
// are the stream, but for its checksum.
typedef struct {
  acuity_png_buffer chunk;
  // Bytes of the filtered rows, and their checksum.
  size_t length;
  uint32_t adler;
  // Rows that were read for it, behind the one above them: as long as it is not known whether pieces are wanted.
  uint8_t *rows_read;
} piece;

// What is written, and how: rows of a picture, or the frame of pieces that are there already.
typedef struct {
  const uint8_t *pixels;
  acuity_png_layout layout;
  const uint8_t *chunks;
  size_t chunks_count;
  int level;
  acuity_png_rows rows;
  const acuity_png_pieces *pieces;
  // Where the pieces belong.
  size_t front;
} job;

struct acuity_png_pieces {
  acuity_png_layout layout;
  uint32_t rows;
  size_t count;
  piece parts[];
};

static uint32_t row_count(acuity_png_rows rows) { return rows.bands * rows.band_rows; }

static acuity_png_rows all_rows(acuity_png_layout layout) {
  return (acuity_png_rows){.bands = 1, .band_rows = layout.height, .band_distance = layout.height};
}

static size_t pixel_bytes(acuity_png_layout layout) {
  return (size_t)layout.channels * (size_t)(layout.depth / 8);
}

static size_t row_bytes(acuity_png_layout layout) { return layout.width * pixel_bytes(layout); }

// The picture's row that is row `i` of some of its rows.
static const uint8_t *row_of(const job *j, uint32_t i) {
  size_t y = (size_t)(i / j->rows.band_rows) * j->rows.band_distance + i % j->rows.band_rows;
  return j->pixels + y * row_bytes(j->layout);
}

static void write_trailer(png_structp png, const acuity_png_pieces *pieces) {
  static const png_byte data[5] = {'I', 'D', 'A', 'T', 0};
  static const png_byte end[5] = {'I', 'E', 'N', 'D', 0};
  uLong checksum = adler32(0, NULL, 0);
  for (size_t i = 0; i < pieces->count; i++) {
    checksum = adler32_combine(checksum, pieces->parts[i].adler, (z_off_t)pieces->parts[i].length);
  }
  png_byte trailer[4];
  png_save_uint_32(trailer, (png_uint_32)checksum);
  png_write_chunk(png, data, trailer, sizeof trailer);
  png_write_chunk(png, end, NULL, 0);
}

static void encode(png_structp png, png_infop info, job *j) {
  static const int color_types[5] = {
      0, PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_RGB_ALPHA};
  acuity_png_layout layout = j->layout;
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_IHDR(
      png, info, layout.width, row_count(j->rows), layout.depth, color_types[layout.channels], PNG_INTERLACE_NONE,
      PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_set_filter(png, PNG_FILTER_TYPE_BASE, j->level == 0 ? PNG_FILTER_NONE : PNG_ALL_FILTERS);
  png_set_compression_level(png, j->level);
  png_set_compression_strategy(png, Z_DEFAULT_STRATEGY);
  png_set_compression_buffer_size(png, 1 << 16);
  png_write_info(png, info);
  write_chunks(png, j->chunks, j->chunks_count);
  if (j->pieces != NULL) {
    context *c = png_get_error_ptr(png);
    j->front = c->output->count;
    write_trailer(png, j->pieces);
    return;
  }
  if (layout.depth == 16 && is_little_endian()) png_set_swap(png);

  for (uint32_t i = 0; i < row_count(j->rows); i++) png_write_row(png, row_of(j, i));
  png_write_end(png, info);
}

static void encode_guarded(context *c, job *j) {
  if (setjmp(c->jump) != 0) return;
  c->png = png_create_write_struct_2(PNG_LIBPNG_VER_STRING, c, fail, ignore_warning, c, allocate, release);
  if (c->png != NULL) c->info = png_create_info_struct(c->png);
  if (c->info == NULL) {
    c->code = ACUITY_PNG_NO_MEMORY;
    return;
  }
  png_set_write_fn(c->png, c, write_bytes, flush);
  encode(c->png, c->info, j);
}

static int run(job *j, acuity_png_buffer *out, char *message, size_t capacity) {
  context c = {.message = message, .message_capacity = capacity, .output = out};
  encode_guarded(&c, j);
  if (c.png != NULL) png_destroy_write_struct(&c.png, c.info != NULL ? &c.info : NULL);
  if (c.code != ACUITY_PNG_OK) acuity_png_free(out);
  return c.code;
}

int acuity_png_encode(
    const void *pixels, acuity_png_layout layout, int level, const uint8_t *chunks, size_t chunks_count,
    acuity_png_buffer *out, char *message, size_t message_capacity) {
  job whole = {
      .pixels = pixels, .layout = layout, .chunks = chunks, .chunks_count = chunks_count, .level = level,
      .rows = all_rows(layout)};
  return run(&whole, out, message, message_capacity);
}

// MARK: Encoding in pieces

static int16_t magnitude(int16_t value) { return value < 0 ? -value : value; }

// A row as the difference from Paeth's predictor (PNG, section 9.4): as libpng does it, in a form that compilers make
// vectors of sixteen bits of, eight times as fast.
static inline __attribute__((always_inline)) void predict_row(
    const uint8_t *restrict row, const uint8_t *restrict above, uint8_t *restrict target, size_t count,
    size_t distance) {
  for (size_t i = 0; i < distance; i++) target[i] = (uint8_t)(row[i] - above[i]);
  for (size_t i = distance; i < count; i++) {
    int16_t left = row[i - distance], up = above[i], corner = above[i - distance];
    int16_t across = left - corner, down = up - corner, both = across + down;
    int16_t to_left = magnitude(down), to_up = magnitude(across), to_corner = magnitude(both);
    int16_t nearest_above = to_up <= to_corner ? up : corner;
    int16_t to_nearest_above = to_up <= to_corner ? to_up : to_corner;
    target[i] = (uint8_t)(row[i] - (to_left <= to_nearest_above ? left : nearest_above));
  }
}

#if defined(__x86_64__)

__attribute__((target("avx512bw"))) static void predict_avx512(
    const uint8_t *restrict row, const uint8_t *restrict above, uint8_t *restrict target, size_t count,
    size_t distance) {
  predict_row(row, above, target, count, distance);
}

__attribute__((target("avx2"))) static void predict_avx2(
    const uint8_t *restrict row, const uint8_t *restrict above, uint8_t *restrict target, size_t count,
    size_t distance) {
  predict_row(row, above, target, count, distance);
}

#endif

int acuity_png_vector_bits(void) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512bw")) return 512;
  if (__builtin_cpu_supports("avx2")) return 256;
#endif
  return 128;
}

void acuity_png_predict(
    int vector_bits, const uint8_t *row, const uint8_t *above, uint8_t *target, size_t count, size_t distance) {
  switch (vector_bits) {
#if defined(__x86_64__)
    case 512: predict_avx512(row, above, target, count, distance); return;
    case 256: predict_avx2(row, above, target, count, distance); return;
#endif
    default: predict_row(row, above, target, count, distance);
  }
}

// A row in the file's order of bytes.
static const uint8_t *ordered(const uint8_t *row, uint8_t *room, size_t count, acuity_png_layout layout) {
  if (layout.depth != 16 || !is_little_endian()) return row;
  for (size_t i = 0; i < count; i += 2) {
    room[i] = row[i + 1];
    room[i + 1] = row[i];
  }
  return room;
}

// Memory to deflate pieces of up to `rows` rows in: two rows in the file's order of bytes; then, for each row, the filter's
// number and what it makes of it.
static uint8_t *make_scratch(acuity_png_layout layout, uint32_t rows) {
  return malloc(2 * row_bytes(layout) + rows * (row_bytes(layout) + 1));
}

// Interpolated photographs hardly repeat a string of bytes: without the search for repetitions the file is of about the
// same size, and written twenty times as fast. Drawings and screenshots need the search.
//
// Filters and deflates `count` rows, as a chunk. The stream's first piece has no row above it.
static bool deflate_piece(
    const uint8_t *above, const uint8_t *rows, uint32_t count, bool is_last, acuity_png_layout layout,
    uint8_t *scratch, piece *part) {
  enum { length_bytes = 4, type_bytes = 4, checksum_bytes = 4 };
  static const uint8_t start[] = {0, 0, 0, 0, 'I', 'D', 'A', 'T', 0x78, 0x9c};  // zlib's usual window and level
  size_t start_bytes = above == NULL ? sizeof start : length_bytes + type_bytes;

  size_t width = row_bytes(layout);
  uint8_t *filtered = scratch + 2 * width;
  if (above != NULL) {
    above = ordered(above, scratch + width, width, layout);
  } else {
    memset(scratch + width, 0, width);
    above = scratch + width;
  }
  int vector_bits = acuity_png_vector_bits();
  for (uint32_t i = 0; i < count; i++) {
    const uint8_t *row = ordered(rows + i * width, scratch + (i % 2) * width, width, layout);
    uint8_t *target = filtered + i * (width + 1);
    target[0] = PNG_FILTER_VALUE_PAETH;
    acuity_png_predict(vector_bits, row, above, target + 1, width, pixel_bytes(layout));
    above = row;
  }

  size_t length = count * (width + 1);
  part->length = length;
  part->adler = acuity_adler32(filtered, length);
  size_t room = length / 2 + 1024;
  acuity_png_buffer chunk = {.bytes = malloc(room), .capacity = room};
  if (chunk.bytes == NULL) return false;
  append(&chunk, start, start_bytes);
  if (!acuity_deflate_runs(filtered, length, is_last, &chunk)) {
    acuity_png_free(&chunk);
    return false;
  }
  size_t data_bytes = chunk.count - length_bytes - type_bytes;
  png_save_uint_32(chunk.bytes, (png_uint_32)data_bytes);
  png_byte checksum[checksum_bytes];
  png_save_uint_32(checksum, acuity_crc32(chunk.bytes + length_bytes, type_bytes + data_bytes));
  uint8_t *fitted = realloc(chunk.bytes, chunk.count + checksum_bytes);
  if (fitted == NULL) {
    acuity_png_free(&chunk);
    return false;
  }
  chunk = (acuity_png_buffer){.bytes = fitted, .count = chunk.count, .capacity = chunk.count + checksum_bytes};
  append(&chunk, checksum, checksum_bytes);
  part->chunk = chunk;
  return true;
}

// Rows of a piece of about 256 KB of filtered bytes: the same for any number of threads, as the file's bytes are.
static uint32_t rows_of_a_piece(acuity_png_layout layout) {
  enum { piece_bytes = 1 << 18 };
  size_t filtered_bytes = row_bytes(layout) + 1;
  return filtered_bytes < piece_bytes ? (uint32_t)(piece_bytes / filtered_bytes) : 1;
}

acuity_png_rows acuity_png_sample(acuity_png_layout layout) {
  enum { bands = 3, sample_bytes = 96 << 10, least_rows = 8 };
  size_t band_rows = sample_bytes / bands / row_bytes(layout);
  if (band_rows < least_rows) band_rows = least_rows;
  if (band_rows * bands >= layout.height) return all_rows(layout);
  return (acuity_png_rows){
      .bands = bands, .band_rows = (uint32_t)band_rows,
      .band_distance = (layout.height - (uint32_t)band_rows) / (bands - 1)};
}

// Whether these rows, as if they were a picture, get a fifth smaller by a search for repetitions, be it in haste.
static int ask_for_search(job *sample, int *answer, char *message, size_t message_capacity) {
  size_t plain = 49;  // the file's frame and the stream's checksum
  uint32_t piece_rows = rows_of_a_piece(sample->layout);
  uint32_t count = row_count(sample->rows);
  uint8_t *scratch = make_scratch(sample->layout, piece_rows);
  int code = scratch == NULL ? ACUITY_PNG_NO_MEMORY : ACUITY_PNG_OK;
  for (uint32_t i = 0; i < count && code == ACUITY_PNG_OK;) {
    uint32_t left = sample->rows.band_rows - i % sample->rows.band_rows;
    uint32_t rows = left < piece_rows ? left : piece_rows;
    piece part = {0};
    const uint8_t *above = i > 0 ? row_of(sample, i - 1) : NULL;
    if (!deflate_piece(above, row_of(sample, i), rows, i + rows == count, sample->layout, scratch, &part)) {
      code = ACUITY_PNG_NO_MEMORY;
    }
    plain += part.chunk.count;
    acuity_png_free(&part.chunk);
    i += rows;
  }
  free(scratch);
  acuity_png_buffer searched = {0};
  if (code == ACUITY_PNG_OK) code = run(sample, &searched, message, message_capacity);
  // By so much, for it takes as long as the network takes for a seventh of the picture.
  *answer = searched.count < plain - plain / 5;
  acuity_png_free(&searched);
  return code;
}

// Pieces that several threads take, one after the other.
typedef struct {
  acuity_png_source source;
  acuity_png_pieces *pieces;
  // Held while the next rows are taken.
  pthread_mutex_t taking;
  size_t next;
  // The last row that was read.
  uint8_t *above;
  // Not ACUITY_PNG_OK, or nobody wants them: no more pieces are taken.
  atomic_int code;
  atomic_bool is_unwanted;
  // Whether it is not known yet if they are wanted: then the rows may be needed once more.
  atomic_bool is_undecided;
} share;

static uint32_t rows_of(const acuity_png_pieces *pieces, size_t index) {
  uint32_t left = pieces->layout.height - (uint32_t)index * pieces->rows;
  return left < pieces->rows ? left : pieces->rows;
}

// The rows of the next piece, with the one above them, but for the first, right before them; if they are read, into `room`.
// NULL if there are no more.
static const uint8_t *take_rows(share *s, uint8_t **room, size_t *index) {
  acuity_png_layout layout = s->pieces->layout;
  size_t width = row_bytes(layout);
  *index = s->next;
  if (s->next == s->pieces->count) return NULL;
  if (s->source.pixels != NULL) {
    return (const uint8_t *)s->source.pixels + s->next++ * s->pieces->rows * width;
  }
  if (*room == NULL) *room = malloc((s->pieces->rows + 1) * width);
  if (*room == NULL) {
    atomic_store(&s->code, ACUITY_PNG_NO_MEMORY);
    return NULL;
  }
  size_t count = rows_of(s->pieces, s->next);
  memcpy(*room, s->above, width);
  if (!s->source.read(s->source.context, *room + width, count * width)) {
    atomic_store(&s->code, ACUITY_PNG_TRUNCATED);
    return NULL;
  }
  memcpy(s->above, *room + count * width, width);
  s->next++;
  return *room + width;
}

static void *deflate_share(void *argument) {
  share *s = argument;
  acuity_png_layout layout = s->pieces->layout;
  uint8_t *scratch = make_scratch(layout, s->pieces->rows);
  if (scratch == NULL) atomic_store(&s->code, ACUITY_PNG_NO_MEMORY);
  uint8_t *room = NULL;
  while (atomic_load(&s->code) == ACUITY_PNG_OK && !atomic_load(&s->is_unwanted)) {
    size_t i;
    pthread_mutex_lock(&s->taking);
    const uint8_t *rows = take_rows(s, &room, &i);
    pthread_mutex_unlock(&s->taking);
    if (rows == NULL) break;
    const uint8_t *above = i > 0 ? rows - row_bytes(layout) : NULL;
    bool is_last = i + 1 == s->pieces->count;
    piece *part = &s->pieces->parts[i];
    if (!deflate_piece(above, rows, rows_of(s->pieces, i), is_last, layout, scratch, part)) {
      atomic_store(&s->code, ACUITY_PNG_NO_MEMORY);
    }
    if (room != NULL && (atomic_load(&s->is_undecided) || atomic_load(&s->is_unwanted))) {
      part->rows_read = room;
      room = NULL;
    }
  }
  free(room);
  free(scratch);
  return NULL;
}

// This thread does what the others leave, and all where the system has no other thread for us. (libdispatch waits for
// one for as long as it takes.) While they begin it asks whether the pieces are wanted at all, if there is a sample to ask with.
static int deflate_pieces(
    share *s, size_t threads, job *sample, int *prefers_search, char *message, size_t capacity) {
  enum { most_threads = 4, least_rows = 16, stack_bytes = 256 << 10 };
  if (threads > most_threads) threads = most_threads;
  // Each has some rows of its own, which must be little beside the picture.
  if (threads > s->pieces->layout.height / least_rows) threads = s->pieces->layout.height / least_rows;
  if (threads > s->pieces->count) threads = s->pieces->count;
  pthread_t others[most_threads];
  size_t other_count = 0;
  pthread_attr_t attributes;
  if (threads > 1 && pthread_attr_init(&attributes) == 0) {
    pthread_attr_setstacksize(&attributes, stack_bytes);
    while (other_count + 1 < threads &&
           pthread_create(&others[other_count], &attributes, deflate_share, s) == 0) {
      other_count++;
    }
    pthread_attr_destroy(&attributes);
  }
  if (sample != NULL) {
    int code = ask_for_search(sample, prefers_search, message, capacity);
    if (code != ACUITY_PNG_OK) atomic_store(&s->code, code);
    // In this order: rows are kept until they are not needed any more.
    if (*prefers_search) atomic_store(&s->is_unwanted, true);
    atomic_store(&s->is_undecided, false);
  }
  deflate_share(s);
  for (size_t i = 0; i < other_count; i++) pthread_join(others[i], NULL);
  return atomic_load(&s->code);
}

// The sample's rows one behind the other, if they have to be read.
static int read_sample(const acuity_png_source *source, job *sample, uint8_t **room) {
  if (source->pixels != NULL) return ACUITY_PNG_OK;
  size_t count = row_count(sample->rows) * row_bytes(sample->layout);
  *room = malloc(count);
  if (*room == NULL) return ACUITY_PNG_NO_MEMORY;
  sample->pixels = *room;
  sample->rows.band_distance = sample->rows.band_rows;
  return source->read(source->context, *room, count) ? ACUITY_PNG_OK : ACUITY_PNG_TRUNCATED;
}

int acuity_png_make_pieces(
    acuity_png_source source, acuity_png_layout layout, int threads, int *prefers_search, acuity_png_pieces **out,
    char *message, size_t message_capacity) {
  uint32_t rows = rows_of_a_piece(layout);
  size_t count = (layout.height - 1) / rows + 1;
  acuity_png_pieces *pieces = calloc(1, sizeof *pieces + count * sizeof pieces->parts[0]);
  if (pieces == NULL) return ACUITY_PNG_NO_MEMORY;
  pieces->layout = layout;
  pieces->rows = rows;
  pieces->count = count;
  *out = pieces;

  job sample = {.pixels = source.pixels, .layout = layout, .level = 1, .rows = acuity_png_sample(layout)};
  uint8_t *sampled = NULL;
  share s = {
      .source = source, .pieces = pieces, .taking = PTHREAD_MUTEX_INITIALIZER,
      .above = source.pixels == NULL ? calloc(1, row_bytes(layout)) : NULL,
      .is_undecided = prefers_search != NULL};
  bool has_room = source.pixels != NULL || s.above != NULL;
  int code = has_room ? read_sample(&source, &sample, &sampled) : ACUITY_PNG_NO_MEMORY;
  if (code == ACUITY_PNG_OK) {
    code = deflate_pieces(
        &s, threads > 1 ? (size_t)threads : 1, prefers_search != NULL ? &sample : NULL, prefers_search, message,
        message_capacity);
  }
  free(sampled);
  free(s.above);
  return code;
}

size_t acuity_png_rows_read(const acuity_png_pieces *pieces, void *pixels) {
  size_t width = row_bytes(pieces->layout);
  size_t copied = 0;
  for (size_t i = 0; i < pieces->count && pieces->parts[i].rows_read != NULL; i++) {
    size_t count = rows_of(pieces, i) * width;
    memcpy((uint8_t *)pixels + copied, pieces->parts[i].rows_read + width, count);
    copied += count;
  }
  return copied;
}

int acuity_png_frame(
    const acuity_png_pieces *pieces, const uint8_t *chunks, size_t chunks_count, acuity_png_buffer *out,
    size_t *front, char *message, size_t message_capacity) {
  job frame = {
      .layout = pieces->layout, .chunks = chunks, .chunks_count = chunks_count, .level = 6,
      .rows = all_rows(pieces->layout), .pieces = pieces};
  int code = run(&frame, out, message, message_capacity);
  *front = frame.front;
  return code;
}

size_t acuity_png_piece_count(const acuity_png_pieces *pieces) { return pieces->count; }

const uint8_t *acuity_png_piece(const acuity_png_pieces *pieces, size_t index, size_t *count) {
  *count = pieces->parts[index].chunk.count;
  return pieces->parts[index].chunk.bytes;
}

void acuity_png_free_pieces(acuity_png_pieces *pieces) {
  for (size_t i = 0; pieces != NULL && i < pieces->count; i++) {
    acuity_png_free(&pieces->parts[i].chunk);
    free(pieces->parts[i].rows_read);
  }
  free(pieces);
}

// MARK: zlib

int acuity_zlib_inflate(const uint8_t *bytes, size_t count, size_t limit, acuity_png_buffer *out) {
  if (count > UINT32_MAX) return ACUITY_PNG_TOO_LARGE;
  z_stream stream = {0};
  if (inflateInit(&stream) != Z_OK) return ACUITY_PNG_NO_MEMORY;
  stream.next_in = (uint8_t *)(uintptr_t)bytes;
  stream.avail_in = (uInt)count;

  uint8_t block[16384];
  int code = ACUITY_PNG_OK;
  int status = Z_OK;
  while (code == ACUITY_PNG_OK && status != Z_STREAM_END) {
    stream.next_out = block;
    stream.avail_out = sizeof block;
    status = inflate(&stream, Z_NO_FLUSH);
    size_t produced = sizeof block - stream.avail_out;
    if (status == Z_MEM_ERROR) {
      code = ACUITY_PNG_NO_MEMORY;
    } else if (status != Z_OK && status != Z_STREAM_END) {
      code = status == Z_BUF_ERROR ? ACUITY_PNG_TRUNCATED : ACUITY_PNG_CORRUPT;
    } else if (produced > limit - out->count) {
      code = ACUITY_PNG_TOO_LARGE;
    } else if (!append(out, block, produced)) {
      code = ACUITY_PNG_NO_MEMORY;
    }
  }
  inflateEnd(&stream);
  if (code != ACUITY_PNG_OK) acuity_png_free(out);
  return code;
}

int acuity_zlib_deflate(const uint8_t *bytes, size_t count, int level, acuity_png_buffer *out) {
  if (count > UINT32_MAX / 2) return ACUITY_PNG_TOO_LARGE;
  uLongf length = compressBound((uLong)count);
  out->bytes = malloc(length);
  if (out->bytes == NULL) return ACUITY_PNG_NO_MEMORY;
  out->capacity = length;
  if (compress2(out->bytes, &length, bytes, (uLong)count, level) != Z_OK) {
    acuity_png_free(out);
    return ACUITY_PNG_NO_MEMORY;
  }
  out->count = length;
  return ACUITY_PNG_OK;
}
