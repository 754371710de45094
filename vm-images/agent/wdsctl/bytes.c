#include "bytes.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <wctype.h>

static char failure_text[256];

bool fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(failure_text, sizeof failure_text, format, arguments);
  va_end(arguments);
  return false;
}

const char *failure(void) {
  return failure_text;
}

void put(struct writer *to, const void *bytes, size_t length) {
  if (to->full || length > to->capacity - to->length) {
    to->full = true;
    return;
  }
  if (length > 0) memcpy(to->data + to->length, bytes, length);
  to->length += length;
}

void put_zeros(struct writer *to, size_t length) {
  static const uint8_t zeros[64];
  while (length > 0 && !to->full) {
    size_t part = length < sizeof zeros ? length : sizeof zeros;
    put(to, zeros, part);
    length -= part;
  }
}

void put_u8(struct writer *to, uint8_t value) {
  put(to, &value, 1);
}

void put_u16(struct writer *to, uint16_t value) {
  put(to, (uint8_t[]){value & 0xff, value >> 8}, 2);
}

void put_u32(struct writer *to, uint32_t value) {
  put_u16(to, value & 0xffff);
  put_u16(to, value >> 16);
}

void put_u64(struct writer *to, uint64_t value) {
  put_u32(to, value & 0xffffffff);
  put_u32(to, value >> 32);
}

void put_padding(struct writer *to, size_t unit) {
  put_zeros(to, (unit - to->length % unit) % unit);
}

// Reads one code point of UTF-8 (RFC 3629); returns its length, or 0 if it is invalid.
static size_t code_point(const unsigned char *text, uint32_t *code) {
  size_t more = text[0] < 0x80 ? 0 : text[0] >= 0xc2 && text[0] < 0xe0 ? 1 : text[0] >= 0xe0 && text[0] < 0xf0 ? 2 : text[0] >= 0xf0 && text[0] < 0xf5 ? 3 : 4;
  if (more == 4) return 0;
  *code = more == 0 ? text[0] : text[0] & (0x3f >> more);
  for (size_t i = 1; i <= more; i++) {
    if ((text[i] & 0xc0) != 0x80) return 0;
    *code = *code << 6 | (text[i] & 0x3f);
  }
  bool overlong = (more == 2 && *code < 0x800) || (more == 3 && *code < 0x10000);
  return overlong || (*code >= 0xd800 && *code < 0xe000) || *code > 0x10ffff ? 0 : more + 1;
}

static bool put_units(struct writer *to, const char *text, bool upper) {
  for (const unsigned char *at = (const unsigned char *)text; *at != 0;) {
    uint32_t code;
    size_t length = code_point(at, &code);
    if (length == 0) return fail("a text is not UTF-8");
    at += length;
    if (upper) code = towupper(code);
    if (code < 0x10000) {
      put_u16(to, code);
    } else {
      put_u16(to, 0xd800 + ((code - 0x10000) >> 10));
      put_u16(to, 0xdc00 + ((code - 0x10000) & 0x3ff));
    }
  }
  return true;
}

bool put_utf16(struct writer *to, const char *text) {
  return put_units(to, text, false);
}

bool put_utf16_upper(struct writer *to, const char *text) {
  return put_units(to, text, true);
}

size_t remaining(const struct reader *from) {
  return from->failed ? 0 : from->length - from->offset;
}

const uint8_t *take(struct reader *from, size_t length) {
  if (length > remaining(from) || from->failed) {
    from->failed = true;
    return NULL;
  }
  const uint8_t *taken = from->data + from->offset;
  from->offset += length;
  return taken;
}

uint8_t take_u8(struct reader *from) {
  const uint8_t *bytes = take(from, 1);
  return bytes ? bytes[0] : 0;
}

uint16_t take_u16(struct reader *from) {
  const uint8_t *bytes = take(from, 2);
  return bytes ? (uint16_t)(bytes[0] | bytes[1] << 8) : 0;
}

uint32_t take_u32(struct reader *from) {
  const uint8_t *bytes = take(from, 4);
  return bytes ? bytes[0] | bytes[1] << 8 | bytes[2] << 16 | (uint32_t)bytes[3] << 24 : 0;
}

static void put_utf8(struct writer *to, uint32_t code) {
  if (code < 0x80) put(to, (uint8_t[]){code}, 1);
  else if (code < 0x800) put(to, (uint8_t[]){0xc0 | code >> 6, 0x80 | (code & 0x3f)}, 2);
  else if (code < 0x10000) put(to, (uint8_t[]){0xe0 | code >> 12, 0x80 | (code >> 6 & 0x3f), 0x80 | (code & 0x3f)}, 3);
  else put(to, (uint8_t[]){0xf0 | code >> 18, 0x80 | (code >> 12 & 0x3f), 0x80 | (code >> 6 & 0x3f), 0x80 | (code & 0x3f)}, 4);
}

void utf16_to_utf8(const uint8_t *units, size_t length, char *text, size_t capacity) {
  struct writer to = {.data = (uint8_t *)text, .capacity = capacity - 1};
  struct reader from = {.data = units, .length = length & ~(size_t)1};
  uint32_t high = 0;
  while (remaining(&from) > 0) {
    uint32_t unit = take_u16(&from);
    if (unit >= 0xdc00 && unit < 0xe000 && high != 0) {
      put_utf8(&to, 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00));
      high = 0;
      continue;
    }
    if (high != 0) put_utf8(&to, 0xfffd);
    high = unit >= 0xd800 && unit < 0xdc00 ? unit : 0;
    if (unit == 0) break;
    if (high == 0) put_utf8(&to, unit >= 0xdc00 && unit < 0xe000 ? 0xfffd : unit);
  }
  if (high != 0) put_utf8(&to, 0xfffd);
  text[to.length] = 0;
}
