// Reads and writes bytes, never past an end: a reader or writer that would pass it sets a flag and stops.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct writer {
  uint8_t *data;
  size_t capacity, length;
  bool full;
};

struct reader {
  const uint8_t *data;
  size_t length, offset;
  bool failed;
};

void put(struct writer *to, const void *bytes, size_t length);
void put_zeros(struct writer *to, size_t length);
void put_u8(struct writer *to, uint8_t value);
void put_u16(struct writer *to, uint16_t value);
void put_u32(struct writer *to, uint32_t value);
void put_u64(struct writer *to, uint64_t value);
// /// UTF-8 as UTF-16LE, without a terminator; false if the text is not UTF-8.
bool put_utf16(struct writer *to, const char *text);
// /// The same in upper case, as NTLM needs a user's name.
bool put_utf16_upper(struct writer *to, const char *text);
/// Zeros up to the next multiple of `unit`.
void put_padding(struct writer *to, size_t unit);

/// The next `length` bytes, or NULL.
const uint8_t *take(struct reader *from, size_t length);
uint8_t take_u8(struct reader *from);
uint16_t take_u16(struct reader *from);
uint32_t take_u32(struct reader *from);
size_t remaining(const struct reader *from);
// /// UTF-16LE up to a NUL or its end as UTF-8 with a terminator. Lone surrogates become U+FFFD; drops what does not fit.
void utf16_to_utf8(const uint8_t *units, size_t length, char *text, size_t capacity);

// /// Stores the message for `failure()`; always returns false.
bool fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
const char *failure(void);
