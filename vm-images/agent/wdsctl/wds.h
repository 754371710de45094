// WDS control packets (MS-WDSC section 2.2.1) and the operations that a client asks for (MS-WDSOSD section 2.2).
#pragma once
#include "rpc.h"

struct wds_operation {
  const char *name;
  const uint8_t *endpoint;
  uint32_t code;
};

extern const struct rpc_interface WDS_INTERFACE;

const struct wds_operation *wds_operation_named(const char *name);

/// A request that is being written.
struct wds_request {
  struct writer to;
  uint32_t variables;
};

void wds_begin(struct wds_request *request, uint8_t *bytes, size_t capacity, const struct wds_operation *operation);
/// `NAME:TYPE=VALUE`, TYPE one of u8, u16, u32, text.
bool wds_add(struct wds_request *request, const char *assignment);
/// Sends it and writes every variable of the reply into a file of its name below `folder`, which is emptied first.
bool wds_send(struct wds_request *request, struct rpc *rpc, int folder, uint32_t *variables);
