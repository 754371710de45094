#include "endpoint-mapper.h"
#include <string.h>

enum { EPT_MAP = 3, MAPPER_PORT = 135, TOWER_LENGTH = 75, FLOOR_TCP = 7 };
#define NOT_REGISTERED 0x16c9a0d6u

static const struct rpc_interface MAPPER = {
  .uuid = {0x08, 0x83, 0xaf, 0xe1, 0x1f, 0x5d, 0xc9, 0x11, 0x91, 0xa4, 0x08, 0x00, 0x2b, 0x14, 0xa0, 0xfa}, .major = 3,
};
static const uint8_t NDR_UUID[16] = {0x04, 0x5d, 0x88, 0x8a, 0xeb, 0x1c, 0xc9, 0x11, 0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60};

static void put_uuid_floor(struct writer *to, const uint8_t uuid[16], uint16_t major) {
  put_u16(to, 19);
  put_u8(to, 0x0d);
  put(to, uuid, 16);
  put_u16(to, major);
  put_u16(to, 2);
  put_u16(to, 0);
}

// Five floors: interface, NDR, connection-oriented RPC, TCP port, IPv4 address (C706 appendix L); the request asks for the last
// two.
static void put_tower(struct writer *to, const struct rpc_interface *interface) {
  put_u16(to, 5);
  put_uuid_floor(to, interface->uuid, interface->major);
  put_uuid_floor(to, NDR_UUID, 2);
  put(to, (uint8_t[]){1, 0, 0x0b, 2, 0, 0, 0}, 7);
  put(to, (uint8_t[]){1, 0, FLOOR_TCP, 2, 0, 0, 0}, 7);
  put(to, (uint8_t[]){1, 0, 0x09, 4, 0, 0, 0, 0, 0}, 9);
}

// The port in the fourth floor of a tower in the answer.
static bool read_tower(struct reader *from, uint16_t *port) {
  uint16_t floors = take_u16(from);
  for (uint16_t floor = 1; floor <= floors && !from->failed; floor++) {
    uint16_t left_length = take_u16(from);
    const uint8_t *left = take(from, left_length);
    uint16_t right_length = take_u16(from);
    const uint8_t *right = take(from, right_length);
    if (floor == 4 && left && right && left_length == 1 && left[0] == FLOOR_TCP && right_length == 2) {
      *port = right[0] << 8 | right[1];
      return *port != 0 || fail("the endpoint mapper names port 0");
    }
  }
  return fail("the endpoint mapper's answer names no TCP port");
}

static bool read_answer(struct reader *from, uint16_t *port) {
  take(from, 20);
  uint32_t count = take_u32(from);
  take(from, 8);
  uint32_t actual = take_u32(from);
  if (from->failed) return fail("the endpoint mapper's answer is truncated");
  if (count == 0 || actual == 0) {
    uint32_t status = take_u32(from);
    return fail("the server's endpoint mapper does not know the interface (status 0x%08x%s)", status, status == NOT_REGISTERED ? ", not registered" : "");
  }
  if (actual > remaining(from) / 4) return fail("the endpoint mapper's answer claims %u towers", actual);
  take(from, (size_t)actual * 4);
  take(from, 8);
  return read_tower(from, port);
}

bool endpoint_map(const char *address, const struct rpc_interface *interface, uint16_t *port) {
  uint8_t stub[160], answer[4096];
  size_t answer_length;
  struct writer to = {.data = stub, .capacity = sizeof stub};
  put_u32(&to, 1);
  put_zeros(&to, 16);
  put_u32(&to, 2);
  put_u32(&to, TOWER_LENGTH);
  put_u32(&to, TOWER_LENGTH);
  put_tower(&to, interface);
  put_padding(&to, 4);
  put_zeros(&to, 20);
  put_u32(&to, 1);
  struct rpc rpc;
  bool mapped = rpc_open(&rpc, address, MAPPER_PORT, &MAPPER) && rpc_call(&rpc, EPT_MAP, stub, to.length, answer, sizeof answer, &answer_length);
  rpc_close(&rpc);
  return mapped && read_answer(&(struct reader){.data = answer, .length = answer_length}, port);
}
