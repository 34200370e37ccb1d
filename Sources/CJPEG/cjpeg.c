#include "cjpeg.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <jpeglib.h>
#include <jerror.h>

// libjpeg hands its callbacks the first field of this, so that it must stay the first.
typedef struct {
  struct jpeg_error_mgr errors;
  jmp_buf jump;
  bool tolerant;
  int code;
  char *message;
  size_t message_capacity;
} failure;

static void stop(j_common_ptr info) {
  failure *f = (failure *)info->err;
  if (f->code == ACUITY_JPEG_OK) {
    int text = f->errors.msg_code;
    f->code = text == JERR_OUT_OF_MEMORY                                  ? ACUITY_JPEG_NO_MEMORY
              : text == JERR_NO_BACKING_STORE                             ? ACUITY_JPEG_NO_MEMORY
              : text == JERR_INPUT_EMPTY || text == JERR_INPUT_EOF        ? ACUITY_JPEG_TRUNCATED
              : text == JWRN_HIT_MARKER || text == JWRN_JPEG_EOF          ? ACUITY_JPEG_TRUNCATED
              : text == JERR_SOF_UNSUPPORTED                              ? ACUITY_JPEG_UNSUPPORTED
              : text == JERR_BAD_PRECISION || text == JERR_CONVERSION_NOTIMPL ? ACUITY_JPEG_UNSUPPORTED
              : text == JERR_FRACT_SAMPLE_NOTIMPL || text == JERR_CCIR601_NOTIMPL ? ACUITY_JPEG_UNSUPPORTED
              : text == JERR_IMAGE_TOO_BIG                                ? ACUITY_JPEG_UNSUPPORTED
                                                                          : ACUITY_JPEG_CORRUPT;
  }
  char text[JMSG_LENGTH_MAX];
  f->errors.format_message(info, text);
  snprintf(f->message, f->message_capacity, "%s", text);
  longjmp(f->jump, 1);
}

static void print_nothing(j_common_ptr info) { (void)info; }

// libjpeg goes on after a warning with made-up samples; a picture with a gray half is worse than none, unless the
// caller says otherwise.
static void note(j_common_ptr info, int level) {
  if (level >= 0 || ((failure *)info->err)->tolerant) return;  // a trace message, or damage that is accepted
  if (info->err->msg_code == JWRN_JFIF_MAJOR) return;  // an unknown JFIF version changes no sample
  stop(info);
}

static void prepare(failure *f, char *message, size_t message_capacity) {
  jpeg_std_error(&f->errors);
  f->errors.error_exit = stop;
  f->errors.emit_message = note;
  f->errors.output_message = print_nothing;
  f->tolerant = false;
  f->code = ACUITY_JPEG_OK;
  f->message = message;
  f->message_capacity = message_capacity;
}

void acuity_jpeg_free(acuity_jpeg_buffer *buffer) {
  free(buffer->bytes);
  *buffer = (acuity_jpeg_buffer){0};
}

// MARK: Decoding

static void source_nothing(j_decompress_ptr info) { (void)info; }

static boolean source_ended(j_decompress_ptr info) {
  static const JOCTET end[2] = {0xff, JPEG_EOI};
  if (!((failure *)info->err)->tolerant) ERREXIT(info, JERR_INPUT_EOF);
  info->src->next_input_byte = end;
  info->src->bytes_in_buffer = sizeof end;
  return TRUE;
}

static void source_skip(j_decompress_ptr info, long count) {
  if (count <= 0) return;
  if ((size_t)count > info->src->bytes_in_buffer) {
    source_ended(info);
    return;
  }
  info->src->next_input_byte += count;
  info->src->bytes_in_buffer -= (size_t)count;
}

static inline uint8_t multiplied(unsigned a, unsigned b) {
  unsigned product = a * b + 128;
  return (uint8_t)((product + (product >> 8)) >> 8);  // a * b / 255, rounded
}

// The plain conversion of print colours, without profiles. Adobe stores ink inverted: 255 is none.
static void cmyk_to_rgb(const uint8_t *cmyk, uint8_t *rgb, size_t width, bool inverted) {
  unsigned flip = inverted ? 0 : 255;
  for (size_t x = 0; x < width; x++, cmyk += 4, rgb += 3) {
    unsigned white = cmyk[3] ^ flip;
    rgb[0] = multiplied(cmyk[0] ^ flip, white);
    rgb[1] = multiplied(cmyk[1] ^ flip, white);
    rgb[2] = multiplied(cmyk[2] ^ flip, white);
  }
}

// A file of several scans has all its coefficients in memory, twice the bytes of its samples, before the first row
// comes out. The rows that have gone through the output are given back to the system page by page, so that samples
// and coefficients are never all there at once.
typedef struct {
  jvirt_barray_ptr *arrays;
  JDIMENSION row;             // blocks' rows that have been dealt with
  uint8_t *start[MAX_COMPONENTS];  // of what can be given back next
  uint8_t *end[MAX_COMPONENTS];
} used_coefficients;

static void give_back(j_decompress_ptr info, used_coefficients *used) {
  uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  for (; used->row < info->output_iMCU_row; used->row++) {
    for (int c = 0; c < info->num_components; c++) {
      jpeg_component_info *component = &info->comp_info[c];
      JDIMENSION height = (JDIMENSION)component->v_samp_factor;
      JDIMENSION width = (JDIMENSION)component->h_samp_factor;
      size_t bytes = (component->width_in_blocks + width - 1) / width * width * sizeof(JBLOCK);
      for (JDIMENSION y = 0; y < height; y++) {
        JBLOCKARRAY rows = info->mem->access_virt_barray(
            (j_common_ptr)info, used->arrays[c], used->row * height + y, 1, FALSE);
        uint8_t *row = (uint8_t *)rows[0];
        if (row != used->end[c]) used->start[c] = row;  // another of libjpeg's blocks of memory
        used->end[c] = row + bytes;
      }
      uintptr_t first = ((uintptr_t)used->start[c] + page - 1) / page * page;
      uintptr_t last = (uintptr_t)used->end[c] / page * page;
      if (last < first + (1 << 20)) continue;
#ifdef __linux__
      madvise((void *)first, last - first, MADV_DONTNEED);
#else
      madvise((void *)first, last - first, MADV_FREE);
#endif
      used->start[c] = (uint8_t *)last;
    }
  }
}

static void give_up(j_decompress_ptr info, int code, const char *format, int number) {
  failure *f = (failure *)info->err;
  f->code = code;
  snprintf(f->message, f->message_capacity, format, number);
  longjmp(f->jump, 1);
}

static void note_components(j_decompress_ptr info, bool seen[MAX_COMPONENTS]) {
  for (int i = 0; i < info->comps_in_scan; i++) seen[info->cur_comp_info[i]->component_index] = true;
}

// Whether the scans have brought what makes a picture: every component, and of a progressive one's first component, the
// brightness, all bits. A file that was cut between two scans and closed lacks some, and libjpeg does not mind; nor
// does the standard ask for every bit of the others, which an encoder may leave out where they are zero.
static bool is_complete(j_decompress_ptr info, const bool seen[MAX_COMPONENTS]) {
  for (int c = 0; c < info->num_components; c++) {
    if (!seen[c] || (info->progressive_mode && info->coef_bits[c][0] < 0)) return false;
  }
  for (int k = 0; info->progressive_mode && k < DCTSIZE2; k++) {
    if (info->coef_bits[0][k] != 0) return false;
  }
  return true;
}

static void read_all_scans(j_decompress_ptr info, int scan_limit) {
  bool seen[MAX_COMPONENTS] = {false};
  note_components(info, seen);
  while (!jpeg_input_complete(info)) {
    if (jpeg_consume_input(info) == JPEG_REACHED_SOS) note_components(info, seen);
    if (info->input_scan_number > scan_limit) {
      give_up(info, ACUITY_JPEG_TOO_MANY_SCANS, "more than %d scans", scan_limit);
    }
  }
  if (!((failure *)info->err)->tolerant && !is_complete(info, seen)) {
    give_up(info, ACUITY_JPEG_TRUNCATED, "its %d scans do not make a whole picture", info->input_scan_number);
  }
}

static void decode(j_decompress_ptr info, acuity_jpeg_request request, uint8_t *pixels) {
  info->mem->max_memory_to_use = (long)request.memory_limit;
  jpeg_read_header(info, TRUE);
  if (info->image_width != request.width || info->image_height != request.height ||
      info->num_components != request.components) {
    give_up(
        info, ACUITY_JPEG_CORRUPT, "its frame header, of %d components, is not the one that was read before",
        info->num_components);
  }
  info->out_color_space = request.components == 1 ? JCS_GRAYSCALE : request.components == 3 ? JCS_RGB : JCS_CMYK;
  info->do_block_smoothing = FALSE;
  info->buffered_image = jpeg_has_multiple_scans(info);
  jpeg_start_decompress(info);
  used_coefficients used = {0};
  if (info->buffered_image) {
    read_all_scans(info, request.scan_limit);
    used.arrays = jpeg_read_coefficients(info);
    jpeg_start_output(info, info->input_scan_number);
  }

  size_t channels = request.components == 1 ? 1 : 3;
  size_t row_bytes = request.width * channels;
  JSAMPARRAY ink = NULL;
  if (request.components == 4) {
    ink = info->mem->alloc_sarray((j_common_ptr)info, JPOOL_IMAGE, request.width * 4, 1);
  }
  while (info->output_scanline < info->output_height) {
    uint8_t *row = pixels + (size_t)info->output_scanline * row_bytes;
    if (ink != NULL) {
      jpeg_read_scanlines(info, ink, 1);
      cmyk_to_rgb(ink[0], row, request.width, info->saw_Adobe_marker);
    } else {
      JSAMPROW rows[8];
      JDIMENSION count = info->output_height - info->output_scanline;
      if (count > 8) count = 8;
      for (JDIMENSION i = 0; i < count; i++) rows[i] = row + (size_t)i * row_bytes;
      jpeg_read_scanlines(info, rows, count);
    }
    if (used.arrays != NULL) give_back(info, &used);
  }
  if (info->buffered_image) jpeg_finish_output(info);
  jpeg_finish_decompress(info);
}

// The frame that calls setjmp has no locals: they would be indeterminate after a longjmp, once changed.
static void decode_guarded(
    failure *f, j_decompress_ptr info, struct jpeg_source_mgr *source, acuity_jpeg_request request,
    uint8_t *pixels) {
  if (setjmp(f->jump) != 0) return;
  jpeg_create_decompress(info);
  info->src = source;
  decode(info, request, pixels);
}

int acuity_jpeg_decode(
    const uint8_t *bytes, size_t count, acuity_jpeg_request request, uint8_t *pixels, char *message,
    size_t message_capacity) {
  failure f;
  prepare(&f, message, message_capacity);
  f.tolerant = request.tolerant != 0;
  struct jpeg_source_mgr source = {
      .next_input_byte = bytes,
      .bytes_in_buffer = count,
      .init_source = source_nothing,
      .fill_input_buffer = source_ended,
      .skip_input_data = source_skip,
      .resync_to_restart = jpeg_resync_to_restart,
      .term_source = source_nothing,
  };
  struct jpeg_decompress_struct info;
  memset(&info, 0, sizeof info);  // so that destroying is safe even when creating failed
  info.err = &f.errors;
  decode_guarded(&f, &info, &source, request, pixels);
  jpeg_destroy_decompress(&info);
  return f.code;
}

// MARK: Encoding

typedef struct {
  struct jpeg_destination_mgr destination;
  acuity_jpeg_buffer *buffer;
} growing_destination;

static void destination_start(j_compress_ptr info) {
  growing_destination *d = (growing_destination *)info->dest;
  size_t capacity = 1 << 16;
  d->buffer->bytes = malloc(capacity);
  if (d->buffer->bytes == NULL) ERREXIT1(info, JERR_OUT_OF_MEMORY, 10);
  d->buffer->capacity = capacity;
  d->destination.next_output_byte = d->buffer->bytes;
  d->destination.free_in_buffer = capacity;
}

// libjpeg calls this only with the whole buffer full.
static boolean destination_grow(j_compress_ptr info) {
  growing_destination *d = (growing_destination *)info->dest;
  size_t filled = d->buffer->capacity;
  if (filled > SIZE_MAX / 2) ERREXIT1(info, JERR_OUT_OF_MEMORY, 10);
  size_t capacity = filled + filled / 2;
  uint8_t *grown = realloc(d->buffer->bytes, capacity);
  if (grown == NULL) ERREXIT1(info, JERR_OUT_OF_MEMORY, 10);
  d->buffer->bytes = grown;
  d->buffer->capacity = capacity;
  d->destination.next_output_byte = grown + filled;
  d->destination.free_in_buffer = capacity - filled;
  return TRUE;
}

static void destination_end(j_compress_ptr info) {
  growing_destination *d = (growing_destination *)info->dest;
  d->buffer->count = d->buffer->capacity - d->destination.free_in_buffer;
}

static void write_markers(j_compress_ptr info, const uint8_t *markers, size_t count) {
  size_t position = 0;
  while (count - position >= 3) {
    const uint8_t *marker = markers + position;
    unsigned length = (unsigned)marker[1] << 8 | marker[2];
    if (length > count - position - 3) break;
    jpeg_write_marker(info, marker[0], marker + 3, length);
    position += 3 + length;
  }
}

static void encode(
    j_compress_ptr info, const uint8_t *pixels, acuity_jpeg_picture picture, const uint8_t *markers,
    size_t markers_count) {
  info->image_width = picture.width;
  info->image_height = picture.height;
  info->input_components = picture.channels;
  info->in_color_space = picture.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(info);
  jpeg_set_quality(info, picture.quality, TRUE);
  info->optimize_coding = picture.optimize != 0;
  if (picture.channels == 3) {
    info->comp_info[0].h_samp_factor = picture.subsample ? 2 : 1;
    info->comp_info[0].v_samp_factor = picture.subsample ? 2 : 1;
  }
  if (picture.progressive) jpeg_simple_progression(info);
  info->density_unit = (UINT8)picture.density_unit;
  info->X_density = (UINT16)picture.density_x;
  info->Y_density = (UINT16)picture.density_y;
  jpeg_start_compress(info, TRUE);
  write_markers(info, markers, markers_count);

  size_t row_samples = (size_t)picture.width * (size_t)picture.channels;
  if (picture.depth == 8) {
    while (info->next_scanline < info->image_height) {
      JSAMPROW rows[8];
      JDIMENSION count = info->image_height - info->next_scanline;
      if (count > 8) count = 8;
      for (JDIMENSION i = 0; i < count; i++) {
        rows[i] = (JSAMPROW)(uintptr_t)(pixels + ((size_t)info->next_scanline + i) * row_samples);
      }
      jpeg_write_scanlines(info, rows, count);
    }
  } else {
    JSAMPARRAY narrowed =
        info->mem->alloc_sarray((j_common_ptr)info, JPOOL_IMAGE, (JDIMENSION)row_samples, 1);
    while (info->next_scanline < info->image_height) {
      const uint16_t *row = (const uint16_t *)(const void *)pixels + (size_t)info->next_scanline * row_samples;
      for (size_t i = 0; i < row_samples; i++) narrowed[0][i] = (JSAMPLE)((row[i] + 128u) / 257u);
      jpeg_write_scanlines(info, narrowed, 1);
    }
  }
  jpeg_finish_compress(info);
}

static void encode_guarded(
    failure *f, j_compress_ptr info, growing_destination *destination, const uint8_t *pixels,
    const acuity_jpeg_picture *picture, const uint8_t *markers, size_t markers_count) {
  if (setjmp(f->jump) != 0) return;
  jpeg_create_compress(info);
  info->dest = &destination->destination;
  encode(info, pixels, *picture, markers, markers_count);
}

int acuity_jpeg_encode(
    const void *pixels, acuity_jpeg_picture picture, const uint8_t *markers, size_t markers_count,
    acuity_jpeg_buffer *out, char *message, size_t message_capacity) {
  failure f;
  prepare(&f, message, message_capacity);
  growing_destination destination = {
      .destination.init_destination = destination_start,
      .destination.empty_output_buffer = destination_grow,
      .destination.term_destination = destination_end,
      .buffer = out,
  };
  struct jpeg_compress_struct info;
  memset(&info, 0, sizeof info);
  info.err = &f.errors;
  encode_guarded(&f, &info, &destination, pixels, &picture, markers, markers_count);
  jpeg_destroy_compress(&info);
  if (f.code != ACUITY_JPEG_OK) acuity_jpeg_free(out);
  return f.code;
}
