/// WebP pixels in and out as plain functions over libwebp. The RIFF container around them is walked and built by
/// the caller.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
  ACUITY_WEBP_OK = 0,
  ACUITY_WEBP_CORRUPT = 1,
  ACUITY_WEBP_TRUNCATED = 2,
  ACUITY_WEBP_NO_MEMORY = 3,
  ACUITY_WEBP_WRONG_LIBRARY = 4,
};

/// Bytes that a function has written; give them back with `acuity_webp_free`.
typedef struct {
  uint8_t *_Nullable bytes;
  size_t count;
} acuity_webp_buffer;

typedef struct {
  uint32_t width;
  uint32_t height;
  /// 1 gray, 2 gray and alpha, 3 RGB, 4 RGBA.
  int channels;
  /// Bits per given sample: 8, or 16 in the machine's byte order (rounded to 8).
  int depth;
  int quality;
  /// Exact, also to the colours of fully transparent pixels.
  int lossless;
} acuity_webp_picture;

void acuity_webp_free(acuity_webp_buffer *_Nonnull buffer);

/// Decodes one frame: a whole file, or a bare `ALPH` + `VP8 ` or `VP8L` chunk sequence.
/// \param start where in `file` they begin.
/// \param count how many bytes they have.
/// \param pixels where the frame's first pixel goes; 8-bit samples.
/// \param stride bytes from one row to the next.
/// \param channels 3 RGB or 4 RGBA.
/// \param message receives a NUL-terminated reason when the result is not ACUITY_WEBP_OK.
int acuity_webp_decode(
    const uint8_t *_Nonnull file, size_t start, size_t count, uint32_t width, uint32_t height, int channels,
    uint8_t *_Nonnull pixels, size_t stride, char *_Nonnull message, size_t message_capacity);

/// Encodes `pixels`, interleaved without padding, as a file without metadata.
int acuity_webp_encode(
    const void *_Nonnull pixels, acuity_webp_picture picture, acuity_webp_buffer *_Nonnull out,
    char *_Nonnull message, size_t message_capacity);
