#include "rpc.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { REQUEST = 0, RESPONSE = 2, FAULT = 3, BIND = 11, BIND_ACK = 12, BIND_NAK = 13, ALTER_CONTEXT = 14, ALTER_CONTEXT_RESPONSE = 15, AUTH3 = 16 };
enum { FIRST = 1, LAST = 2, HEADER_SIGN = 4 };
enum { HEADER_LENGTH = 16, REQUEST_HEADER_LENGTH = 24, TRAILER_LENGTH = 8 };
enum { AUTH_NTLM = 10, LEVEL_PRIVACY = 6 };
// MS-RPCE 2.2.2.11: the trailer is at a multiple of 16 bytes from the stub's start.
enum { AUTH_ALIGNMENT = 16 };
enum { ANSWER_SECONDS = 20 };

static const uint8_t NDR[20] = {0x04, 0x5d, 0x88, 0x8a, 0xeb, 0x1c, 0xc9, 0x11, 0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60, 2, 0, 0, 0};

// One PDU as received.
struct pdu {
  uint8_t bytes[RPC_MAX_FRAGMENT];
  uint8_t type, flags;
  size_t length, auth_length;
  // After the header, without padding and trailer.
  size_t body_length;
  size_t auth_start, auth_padding;
  uint8_t auth_type, auth_level;
};

static struct pdu received;

static bool send_all(struct rpc *rpc, const uint8_t *bytes, size_t length) {
  while (length > 0) {
    ssize_t sent = send(rpc->socket, bytes, length, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return fail("sending: %s", strerror(errno));
    bytes += sent;
    length -= (size_t)sent;
  }
  return true;
}

static bool receive_all(struct rpc *rpc, uint8_t *bytes, size_t length, const char *what) {
  while (length > 0) {
    ssize_t got = recv(rpc->socket, bytes, length, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return fail("no answer within %d s (%s)", ANSWER_SECONDS, what);
    if (got < 0) return fail("receiving: %s", strerror(errno));
    if (got == 0) return fail("the server closed the connection (%s)", what);
    bytes += got;
    length -= (size_t)got;
  }
  return true;
}

static const char *fault_name(uint32_t status) {
  switch (status) {
    case 0x00000005: return " (access denied)";
    case 0x00000721: return " (a security package error)";
    case 0x000006f7: return " (the stub received bad data)";
    case 0x1c010002: return " (operation number out of range)";
    case 0x1c010003: return " (unknown interface)";
    case 0x1c01000b: return " (protocol error)";
    default: return "";
  }
}

// Receives the next PDU: an answer to the current call, within the negotiated limits.
static bool receive_pdu(struct rpc *rpc, struct pdu *pdu) {
  if (!receive_all(rpc, pdu->bytes, HEADER_LENGTH, "a PDU's header")) return false;
  struct reader header = {.data = pdu->bytes, .length = HEADER_LENGTH};
  uint8_t version = take_u8(&header), minor = take_u8(&header);
  pdu->type = take_u8(&header);
  pdu->flags = take_u8(&header);
  uint32_t representation = take_u32(&header);
  pdu->length = take_u16(&header);
  pdu->auth_length = take_u16(&header);
  uint32_t call_id = take_u32(&header);
  if (version != 5 || minor > 1 || (representation & 0xff) != 0x10) return fail("the server does not speak DCE/RPC 5.0, little-endian");
  if (pdu->length < HEADER_LENGTH || pdu->length > RPC_MAX_FRAGMENT) return fail("a fragment claims %zu bytes; expected %d to %d", pdu->length, HEADER_LENGTH, RPC_MAX_FRAGMENT);
  if (!receive_all(rpc, pdu->bytes + HEADER_LENGTH, pdu->length - HEADER_LENGTH, "the rest of a PDU")) return false;
  if (call_id != rpc->call_id) return fail("expected an answer to call %u, got one to call %u", rpc->call_id, call_id);
  pdu->body_length = pdu->length - HEADER_LENGTH;
  pdu->auth_type = pdu->auth_level = 0;
  if (pdu->auth_length == 0) return true;
  if (pdu->auth_length + TRAILER_LENGTH > pdu->body_length) return fail("an authentication of %zu bytes does not fit into a fragment of %zu", pdu->auth_length, pdu->length);
  pdu->auth_start = pdu->length - pdu->auth_length;
  struct reader trailer = {.data = pdu->bytes + pdu->auth_start - TRAILER_LENGTH, .length = TRAILER_LENGTH};
  pdu->auth_type = take_u8(&trailer);
  pdu->auth_level = take_u8(&trailer);
  pdu->auth_padding = take_u8(&trailer);
  pdu->body_length -= pdu->auth_length + TRAILER_LENGTH;
  if (pdu->auth_padding > pdu->body_length) return fail("a padding of %zu bytes does not fit into a body of %zu", pdu->auth_padding, pdu->body_length);
  pdu->body_length -= pdu->auth_padding;
  return true;
}

static struct reader body_of(const struct pdu *pdu) {
  return (struct reader){.data = pdu->bytes + HEADER_LENGTH, .length = pdu->body_length};
}

static bool refused(const struct pdu *pdu) {
  struct reader body = body_of(pdu);
  if (pdu->type == BIND_NAK) {
    uint16_t reason = take_u16(&body);
    return fail("the server refused to bind, reason %u", reason);
  }
  if (pdu->type == FAULT) {
    take(&body, 8);
    uint32_t status = take_u32(&body);
    return fail("fault 0x%08x%s", status, fault_name(status));
  }
  return fail("unexpected PDU of type %u", pdu->type);
}

// Writes the header of a PDU; `finish_pdu` fills in its length.
static struct writer begin_pdu(struct rpc *rpc, uint8_t *bytes, uint8_t type, uint8_t flags) {
  struct writer to = {.data = bytes, .capacity = RPC_MAX_FRAGMENT};
  put(&to, (uint8_t[]){5, 0, type, flags, 0x10, 0, 0, 0, 0, 0, 0, 0}, 12);
  put_u32(&to, rpc->call_id);
  return to;
}

static void finish_pdu(struct writer *to, size_t auth_length) {
  struct writer lengths = {.data = to->data + 8, .capacity = 4};
  put_u16(&lengths, to->length);
  put_u16(&lengths, auth_length);
}

static void put_trailer(struct writer *to, uint8_t padding) {
  put(to, (uint8_t[]){AUTH_NTLM, LEVEL_PRIVACY, padding, 0}, 4);
  put_u32(to, 0);
}

static void put_context(struct rpc *rpc, struct writer *to) {
  put_u16(to, RPC_MAX_FRAGMENT);
  put_u16(to, RPC_MAX_FRAGMENT);
  put_u32(to, 0);
  put(to, (uint8_t[]){1, 0, 0, 0, 0, 0, 1, 0}, 8);
  put(to, rpc->interface->uuid, sizeof rpc->interface->uuid);
  put_u16(to, rpc->interface->major);
  put_u16(to, 0);
  put(to, NDR, sizeof NDR);
}

// Reads the answer to a bind or alter-context: whether the server accepts the interface, and the largest fragment.
static bool read_acknowledgement(struct rpc *rpc, const struct pdu *pdu, uint8_t expected) {
  if (pdu->type != expected) return refused(pdu);
  struct reader body = body_of(pdu);
  take(&body, 2);
  uint16_t max_receive = take_u16(&body);
  take(&body, 4);
  uint16_t address_length = take_u16(&body);
  take(&body, address_length);
  take(&body, (4 - body.offset % 4) % 4);
  uint8_t count = take_u8(&body);
  take(&body, 3);
  uint16_t result = take_u16(&body), reason = take_u16(&body);
  if (body.failed || count == 0) return fail("the answer to a bind is truncated");
  if (result != 0) return fail("the server does not accept the interface (result %u, reason %u)", result, reason);
  // C706 12.6.3.1: every implementation must accept 1432 bytes.
  if (max_receive < 1432) return fail("the server accepts fragments of %u bytes, expected at least 1432", max_receive);
  if (max_receive < rpc->max_transmit) rpc->max_transmit = max_receive;
  return true;
}

static bool connect_to(struct rpc *rpc, const char *address, uint16_t port) {
  struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(port)};
  if (inet_pton(AF_INET, address, &server.sin_addr) != 1) return fail("%s is not an IPv4 address", address);
  rpc->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (rpc->socket < 0) return fail("creating a socket: %s", strerror(errno));
  struct timeval limit = {.tv_sec = ANSWER_SECONDS};
  // SO_SNDTIMEO also limits connect(2).
  setsockopt(rpc->socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  setsockopt(rpc->socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  if (connect(rpc->socket, (struct sockaddr *)&server, sizeof server) == 0) return true;
  return fail("%s, TCP port %u: %s", address, port, strerror(errno == EINPROGRESS ? ETIMEDOUT : errno));
}

bool rpc_open(struct rpc *rpc, const char *address, uint16_t port, const struct rpc_interface *interface) {
  *rpc = (struct rpc){.socket = -1, .call_id = 1, .max_transmit = RPC_MAX_FRAGMENT, .interface = interface};
  if (!connect_to(rpc, address, port)) return false;
  uint8_t bytes[RPC_MAX_FRAGMENT];
  struct writer to = begin_pdu(rpc, bytes, BIND, FIRST | LAST | HEADER_SIGN);
  put_context(rpc, &to);
  finish_pdu(&to, 0);
  return send_all(rpc, to.data, to.length) && receive_pdu(rpc, &received) && read_acknowledgement(rpc, &received, BIND_ACK);
}

// After an interrupted call the next answer might belong to that call.
static bool broken(struct rpc *rpc) {
  rpc_close(rpc);
  return false;
}

static bool exchange_tokens(struct rpc *rpc, struct account account) {
  uint8_t bytes[RPC_MAX_FRAGMENT], negotiate[64];
  struct writer token = {.data = negotiate, .capacity = sizeof negotiate};
  ntlm_negotiate(&token);
  rpc->call_id++;
  struct writer to = begin_pdu(rpc, bytes, ALTER_CONTEXT, FIRST | LAST | HEADER_SIGN);
  put_context(rpc, &to);
  put_trailer(&to, 0);
  put(&to, token.data, token.length);
  finish_pdu(&to, token.length);
  if (!send_all(rpc, to.data, to.length) || !receive_pdu(rpc, &received) || !read_acknowledgement(rpc, &received, ALTER_CONTEXT_RESPONSE)) return false;
  if (received.auth_length == 0 || received.auth_type != AUTH_NTLM) return fail("the server sent no NTLM challenge");

  to = begin_pdu(rpc, bytes, AUTH3, FIRST | LAST);
  put_zeros(&to, 4);
  put_trailer(&to, 0);
  size_t start = to.length;
  if (!ntlm_authenticate(&to, &rpc->security, received.bytes + received.auth_start, received.auth_length, token.data, token.length, account)) return false;
  finish_pdu(&to, to.length - start);
  rpc->sealed = true;
  // The first authenticated call has the same number (reference trace, frames 38 to 41).
  rpc->call_id--;
  return send_all(rpc, to.data, to.length);
}

bool rpc_authenticate(struct rpc *rpc, struct account account) {
  return exchange_tokens(rpc, account) || broken(rpc);
}

// Sends one fragment of a request. If it is sealed, the signature covers header, stub, padding and trailer (MS-RPCE 2.2.2.11).
static bool send_fragment(struct rpc *rpc, uint16_t operation, uint8_t flags, size_t hint, const uint8_t *stub, size_t length) {
  uint8_t bytes[RPC_MAX_FRAGMENT];
  struct writer to = begin_pdu(rpc, bytes, REQUEST, flags);
  put_u32(&to, hint);
  put_u16(&to, 0);
  put_u16(&to, operation);
  put(&to, stub, length);
  if (rpc->sealed) {
    size_t padding = (AUTH_ALIGNMENT - length % AUTH_ALIGNMENT) % AUTH_ALIGNMENT;
    uint8_t signature[NTLM_SIGNATURE_LENGTH];
    put_zeros(&to, padding);
    put_trailer(&to, padding);
    size_t signed_length = to.length;
    put_zeros(&to, sizeof signature);
    finish_pdu(&to, sizeof signature);
    ntlm_seal(&rpc->security.sent, bytes, signed_length, bytes + REQUEST_HEADER_LENGTH, length + padding, signature);
    memcpy(bytes + signed_length, signature, sizeof signature);
  } else {
    finish_pdu(&to, 0);
  }
  return send_all(rpc, to.data, to.length);
}

static bool send_request(struct rpc *rpc, uint16_t operation, const uint8_t *stub, size_t length) {
  size_t room = (rpc->max_transmit - REQUEST_HEADER_LENGTH - TRAILER_LENGTH - NTLM_SIGNATURE_LENGTH) / AUTH_ALIGNMENT * AUTH_ALIGNMENT;
  for (size_t sent = 0; sent == 0 || sent < length;) {
    size_t part = length - sent < room ? length - sent : room;
    uint8_t flags = (sent == 0 ? FIRST : 0) | (sent + part == length ? LAST : 0);
    if (!send_fragment(rpc, operation, flags, length - sent, stub + sent, part)) return false;
    sent += part;
    if (part == 0) break;
  }
  return true;
}

static bool unsealed(struct rpc *rpc, struct pdu *pdu) {
  if (pdu->auth_type != AUTH_NTLM || pdu->auth_level != LEVEL_PRIVACY || pdu->auth_length != NTLM_SIGNATURE_LENGTH) return fail("an answer is not sealed with NTLM privacy");
  if (pdu->body_length < 8) return fail("an answer is truncated");
  size_t sealed_length = pdu->body_length + pdu->auth_padding - 8;
  return ntlm_unseal(&rpc->security.received, pdu->bytes, pdu->auth_start, pdu->bytes + REQUEST_HEADER_LENGTH, sealed_length, pdu->bytes + pdu->auth_start);
}

bool rpc_call(struct rpc *rpc, uint16_t operation, const uint8_t *stub, size_t length, uint8_t *answer, size_t capacity, size_t *answer_length) {
  rpc->call_id++;
  if (!send_request(rpc, operation, stub, length)) return broken(rpc);
  *answer_length = 0;
  for (bool first = true;; first = false) {
    if (!receive_pdu(rpc, &received)) return broken(rpc);
    // A fault may be sealed; an answer must be.
    if (rpc->sealed && (received.type == RESPONSE || received.auth_length > 0) && !unsealed(rpc, &received)) return broken(rpc);
    if (received.type == FAULT) return refused(&received);
    if (received.type != RESPONSE) return refused(&received) || broken(rpc);
    if (first != ((received.flags & FIRST) != 0)) return fail("the fragments of an answer are out of order") || broken(rpc);
    struct reader body = body_of(&received);
    take(&body, 8);
    size_t part = remaining(&body);
    if (body.failed) return fail("an answer is truncated") || broken(rpc);
    if (part > capacity - *answer_length) return fail("an answer has more than %zu bytes", capacity) || broken(rpc);
    memcpy(answer + *answer_length, body.data + body.offset, part);
    *answer_length += part;
    if ((received.flags & LAST) != 0) return true;
    if (part == 0) return fail("an empty fragment before the last one") || broken(rpc);
  }
}

void rpc_close(struct rpc *rpc) {
  if (rpc->socket >= 0) close(rpc->socket);
  rpc->socket = -1;
}
