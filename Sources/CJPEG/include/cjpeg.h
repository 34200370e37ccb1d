/// JPEG pixels in and out as plain functions.
///
/// All calls of libjpeg, its callbacks and setjmp/longjmp stay inside cjpeg.c: no C frame of libjpeg ever has a Swift
/// frame below it. Markers that are no pixels (profile, EXIF, XMP, density) are walked and built by the caller.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
  ACUITY_JPEG_OK = 0,
  ACUITY_JPEG_CORRUPT = 1,
  ACUITY_JPEG_TRUNCATED = 2,
  ACUITY_JPEG_NO_MEMORY = 3,
  ACUITY_JPEG_TOO_MANY_SCANS = 4,
  ACUITY_JPEG_UNSUPPORTED = 5,
};

/// Bytes that a function has written; give them back with `acuity_jpeg_free`.
typedef struct {
  uint8_t *_Nullable bytes;
  size_t count;
  size_t capacity;
} acuity_jpeg_buffer;

typedef struct {
  uint32_t width;
  uint32_t height;
  /// The file's components: 1 gray, 3 YCbCr or RGB, 4 CMYK or YCCK.
  int components;
  /// Scans that a progressive file may have.
  int scan_limit;
  /// Bytes that libjpeg may use for itself.
  size_t memory_limit;
  /// Whether damaged and missing parts are left gray, or what libjpeg makes of them, instead of being a failure.
  int tolerant;
} acuity_jpeg_request;

typedef struct {
  uint32_t width;
  uint32_t height;
  /// 1 gray or 3 RGB.
  int channels;
  /// Bits per given sample: 8, or 16 in the machine's byte order (rounded to 8).
  int depth;
  int quality;
  int progressive;
  int optimize;
  /// Chroma at half the resolution both ways.
  int subsample;
  /// JFIF density: unit 0 aspect ratio, 1 per inch, 2 per centimetre.
  int density_unit;
  int density_x;
  int density_y;
} acuity_jpeg_picture;

void acuity_jpeg_free(acuity_jpeg_buffer *_Nonnull buffer);

/// Decodes into `pixels`: interleaved 8-bit samples without padding, gray for 1 component, else RGB (CMYK by the
/// plain conversion, its values inverted when an Adobe marker is present). Every warning of libjpeg is a failure,
/// unless the request is tolerant.
/// \param message receives a NUL-terminated reason when the result is not ACUITY_JPEG_OK.
int acuity_jpeg_decode(
    const uint8_t *_Nonnull bytes, size_t count, acuity_jpeg_request request, uint8_t *_Nonnull pixels,
    char *_Nonnull message, size_t message_capacity);

/// Encodes `pixels`.
/// \param markers segments to write after JFIF's own, each as 1 byte marker code, 2 bytes length of the data
///   (big-endian, without itself), data.
int acuity_jpeg_encode(
    const void *_Nonnull pixels, acuity_jpeg_picture picture, const uint8_t *_Nullable markers,
    size_t markers_count, acuity_jpeg_buffer *_Nonnull out, char *_Nonnull message, size_t message_capacity);
