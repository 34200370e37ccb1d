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

/// Bits of the widest vectors that rows are filtered by on this processor: 128, or on x86-64 256 (AVX2) or 512 (AVX-512).
int acuity_png_vector_bits(void);

/// A row's `count` bytes as the difference from Paeth's predictor (PNG, section 9.4), by vectors of `vector_bits` that the
/// processor has: the same bytes by any.
/// \param above the row above, zeros for the first.
/// \param distance from a pixel's byte to that of its neighbour, at most `count`.
void acuity_png_predict(
    int vector_bits, const uint8_t *_Nonnull row, const uint8_t *_Nonnull above, uint8_t *_Nonnull target,
    size_t count, size_t distance);

/// Where a picture's samples come from: `pixels`, or, if that is null, `read`.
typedef struct {
  const void *_Nullable pixels;
  /// Fills `bytes` with the next `count` bytes of the samples, first those of the rows that `acuity_png_sample` names and then
  /// all of them; 0 if they do not come. Called by one thread at a time, not always the same.
  int (*_Nullable read)(void *_Nullable context, void *_Nonnull bytes, size_t count);
  void *_Nullable context;
} acuity_png_source;

/// Some rows of a picture: `bands` bands of `band_rows` rows, `band_distance` rows from one's first to the next one's.
typedef struct {
  uint32_t bands;
  uint32_t band_rows;
  uint32_t band_distance;
} acuity_png_rows;

/// The rows that `acuity_png_make_pieces` tries both ways of encoding on.
acuity_png_rows acuity_png_sample(acuity_png_layout layout);

/// Filtered and deflated rows on their way into a file; give them back with `acuity_png_free_pieces`.
typedef struct acuity_png_pieces acuity_png_pieces;

/// Deflates a picture without a search for repetitions, in pieces of rows side by side. No row may have more than a gigabyte.
/// \param threads to use if the system has them; the file does not depend on it.
/// \param prefers_search if it is not null: whether a sample of the rows gets a fifth smaller by `acuity_png_encode`, be it in
///   haste. Then the pieces are not all there.
int acuity_png_make_pieces(
    acuity_png_source source, acuity_png_layout layout, int threads, int *_Nullable prefers_search,
    acuity_png_pieces *_Nullable *_Nonnull pieces, char *_Nonnull message, size_t message_capacity);

/// Copies the rows that `read` has given for pieces before the search was preferred, the picture's first ones.
/// \return the bytes that they have.
size_t acuity_png_rows_read(const acuity_png_pieces *_Nonnull pieces, void *_Nonnull pixels);

/// What a file has before its pieces and behind them.
/// \param chunks as of `acuity_png_encode`.
/// \param front the bytes of `out` that come before the pieces.
int acuity_png_frame(
    const acuity_png_pieces *_Nonnull pieces, const uint8_t *_Nullable chunks, size_t chunks_count,
    acuity_png_buffer *_Nonnull out, size_t *_Nonnull front, char *_Nonnull message, size_t message_capacity);

size_t acuity_png_piece_count(const acuity_png_pieces *_Nonnull pieces);

/// A piece as it stands in the file, as long as the pieces are there.
const uint8_t *_Nullable acuity_png_piece(
    const acuity_png_pieces *_Nonnull pieces, size_t index, size_t *_Nonnull count);

void acuity_png_free_pieces(acuity_png_pieces *_Nullable pieces);

/// Inflates a zlib stream of at most `limit` bytes; a stream that does not end is an error.
int acuity_zlib_inflate(
    const uint8_t *_Nullable bytes, size_t count, size_t limit, acuity_png_buffer *_Nonnull out);

/// Deflates into a zlib stream.
int acuity_zlib_deflate(
    const uint8_t *_Nullable bytes, size_t count, int level, acuity_png_buffer *_Nonnull out);
