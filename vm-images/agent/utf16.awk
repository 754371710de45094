# Converts UTF-16 code units, one decimal number per line, to UTF-8. Drops a byte order mark; a lone surrogate becomes U+FFFD.
function continuation(code, shift) { return int(code / shift) % 64 + 128 }
function put(code) {
  if (code < 128) printf "%c", code
  else if (code < 2048) printf "%c%c", int(code / 64) + 192, continuation(code, 1)
  else if (code < 65536) printf "%c%c%c", int(code / 4096) + 224, continuation(code, 64), continuation(code, 1)
  else printf "%c%c%c%c", int(code / 262144) + 240, continuation(code, 4096), continuation(code, 64), continuation(code, 1)
}
function flush_high() { if (high) put(65533); high = 0 }
{
  unit = $1 + 0
  if (unit == 65279 && NR == 1) next
  if (unit >= 55296 && unit < 56320) { flush_high(); high = unit; next }
  if (unit >= 56320 && unit < 57344) { put(high ? 65536 + (high - 55296) * 1024 + unit - 56320 : 65533); high = 0; next }
  flush_high()
  put(unit)
}
END { flush_high() }
