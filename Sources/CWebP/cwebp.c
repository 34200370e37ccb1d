#include "cwebp.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <webp/decode.h>
#include <webp/encode.h>

void acuity_webp_free(acuity_webp_buffer *buffer) {
  WebPFree(buffer->bytes);
  *buffer = (acuity_webp_buffer){0};
}

static int explain(int code, const char *text, char *message, size_t message_capacity) {
  snprintf(message, message_capacity, "%s", text);
  return code;
}

// MARK: Decoding

int acuity_webp_decode(
    const uint8_t *file, size_t start, size_t count, uint32_t width, uint32_t height, int channels,
    uint8_t *pixels, size_t stride, char *message, size_t message_capacity) {
  const uint8_t *bytes = file + start;
  WebPDecoderConfig config;
  if (!WebPInitDecoderConfig(&config)) {
    return explain(
        ACUITY_WEBP_WRONG_LIBRARY, "the libwebp of this machine is not the one that Acuity was built with", message,
        message_capacity);
  }
  VP8StatusCode status = WebPGetFeatures(bytes, count, &config.input);
  if (status == VP8_STATUS_OK) {
    if (config.input.has_animation || config.input.width != (int)width || config.input.height != (int)height ||
        stride > INT_MAX) {
      return explain(
          ACUITY_WEBP_CORRUPT, "the chunks disagree about the picture's size", message, message_capacity);
    }
    config.output.colorspace = channels == 4 ? MODE_RGBA : MODE_RGB;
    config.output.is_external_memory = 1;
    config.output.u.RGBA.rgba = pixels;
    config.output.u.RGBA.stride = (int)stride;
    config.output.u.RGBA.size = stride * (height - 1) + (size_t)width * (size_t)channels;
    status = WebPDecode(bytes, count, &config);
    WebPFreeDecBuffer(&config.output);
  }
  switch (status) {
    case VP8_STATUS_OK: return ACUITY_WEBP_OK;
    case VP8_STATUS_OUT_OF_MEMORY:
      return explain(ACUITY_WEBP_NO_MEMORY, "out of memory", message, message_capacity);
    case VP8_STATUS_SUSPENDED:
    case VP8_STATUS_NOT_ENOUGH_DATA:
      return explain(ACUITY_WEBP_TRUNCATED, "the pixels end too early", message, message_capacity);
    default:
      return explain(ACUITY_WEBP_CORRUPT, "the compressed pixels make no sense", message, message_capacity);
  }
}

// MARK: Encoding

static inline uint32_t sample(const void *pixels, size_t index, int depth) {
  return depth == 8 ? ((const uint8_t *)pixels)[index] : (((const uint16_t *)pixels)[index] + 128u) / 257u;
}

static void fill_argb(WebPPicture *target, const void *pixels, const acuity_webp_picture *picture) {
  size_t channels = (size_t)picture->channels;
  int depth = picture->depth;
  for (size_t y = 0; y < picture->height; y++) {
    uint32_t *row = target->argb + y * (size_t)target->argb_stride;
    size_t from = y * picture->width * channels;
    for (size_t x = 0; x < picture->width; x++, from += channels) {
      uint32_t red = sample(pixels, from, depth);
      uint32_t green = channels < 3 ? red : sample(pixels, from + 1, depth);
      uint32_t blue = channels < 3 ? red : sample(pixels, from + 2, depth);
      uint32_t alpha = channels % 2 == 0 ? sample(pixels, from + channels - 1, depth) : 255;
      row[x] = alpha << 24 | red << 16 | green << 8 | blue;
    }
  }
}

static int import(WebPPicture *target, const void *pixels, const acuity_webp_picture *picture) {
  int stride = (int)picture->width * picture->channels;
  if (picture->depth == 8 && picture->channels == 3) return WebPPictureImportRGB(target, pixels, stride);
  if (picture->depth == 8 && picture->channels == 4) return WebPPictureImportRGBA(target, pixels, stride);
  target->use_argb = 1;
  if (!WebPPictureAlloc(target)) return 0;
  fill_argb(target, pixels, picture);
  return 1;
}

// Whether an encoded picture can be decoded, alpha and all. Some versions of libwebp (1.2.4) call done what they encode without
// loss, be it alpha alone, although there was not enough memory for it.
static int is_whole(const WebPMemoryWriter *writer, const acuity_webp_picture *picture) {
  WebPDecoderConfig config;
  uint8_t pixel[4];
  if (!WebPInitDecoderConfig(&config)) return 0;
  // For the last pixel all is read, while no picture need be kept.
  config.options.use_cropping = 1;
  config.options.crop_left = (int)picture->width - 1;
  config.options.crop_top = (int)picture->height - 1;
  config.options.crop_width = 1;
  config.options.crop_height = 1;
  config.output.colorspace = MODE_RGBA;
  config.output.is_external_memory = 1;
  config.output.u.RGBA.rgba = pixel;
  config.output.u.RGBA.stride = 4;
  config.output.u.RGBA.size = sizeof pixel;
  VP8StatusCode status = WebPDecode(writer->mem, writer->size, &config);
  WebPFreeDecBuffer(&config.output);
  return status == VP8_STATUS_OK;
}

int acuity_webp_encode(
    const void *pixels, acuity_webp_picture picture, acuity_webp_buffer *out, char *message,
    size_t message_capacity) {
  WebPConfig config;
  WebPPicture target;
  if (!WebPConfigInit(&config) || !WebPPictureInit(&target)) {
    return explain(
        ACUITY_WEBP_WRONG_LIBRARY, "the libwebp of this machine is not the one that Acuity was built with", message,
        message_capacity);
  }
  if (picture.width > WEBP_MAX_DIMENSION || picture.height > WEBP_MAX_DIMENSION) {
    return explain(ACUITY_WEBP_CORRUPT, "the picture is too large", message, message_capacity);
  }
  if (picture.lossless) {
    WebPConfigLosslessPreset(&config, 6);
    config.exact = 1;
  } else {
    config.quality = (float)picture.quality;
  }
  target.use_argb = picture.lossless;
  target.width = (int)picture.width;
  target.height = (int)picture.height;
  WebPMemoryWriter writer;
  WebPMemoryWriterInit(&writer);
  target.writer = WebPMemoryWrite;
  target.custom_ptr = &writer;

  int good = import(&target, pixels, &picture) && WebPEncode(&config, &target);
  WebPEncodingError error = target.error_code;
  WebPPictureFree(&target);
  if (good && (picture.lossless || picture.channels % 2 == 0) && !is_whole(&writer, &picture)) {
    good = 0;
    error = VP8_ENC_ERROR_OUT_OF_MEMORY;
  }
  if (!good) {
    WebPMemoryWriterClear(&writer);
    switch (error) {
      case VP8_ENC_ERROR_OUT_OF_MEMORY:
      case VP8_ENC_ERROR_BITSTREAM_OUT_OF_MEMORY:
      case VP8_ENC_ERROR_BAD_WRITE:
        return explain(ACUITY_WEBP_NO_MEMORY, "out of memory", message, message_capacity);
      case VP8_ENC_ERROR_PARTITION0_OVERFLOW:
      case VP8_ENC_ERROR_PARTITION_OVERFLOW:
      case VP8_ENC_ERROR_FILE_TOO_BIG:
        return explain(ACUITY_WEBP_CORRUPT, "the result is too large for a file", message, message_capacity);
      default: return explain(ACUITY_WEBP_CORRUPT, "libwebp refuses it", message, message_capacity);
    }
  }
  out->bytes = writer.mem;
  out->count = writer.size;
  return ACUITY_WEBP_OK;
}
