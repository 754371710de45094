// Connection-oriented DCE/RPC over TCP (C706 chapter 12, MS-RPCE): one connection, one interface.
#pragma once
#include "ntlm.h"

// /// The value that Windows offers (reference trace: max_xmit 5840).
#define RPC_MAX_FRAGMENT 5840

struct rpc_interface {
  uint8_t uuid[16];
  uint16_t major;
};

struct rpc {
  int socket;
  uint32_t call_id;
  uint16_t max_transmit;
  const struct rpc_interface *interface;
  bool sealed;
  struct ntlm_session security;
};

/// Connects and binds without authentication. `address` is dotted decimal.
bool rpc_open(struct rpc *rpc, const char *address, uint16_t port, const struct rpc_interface *interface);
// /// Adds a security context: NTLM, privacy (alter context, AUTH3). The answer to the next call shows whether the server accepts
// it.
bool rpc_authenticate(struct rpc *rpc, struct account account);
// /// Calls an operation and stores the stub of its answer, at most `capacity` bytes.
bool rpc_call(struct rpc *rpc, uint16_t operation, const uint8_t *stub, size_t length, uint8_t *answer, size_t capacity, size_t *answer_length);
void rpc_close(struct rpc *rpc);
