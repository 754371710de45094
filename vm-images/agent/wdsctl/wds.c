#include "wds.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ENDPOINT_HEADER = 40, OPERATION_HEADER = 16, NDR_LENGTHS = 8, NAME_BYTES = 66, VARIABLE_HEADER = 80 };
enum { REQUEST = 1, REPLY = 2 };
enum { TYPE_U8 = 1, TYPE_U16 = 2, TYPE_U32 = 4, TYPE_U64 = 8, TYPE_STRING = 0x10, TYPE_WIDE_STRING = 0x20, TYPE_BLOB = 0x40, TYPE_ARRAY = 0x1000 };
// More than any answer file has.
#define MAX_REPLY (4 << 20)

const struct rpc_interface WDS_INTERFACE = {
  .uuid = {0x94, 0x73, 0x92, 0x1a, 0x2e, 0x35, 0x53, 0x45, 0xae, 0x3f, 0x7c, 0xf4, 0xaa, 0xfc, 0xa6, 0x20}, .major = 1,
};
// OS deployment, D8DEEB5A-EFFD-43B2-99FC-1A8A5921C227.
static const uint8_t DEPLOYMENT[16] = {0x5a, 0xeb, 0xde, 0xd8, 0xfd, 0xef, 0xb2, 0x43, 0x99, 0xfc, 0x1a, 0x8a, 0x59, 0x21, 0xc2, 0x27};
// Dynamic driver provisioning, 011D24AC-CB3A-4739-A339-5D2E1B5306CE: known from one community implementation.
static const uint8_t DRIVERS[16] = {0xac, 0x24, 0x1d, 0x01, 0x3a, 0xcb, 0x39, 0x47, 0xa3, 0x39, 0x5d, 0x2e, 0x1b, 0x53, 0x06, 0xce};

static const struct wds_operation OPERATIONS[] = {
  {"IMG_ENUMERATE", DEPLOYMENT, 2},          {"LOG_INIT", DEPLOYMENT, 3},          {"LOG_MSG", DEPLOYMENT, 4}, {"GET_CLIENT_UNATTEND", DEPLOYMENT, 5},
  {"GET_UNATTEND_VARIABLES", DEPLOYMENT, 6}, {"GET_DOMAIN_JOIN_INFORMATION", DEPLOYMENT, 7}, {"RESET_BOOT_PROGRAM", DEPLOYMENT, 8},
  {"GET_MACHINE_DRIVER_PACKAGES", DRIVERS, 0xc8},
};

const struct wds_operation *wds_operation_named(const char *name) {
  for (size_t i = 0; i < sizeof OPERATIONS / sizeof *OPERATIONS; i++) {
    if (strcmp(OPERATIONS[i].name, name) == 0) return &OPERATIONS[i];
  }
  fail("unknown operation %.40s", name);
  return NULL;
}

void wds_begin(struct wds_request *request, uint8_t *bytes, size_t capacity, const struct wds_operation *operation) {
  *request = (struct wds_request){.to = {.data = bytes, .capacity = capacity}};
  struct writer *to = &request->to;
  put_zeros(to, NDR_LENGTHS);
  put_u16(to, ENDPOINT_HEADER);
  put_u16(to, 0x0100);
  put_u32(to, 0);
  put(to, operation->endpoint, 16);
  put_zeros(to, 16);
  put_u32(to, 0);
  put_u16(to, 0x0100);
  put_u8(to, REQUEST);
  put_u8(to, 0);
  put_u32(to, operation->code);
  put_u32(to, 0);
}

static bool put_number(struct writer *to, const char *value, uint32_t most, size_t size) {
  char *end;
  errno = 0;
  unsigned long number = strtoul(value, &end, 0);
  if (*value < '0' || *value > '9' || *end != 0 || errno != 0 || number > most) return fail("%.40s: expected a number from 0 to %u", value, most);
  for (size_t i = 0; i < size; i++) put_u8(to, number >> (8 * i) & 0xff);
  return true;
}

// A block is a multiple of 16 bytes and has at least one byte of padding after its value, four after a text, as all known clients
// write it (harness/docs/protocols.md 4.3).
bool wds_add(struct wds_request *request, const char *assignment) {
  const char *colon = strchr(assignment, ':'), *equals = colon ? strchr(colon, '=') : NULL;
  if (!equals) return fail("%.40s: expected NAME:TYPE=VALUE", assignment);
  char name[NAME_BYTES / 2], type[8];
  if ((size_t)(colon - assignment) >= sizeof name || (size_t)(equals - colon) > sizeof type) return fail("%.40s: the name or type is too long", assignment);
  snprintf(name, sizeof name, "%.*s", (int)(colon - assignment), assignment);
  snprintf(type, sizeof type, "%.*s", (int)(equals - colon - 1), colon + 1);
  const char *value = equals + 1;
  struct writer *to = &request->to;
  size_t start = to->length;
  if (!put_utf16(to, name)) return false;
  if (to->length - start > NAME_BYTES - 2) return fail("%.40s: the name is too long", name);
  put_zeros(to, NAME_BYTES + 2 - (to->length - start));
  size_t header = to->length;
  put_zeros(to, 12);
  size_t at = to->length;
  uint32_t code = strcmp(type, "u8") == 0 ? TYPE_U8 : strcmp(type, "u16") == 0 ? TYPE_U16 : strcmp(type, "u32") == 0 ? TYPE_U32 : strcmp(type, "text") == 0 ? TYPE_WIDE_STRING : 0;
  if (code == 0) return fail("%.40s: unknown type %s (known: u8, u16, u32, text)", name, type);
  if (code == TYPE_WIDE_STRING) {
    if (!put_utf16(to, value)) return false;
    put_u16(to, 0);
  } else if (!put_number(to, value, code == TYPE_U32 ? 0xffffffff : (1u << 8 * code) - 1, code)) {
    return false;
  }
  if (to->full) return fail("the request is too long");
  struct writer lengths = {.data = to->data + header, .capacity = 12};
  put_u32(&lengths, code);
  put_u32(&lengths, to->length - at);
  put_zeros(to, code == TYPE_WIDE_STRING ? 4 : 1);
  put_zeros(to, (16 - (to->length - start) % 16) % 16);
  request->variables++;
  return !to->full || fail("the request is too long");
}

static void fill_in(uint8_t *at, uint32_t value) {
  struct writer to = {.data = at, .capacity = 4};
  put_u32(&to, value);
}

static void empty_folder(int folder) {
  DIR *entries = fdopendir(openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!entries) return;
  for (struct dirent *entry; (entry = readdir(entries));) {
    if (entry->d_name[0] != '.') unlinkat(folder, entry->d_name, 0);
  }
  closedir(entries);
}

// Opens a file of that name, which may have letters, digits, `_`, `[`, `]` and, except first, `.`; a variable with another name
// gets no file.
static bool is_file_name(const char *name) {
  static const char ALLOWED[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_[].";
  return *name != 0 && *name != '.' && name[strspn(name, ALLOWED)] == 0;
}

static bool write_element(FILE *file, uint32_t type, const uint8_t *value, size_t length) {
  static char text[MAX_REPLY * 2];
  struct reader from = {.data = value, .length = length};
  if (type == TYPE_WIDE_STRING) {
    utf16_to_utf8(value, length, text, sizeof text);
    return fprintf(file, "%s\n", text) > 0;
  }
  if (type == TYPE_STRING) return fprintf(file, "%.*s\n", (int)strnlen((const char *)value, length), (const char *)value) > 0;
  if (type == TYPE_U8 && length == 1) return fprintf(file, "%u\n", take_u8(&from)) > 0;
  if (type == TYPE_U16 && length == 2) return fprintf(file, "%u\n", take_u16(&from)) > 0;
  if (type == TYPE_U32 && length == 4) return fprintf(file, "%u\n", take_u32(&from)) > 0;
  if (type == TYPE_U64 && length == 8) {
    uint64_t low = take_u32(&from);
    return fprintf(file, "%llu\n", (unsigned long long)(low | (uint64_t)take_u32(&from) << 32)) > 0;
  }
  return fwrite(value, 1, length, file) == length;
}

// Writes one variable: texts and numbers one line per element, everything else as raw bytes.
static bool write_variable(int folder, const char *name, uint32_t type, const uint8_t *value, size_t length, size_t elements) {
  if (!is_file_name(name)) return true;
  int descriptor = openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "w");
  if (!file) {
    if (descriptor >= 0) close(descriptor);
    return fail("writing variable %s: %s", name, strerror(errno));
  }
  bool written = true;
  for (size_t i = 0; i < elements && written; i++) written = write_element(file, type, value + i * length, length);
  return (fclose(file) == 0 && written) || fail("writing variable %s: %s", name, strerror(errno));
}

static bool read_variables(struct reader *from, uint32_t count, int folder) {
  for (uint32_t i = 0; i < count; i++) {
    size_t start = from->offset;
    char name[NAME_BYTES * 2];
    const uint8_t *units = take(from, NAME_BYTES);
    if (units) utf16_to_utf8(units, NAME_BYTES, name, sizeof name);
    take(from, 2);
    uint32_t type = take_u32(from), length = take_u32(from), elements = take_u32(from);
    if (from->failed) return fail("the reply is truncated in variable %u of %u", i + 1, count);
    if ((type & TYPE_ARRAY) == 0) elements = 1;
    if (length == 0) elements = 0;
    if (elements > 0 && length > remaining(from) / elements) return fail("variable %.40s claims %u times %u bytes, %zu are left", name, elements, length, remaining(from));
    const uint8_t *value = take(from, (size_t)length * elements);
    if (!write_variable(folder, name, type & ~(uint32_t)TYPE_ARRAY, value, length, elements)) return false;
    size_t padding = (16 - (from->offset - start) % 16) % 16;
    take(from, padding < remaining(from) ? padding : remaining(from));
    // Some writers add a whole block of padding if a value ends at a block boundary.
    while (i + 1 < count && remaining(from) >= VARIABLE_HEADER + 16) {
      static const uint8_t zeros[16];
      if (memcmp(from->data + from->offset, zeros, sizeof zeros) != 0) break;
      take(from, sizeof zeros);
    }
  }
  return true;
}

static bool read_packet(struct reader *from, int folder, uint32_t *variables) {
  uint16_t header = take_u16(from);
  take(from, ENDPOINT_HEADER - 2);
  uint32_t size = take_u32(from);
  take(from, 2);
  uint8_t type = take_u8(from);
  take(from, 1);
  uint32_t error = take_u32(from), count = take_u32(from);
  if (from->failed || header != ENDPOINT_HEADER || type != REPLY) return fail("the reply is not a WDS reply packet");
  if (size < OPERATION_HEADER || size > from->length - ENDPOINT_HEADER) return fail("the reply's packet size %u does not fit into its %zu bytes", size, from->length);
  if (error != 0) return fail("the server refused it: error 0x%08x", error);
  from->length = ENDPOINT_HEADER + size;
  *variables = count;
  return read_variables(from, count, folder);
}

// Size, pointer, size as the array's count, bytes, padding, return value (MS-WDSC section 2.1.2 in NDR).
static bool read_stub(const uint8_t *stub, size_t length, int folder, uint32_t *variables) {
  struct reader from = {.data = stub, .length = length};
  uint32_t size = take_u32(&from), pointer = take_u32(&from);
  if (pointer == 0) {
    uint32_t error = take_u32(&from);
    return from.failed || error == 0 ? fail("the reply has no packet") : fail("the server refused it: error 0x%08x", error);
  }
  uint32_t count = take_u32(&from);
  const uint8_t *packet = take(&from, size);
  take(&from, (4 - from.offset % 4) % 4);
  uint32_t error = take_u32(&from);
  if (from.failed || count != size) return fail("the reply's lengths contradict one another (%u, %u, %zu bytes)", size, count, length);
  if (error != 0) return fail("the server refused it: error 0x%08x", error);
  return read_packet(&(struct reader){.data = packet, .length = size}, folder, variables);
}

bool wds_send(struct wds_request *request, struct rpc *rpc, int folder, uint32_t *variables) {
  static uint8_t reply[MAX_REPLY];
  size_t reply_length;
  uint8_t *packet = request->to.data + NDR_LENGTHS;
  uint32_t size = request->to.length - NDR_LENGTHS;
  fill_in(request->to.data, size);
  fill_in(request->to.data + 4, size);
  fill_in(packet + 4, size - ENDPOINT_HEADER);
  fill_in(packet + ENDPOINT_HEADER, size - ENDPOINT_HEADER);
  fill_in(packet + ENDPOINT_HEADER + 12, request->variables);
  empty_folder(folder);
  return rpc_call(rpc, 0, request->to.data, request->to.length, reply, sizeof reply, &reply_length) && read_stub(reply, reply_length, folder, variables);
}
