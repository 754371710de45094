// WDS control packets (MS-WDSC section 2.2.1) and the operations of a client (MS-WDSOSD section 2.2).
#pragma once
#include "rpc.h"

struct wds_operation {
  const char *name;
  const uint8_t *endpoint;
  uint32_t code;
};

extern const struct rpc_interface WDS_INTERFACE;

const struct wds_operation *wds_operation_named(const char *name);

// /// A request under construction.
struct wds_request {
  struct writer to;
  uint32_t variables;
};

void wds_begin(struct wds_request *request, uint8_t *bytes, size_t capacity, const struct wds_operation *operation);
/// `NAME:TYPE=VALUE`, TYPE one of u8, u16, u32, text.
bool wds_add(struct wds_request *request, const char *assignment);
// /// Sends the request and writes every variable of the reply to a file of its name below `folder`, which it empties first.
bool wds_send(struct wds_request *request, struct rpc *rpc, int folder, uint32_t *variables);
