#include "deflate_runs.h"

#include <stdlib.h>
#include <string.h>

static bool make_room(acuity_png_buffer *out) {
  size_t capacity = out->capacity < 4096 ? 4096 : out->capacity + out->capacity / 2;
  uint8_t *grown = realloc(out->bytes, capacity);
  if (grown == NULL) return false;
  out->bytes = grown;
  out->capacity = capacity;
  return true;
}

static uint32_t room(const acuity_png_buffer *out) {
  size_t room = out->capacity - out->count;
  return room < UINT32_MAX ? (uint32_t)room : UINT32_MAX;
}

#if __has_include(<isa-l/igzip_lib.h>)
// Intel's ISA-L, which has x86-64's and arm64's vector instructions: a fifth of zlib's time.

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>

bool acuity_deflate_runs(const uint8_t *bytes, size_t count, bool is_last, acuity_png_buffer *out) {
  enum { level = 1, level_bytes = ISAL_DEF_LVL1_SMALL };
  struct isal_zstream *stream = malloc(sizeof *stream + level_bytes);
  if (stream == NULL) return false;
  isal_deflate_init(stream);
  stream->level = level;
  stream->level_buf = (uint8_t *)(stream + 1);
  stream->level_buf_size = level_bytes;
  // Repetitions at a distance of one byte: those further away cost more bits here than what they repeat.
  stream->hist_bits = 1;
  stream->flush = SYNC_FLUSH;
  stream->end_of_stream = is_last;
  stream->next_in = (uint8_t *)(uintptr_t)bytes;
  stream->avail_in = (uint32_t)count;
  bool is_done = false;
  while (!is_done && (room(out) > 0 || make_room(out))) {
    uint32_t before = room(out);
    stream->next_out = out->bytes + out->count;
    stream->avail_out = before;
    if (isal_deflate(stream) != COMP_OK) break;
    out->count += before - stream->avail_out;
    is_done = stream->avail_out > 0;
  }
  free(stream);
  return is_done;
}

uint32_t acuity_adler32(const uint8_t *bytes, size_t count) {
  return isal_adler32(1, bytes, count);
}

uint32_t acuity_crc32(const uint8_t *bytes, size_t count) { return crc32_gzip_refl(0, bytes, count); }

#else

#include <zlib.h>

bool acuity_deflate_runs(const uint8_t *bytes, size_t count, bool is_last, acuity_png_buffer *out) {
  z_stream stream = {0};
  // No header: a raw stream, by windowBits' sign.
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -15, 8, Z_RLE) != Z_OK) return false;
  stream.next_in = (uint8_t *)(uintptr_t)bytes;
  stream.avail_in = (uInt)count;
  bool is_done = false;
  while (!is_done && (room(out) > 0 || make_room(out))) {
    uint32_t before = room(out);
    stream.next_out = out->bytes + out->count;
    stream.avail_out = before;
    int status = deflate(&stream, is_last ? Z_FINISH : Z_SYNC_FLUSH);
    out->count += before - stream.avail_out;
    is_done = status == Z_STREAM_END || stream.avail_out > 0;
  }
  deflateEnd(&stream);
  return is_done;
}

uint32_t acuity_adler32(const uint8_t *bytes, size_t count) {
  return (uint32_t)adler32_z(1, bytes, count);
}

uint32_t acuity_crc32(const uint8_t *bytes, size_t count) {
  return (uint32_t)crc32_z(0, bytes, count);
}

#endif
