/// PNG pixels in and out, and zlib, as plain functions.
///
/// All calls of libpng, its callbacks and setjmp/longjmp stay inside cpng.c: no C frame of libpng ever has a Swift
/// frame below it. Chunks that are no pixels (profile, EXIF, XMP, resolution) are not libpng's business here: the
/// caller walks and builds them itself.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
  ACUITY_PNG_OK = 0,
  ACUITY_PNG_CORRUPT = 1,
  ACUITY_PNG_TRUNCATED = 2,
  ACUITY_PNG_NO_MEMORY = 3,
  ACUITY_PNG_TOO_LARGE = 4,
};

/// Bytes that a function has written; give them back with `acuity_png_free`.
typedef struct {
  uint8_t *_Nullable bytes;
  size_t count;
  size_t capacity;
} acuity_png_buffer;

/// Interleaved samples without padding, 8 bits or 16 bits in the machine's byte order.
typedef struct {
  uint32_t width;
  uint32_t height;
  /// 1 gray, 2 gray and alpha, 3 RGB, 4 RGBA.
  int channels;
  /// Bits per sample: 8 or 16.
  int depth;
} acuity_png_layout;

void acuity_png_free(acuity_png_buffer *_Nonnull buffer);

/// Decodes the still (default) image into `pixels`, which holds width * height * channels * depth / 8 bytes of
/// exactly the layout that `layout` names. A file whose own layout differs is corrupt.
/// \param tolerant takes checksums that are wrong, and the rows that come before damage or the file's end; the others
///   are zeros.
/// \param message receives a NUL-terminated reason when the result is not ACUITY_PNG_OK.
int acuity_png_decode(
    const uint8_t *_Nonnull bytes, size_t count, acuity_png_layout layout, int tolerant, void *_Nonnull pixels,
    char *_Nonnull message, size_t message_capacity);

/// Encodes `pixels` by libpng's filters and zlib's search for repetitions.
/// \param level zlib's compression level, 0...9.
/// \param chunks chunks to write between IHDR and IDAT, each as 4 bytes length (big-endian), 4 bytes type, data.
int acuity_png_encode(
    const void *_Nonnull pixels, acuity_png_layout layout, int level, const uint8_t *_Nullable chunks,
    size_t chunks_count, acuity_png_buffer *_Nonnull out, char *_Nonnull message, size_t message_capacity);

/// Filtered and deflated rows on their way into a file; give them back with `acuity_png_free_pieces`.
typedef struct acuity_png_pieces acuity_png_pieces;

/// Deflates `pixels` without a search for repetitions, in pieces of rows side by side. No row may have more than a
/// gigabyte.
/// \param threads to use if the system has them; the file does not depend on it.
/// \param prefers_search if it is not null: whether a sample of the rows gets a fifth smaller by `acuity_png_encode`, be it in
///   haste. Then the pieces are not all there.
int acuity_png_make_pieces(
    const void *_Nonnull pixels, acuity_png_layout layout, int threads, int *_Nullable prefers_search,
    acuity_png_pieces *_Nullable *_Nonnull pieces, char *_Nonnull message, size_t message_capacity);

/// Bytes that a file of these pieces takes at most.
/// \param chunks_count bytes of chunks beside the pixels.
size_t acuity_png_file_bound(const acuity_png_pieces *_Nonnull pieces, size_t chunks_count);

/// Writes the file, once, into memory of `acuity_png_file_bound` bytes.
/// \param chunks as of `acuity_png_encode`.
int acuity_png_write_pieces(
    acuity_png_pieces *_Nonnull pieces, const uint8_t *_Nullable chunks, size_t chunks_count,
    uint8_t *_Nonnull bytes, size_t *_Nonnull count, char *_Nonnull message, size_t message_capacity);

void acuity_png_free_pieces(acuity_png_pieces *_Nullable pieces);

/// Inflates a zlib stream of at most `limit` bytes; a stream that does not end is an error.
int acuity_zlib_inflate(
    const uint8_t *_Nullable bytes, size_t count, size_t limit, acuity_png_buffer *_Nonnull out);

/// Deflates into a zlib stream.
int acuity_zlib_deflate(
    const uint8_t *_Nullable bytes, size_t count, int level, acuity_png_buffer *_Nonnull out);
