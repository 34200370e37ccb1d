// Deflate (RFC 1951) without a search for repetitions, but of single bytes.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cpng.h"

/// Appends a piece of a raw deflate stream: `count` bytes, no more than 4 GB. What follows it may be any other piece; the
/// last one ends the stream.
/// \returns false if there is no memory; `out` then holds less.
bool acuity_deflate_runs(const uint8_t *bytes, size_t count, bool is_last, acuity_png_buffer *out);

/// Adler's checksum, which zlib's streams end with.
uint32_t acuity_adler32(const uint8_t *bytes, size_t count);

/// The checksum of a PNG's chunks: of type and data.
uint32_t acuity_crc32(const uint8_t *bytes, size_t count);
