// The endpoint mapper (C706 appendix O): which TCP port an interface listens on.
#pragma once
#include "rpc.h"

bool endpoint_map(const char *address, const struct rpc_interface *interface, uint16_t *port);
