#include "ntlm.h"
#include <nettle/hmac.h>
#include <nettle/md4.h>
#include <nettle/md5.h>
#include <nettle/memops.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

// Flags (2.2.2.5).
enum {
  UNICODE = 0x1, REQUEST_TARGET = 0x4, SIGN = 0x10, SEAL = 0x20, NTLM = 0x200, ALWAYS_SIGN = 0x8000,
  EXTENDED_SESSION_SECURITY = 0x80000, VERSION = 0x2000000, KEY_128 = 0x20000000, KEY_EXCHANGE = 0x40000000,
};
#define KEY_56 0x80000000u
#define OFFERED (UNICODE | REQUEST_TARGET | SIGN | SEAL | NTLM | ALWAYS_SIGN | EXTENDED_SESSION_SECURITY | VERSION | KEY_128 | KEY_EXCHANGE | KEY_56)
// Without these flags there is no privacy, or the keys are derived in another way.
#define NEEDED (UNICODE | SIGN | SEAL | EXTENDED_SESSION_SECURITY | KEY_128 | KEY_EXCHANGE)

enum { AV_END = 0, AV_FLAGS = 6, AV_TIMESTAMP = 7 };
#define AV_FLAG_MIC 2
// Enough for some twenty names. No server sends more, and all of it must fit into one fragment of AUTH3.
#define MAX_TARGET_INFO 2048
#define MIC_OFFSET 72
#define HEADER_LENGTH 88

static const uint8_t MAGIC[8] = "NTLMSSP";
// Windows 7 SP1, NTLM revision 15 (2.2.2.10): the version that Windows PE 3.1 sends.
static const uint8_t VERSION_BYTES[8] = {6, 1, 0xb1, 0x1d, 0, 0, 0, 15};

void ntlm_negotiate(struct writer *to) {
  put(to, MAGIC, sizeof MAGIC);
  put_u32(to, 1);
  put_u32(to, OFFERED);
  put_zeros(to, 16);
  put(to, VERSION_BYTES, sizeof VERSION_BYTES);
}

static void hmac(const uint8_t key[16], size_t count, const struct reader *parts, uint8_t digest[16]) {
  struct hmac_md5_ctx context;
  hmac_md5_set_key(&context, 16, key);
  for (size_t i = 0; i < count; i++) hmac_md5_update(&context, parts[i].length, parts[i].data);
  hmac_md5_digest(&context, 16, digest);
}

#define PART(bytes, size) ((struct reader){.data = (bytes), .length = (size)})

struct challenge {
  uint8_t nonce[8];
  const uint8_t *info;
  size_t info_length;
  const uint8_t *timestamp;
};

static bool read_challenge(const uint8_t *data, size_t length, struct challenge *challenge) {
  struct reader from = PART(data, length);
  const uint8_t *magic = take(&from, sizeof MAGIC);
  uint32_t type = take_u32(&from);
  take(&from, 8);
  uint32_t flags = take_u32(&from);
  const uint8_t *nonce = take(&from, 8);
  take(&from, 8);
  size_t info_length = take_u16(&from);
  take(&from, 2);
  size_t info_offset = take_u32(&from);
  if (from.failed || memcmp(magic, MAGIC, sizeof MAGIC) != 0 || type != 2) return fail("no NTLM challenge in the server's answer");
  if ((flags & NEEDED) != NEEDED) return fail("the NTLM challenge grants flags 0x%08x, expected 0x%08x", flags, NEEDED);
  if (info_offset > length || info_length > length - info_offset) return fail("the NTLM challenge's target info (%zu bytes at %zu) lies outside its %zu bytes", info_length, info_offset, length);
  if (info_length > MAX_TARGET_INFO) return fail("the NTLM challenge has %zu bytes of target info, expected at most %d", info_length, MAX_TARGET_INFO);
  *challenge = (struct challenge){.info = data + info_offset, .info_length = info_length};
  memcpy(challenge->nonce, nonce, sizeof challenge->nonce);
  struct reader pairs = PART(challenge->info, info_length);
  while (remaining(&pairs) > 0) {
    uint16_t id = take_u16(&pairs), size = take_u16(&pairs);
    const uint8_t *value = take(&pairs, size);
    if (pairs.failed) return fail("the NTLM challenge's target info is truncated");
    if (id == AV_END) break;
    if (id == AV_TIMESTAMP && size == 8) challenge->timestamp = value;
  }
  return true;
}

// The client's target info (3.1.5.1.2): a copy of the server's and, if that has a timestamp, the flag that announces a MIC.
static void put_target_info(struct writer *to, const struct challenge *challenge) {
  struct reader pairs = PART(challenge->info, challenge->info_length);
  while (remaining(&pairs) > 0) {
    uint16_t id = take_u16(&pairs), size = take_u16(&pairs);
    const uint8_t *value = take(&pairs, size);
    if (id == AV_END || value == NULL) break;
    if (id == AV_FLAGS && challenge->timestamp) continue;
    put_u16(to, id);
    put_u16(to, size);
    put(to, value, size);
  }
  if (challenge->timestamp) {
    put_u16(to, AV_FLAGS);
    put_u16(to, 4);
    put_u32(to, AV_FLAG_MIC);
  }
  put_u32(to, AV_END);
}

// FILETIME: 100 ns since 1601.
static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  return ((uint64_t)time.tv_sec + 11644473600u) * 10000000 + (uint64_t)time.tv_nsec / 100;
}

// NTOWFv2 (3.3.2).
static bool response_key(struct account account, uint8_t key[16]) {
  uint8_t buffer[2048], password_hash[MD4_DIGEST_SIZE];
  struct writer text = {.data = buffer, .capacity = sizeof buffer};
  if (!put_utf16(&text, account.password) || text.full) return fail("the password is too long or not UTF-8");
  struct md4_ctx md4;
  md4_init(&md4);
  md4_update(&md4, text.length, text.data);
  md4_digest(&md4, sizeof password_hash, password_hash);
  text.length = 0;
  if (!put_utf16_upper(&text, account.user) || !put_utf16(&text, account.domain) || text.full) return fail("the account's name is too long or not UTF-8");
  hmac(password_hash, 1, &PART(text.data, text.length), key);
  return true;
}

// SIGNKEY and SEALKEY (3.4.5.2, 3.4.5.3).
static void derive(struct ntlm_direction *direction, const uint8_t exported[16], const char *signing, const char *sealing) {
  struct md5_ctx md5;
  uint8_t key[16];
  md5_init(&md5);
  md5_update(&md5, 16, exported);
  md5_update(&md5, strlen(signing) + 1, (const uint8_t *)signing);
  md5_digest(&md5, 16, direction->signing_key);
  md5_update(&md5, 16, exported);
  md5_update(&md5, strlen(sealing) + 1, (const uint8_t *)sealing);
  md5_digest(&md5, 16, key);
  arcfour_set_key(&direction->sealing, sizeof key, key);
  direction->sequence = 0;
}

struct field {
  const void *data;
  size_t length;
};

bool ntlm_authenticate(struct writer *to, struct ntlm_session *session, const uint8_t *challenge_bytes, size_t challenge_length,
                       const uint8_t *negotiate, size_t negotiate_length, struct account account) {
  struct challenge challenge;
  uint8_t key[16], proof[16], base_key[16], exported[16], encrypted[16], nonce[8], lm[24] = {0};
  if (!read_challenge(challenge_bytes, challenge_length, &challenge) || !response_key(account, key)) return false;
  if (getrandom(nonce, sizeof nonce, 0) != sizeof nonce || getrandom(exported, sizeof exported, 0) != sizeof exported) return fail("getrandom(2) failed");

  uint8_t response_bytes[MAX_TARGET_INFO + 128];
  struct writer response = {.data = response_bytes, .capacity = sizeof response_bytes};
  put_zeros(&response, sizeof proof);
  put(&response, (uint8_t[]){1, 1, 0, 0, 0, 0, 0, 0}, 8);
  if (challenge.timestamp) put(&response, challenge.timestamp, 8);
  else put_u64(&response, now());
  put(&response, nonce, sizeof nonce);
  put_zeros(&response, 4);
  put_target_info(&response, &challenge);
  put_zeros(&response, 4);
  hmac(key, 2, (struct reader[]){PART(challenge.nonce, 8), PART(response.data + sizeof proof, response.length - sizeof proof)}, proof);
  memcpy(response.data, proof, sizeof proof);
  hmac(key, 1, &PART(proof, sizeof proof), base_key);
  // The LMv2 response is zero where the server sent its time (3.1.5.1.2).
  if (!challenge.timestamp) {
    hmac(key, 2, (struct reader[]){PART(challenge.nonce, 8), PART(nonce, 8)}, lm);
    memcpy(lm + 16, nonce, 8);
  }
  struct arcfour_ctx rc4;
  arcfour_set_key(&rc4, sizeof base_key, base_key);
  arcfour_crypt(&rc4, sizeof encrypted, encrypted, exported);

  uint8_t names[2048];
  struct writer text = {.data = names, .capacity = sizeof names};
  if (!put_utf16(&text, account.domain)) return false;
  size_t domain_length = text.length;
  if (!put_utf16(&text, account.user) || text.full) return fail("the account's name is too long or not UTF-8");
  // The order of Windows: domain, user, workstation (empty), then the responses.
  const struct field fields[6] = {
    {lm, sizeof lm}, {response.data, response.length}, {names, domain_length}, {names + domain_length, text.length - domain_length}, {NULL, 0}, {encrypted, sizeof encrypted},
  };
  static const int ORDER[6] = {2, 3, 4, 0, 1, 5};
  size_t start = to->length, offsets[6], offset = HEADER_LENGTH;
  for (int i = 0; i < 6; i++) {
    offsets[ORDER[i]] = offset;
    offset += fields[ORDER[i]].length;
  }
  put(to, MAGIC, sizeof MAGIC);
  put_u32(to, 3);
  for (int i = 0; i < 6; i++) {
    put_u16(to, fields[i].length);
    put_u16(to, fields[i].length);
    put_u32(to, offsets[i]);
  }
  put_u32(to, OFFERED);
  put(to, VERSION_BYTES, sizeof VERSION_BYTES);
  put_zeros(to, 16);
  for (int i = 0; i < 6; i++) put(to, fields[ORDER[i]].data, fields[ORDER[i]].length);
  if (to->full || response.full) return fail("the NTLM answer does not fit into one fragment");
  uint8_t *message = to->data + start;
  if (challenge.timestamp) {
    uint8_t mic[16];
    hmac(exported, 3, (struct reader[]){PART(negotiate, negotiate_length), PART(challenge_bytes, challenge_length), PART(message, to->length - start)}, mic);
    memcpy(message + MIC_OFFSET, mic, sizeof mic);
  }
  derive(&session->sent, exported, "session key to client-to-server signing key magic constant", "session key to client-to-server sealing key magic constant");
  derive(&session->received, exported, "session key to server-to-client signing key magic constant", "session key to server-to-client sealing key magic constant");
  return true;
}

// NTLMSSP_MESSAGE_SIGNATURE with extended session security and key exchange (2.2.2.9.2, 3.4.4.2).
static void sign(struct ntlm_direction *direction, const uint8_t digest[16], uint8_t signature[NTLM_SIGNATURE_LENGTH]) {
  struct writer to = {.data = signature, .capacity = NTLM_SIGNATURE_LENGTH};
  uint8_t checksum[8];
  arcfour_crypt(&direction->sealing, sizeof checksum, checksum, digest);
  put_u32(&to, 1);
  put(&to, checksum, sizeof checksum);
  put_u32(&to, direction->sequence++);
}

static void digest_of(const struct ntlm_direction *direction, const uint8_t *pdu, size_t length, uint8_t digest[16]) {
  uint8_t number[4];
  struct writer sequence = {.data = number, .capacity = sizeof number};
  put_u32(&sequence, direction->sequence);
  hmac(direction->signing_key, 2, (struct reader[]){PART(number, sizeof number), PART(pdu, length)}, digest);
}

void ntlm_seal(struct ntlm_direction *direction, const uint8_t *pdu, size_t pdu_length, uint8_t *sealed, size_t sealed_length, uint8_t signature[NTLM_SIGNATURE_LENGTH]) {
  uint8_t digest[16];
  digest_of(direction, pdu, pdu_length, digest);
  arcfour_crypt(&direction->sealing, sealed_length, sealed, sealed);
  sign(direction, digest, signature);
}

bool ntlm_unseal(struct ntlm_direction *direction, const uint8_t *pdu, size_t pdu_length, uint8_t *sealed, size_t sealed_length, const uint8_t signature[NTLM_SIGNATURE_LENGTH]) {
  uint8_t digest[16], expected[NTLM_SIGNATURE_LENGTH];
  arcfour_crypt(&direction->sealing, sealed_length, sealed, sealed);
  digest_of(direction, pdu, pdu_length, digest);
  sign(direction, digest, expected);
  return memeql_sec(expected, signature, sizeof expected) || fail("the signature of a reply is wrong");
}
