// NTLMv2 (MS-NLMP) for DCE/RPC with privacy: three messages, then sealed PDUs.
#pragma once
#include "bytes.h"
#include <nettle/arcfour.h>

#define NTLM_SIGNATURE_LENGTH 16

struct account {
  const char *domain, *user, *password;
};

struct ntlm_direction {
  uint8_t signing_key[16];
  struct arcfour_ctx sealing;
  uint32_t sequence;
};

struct ntlm_session {
  struct ntlm_direction sent, received;
};

/// The NEGOTIATE message (MS-NLMP 2.2.1.1).
void ntlm_negotiate(struct writer *to);
/// The AUTHENTICATE message that answers a CHALLENGE (2.2.1.2, 2.2.1.3, 3.1.5.1.2), and the session's keys.
bool ntlm_authenticate(struct writer *to, struct ntlm_session *session, const uint8_t *challenge, size_t challenge_length,
                       const uint8_t *negotiate, size_t negotiate_length, struct account account);
// /// Encrypts the part of a PDU at `sealed` in place and signs the whole PDU as it was before (3.4.4.2).
void ntlm_seal(struct ntlm_direction *direction, const uint8_t *pdu, size_t pdu_length, uint8_t *sealed, size_t sealed_length, uint8_t signature[NTLM_SIGNATURE_LENGTH]);
// /// Decrypts in place; false if the signature is wrong.
bool ntlm_unseal(struct ntlm_direction *direction, const uint8_t *pdu, size_t pdu_length, uint8_t *sealed, size_t sealed_length, const uint8_t signature[NTLM_SIGNATURE_LENGTH]);
