import { describe, expect, it } from 'vitest';
import { isMalformed } from '../../../packet/malformed.ts';
import { exportedSessionKey, ntlmMic, ntlmMicFits, ntlmResponseKey, NtlmSealer, ntlmV2Response } from './security.ts';
import { encodeAvPairs, encodeNtlmAuthenticate, encodeNtlmChallenge, encodeNtlmNegotiate } from './encode.ts';
import { decodeNtlm, type NtlmMessage } from './codec.ts';
import { Rc4 } from './rc4.ts';
import { encodeUtf16, hex } from '../../../packet/text.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
const none = new Uint8Array(0);

function decoded<Type extends 2 | 3>(message: Uint8Array, type: Type): Extract<NtlmMessage, { type: Type }> {
  const ntlm = decodeNtlm(message);
  if (isMalformed(ntlm) || ntlm.type !== type) throw new Error(`expected a message of type ${type}`);
  return ntlm as Extract<NtlmMessage, { type: Type }>;
}

// MS-NLMP section 4.2.4: User, Domain, Password; client challenge aa…, random session key 55…, time 0.
const FLAGS = 0xe28a8233;
const CHALLENGE = encodeNtlmChallenge({
  flags: FLAGS,
  targetName: 'Server',
  serverChallenge: bytes('0123456789abcdef'),
  targetInfo: encodeAvPairs([
    { id: 2, value: 'Domain' },
    { id: 1, value: 'Server' },
  ]),
});
const challenge = decoded(CHALLENGE, 2);
const SESSION_KEY = bytes('55'.repeat(16));
const responseKey = ntlmResponseKey('Password', 'User', 'Domain');

function authenticate(
  changes: { ntResponse?: Uint8Array; flags?: number; targetInfo?: Uint8Array; encryptedSessionKey?: Uint8Array } = {},
): Uint8Array {
  const response = ntlmV2Response(responseKey, challenge, {
    fileTime: 0n,
    clientChallenge: bytes('aa'.repeat(8)),
    targetInfo:
      changes.targetInfo ??
      encodeAvPairs([
        { id: 2, value: 'Domain' },
        { id: 1, value: 'Server' },
      ]),
  });
  const encryptedSessionKey = changes.encryptedSessionKey ?? new Rc4(response.baseKey).apply(SESSION_KEY);
  return encodeNtlmAuthenticate({
    flags: changes.flags ?? FLAGS,
    domain: 'Domain',
    user: 'User',
    workstation: 'COMPUTER',
    lmResponse: none,
    ntResponse: changes.ntResponse ?? response.ntResponse,
    encryptedSessionKey,
  });
}

describe('NTLMv2', () => {
  it('gives the keys of MS-NLMP section 4.2.4', () => {
    expect(hex(responseKey)).toBe('0c868a403bfd7a93a3001ef22ef02e3f');
    const targetInfo = encodeAvPairs([
      { id: 2, value: 'Domain' },
      { id: 1, value: 'Server' },
    ]);
    const { ntResponse, baseKey } = ntlmV2Response(responseKey, challenge, {
      fileTime: 0n,
      clientChallenge: bytes('aa'.repeat(8)),
      targetInfo,
    });
    expect(hex(ntResponse.subarray(0, 16))).toBe('68cd0ab851e51c96aabc927bebef6a1c');
    expect(hex(baseKey)).toBe('8de40ccadbc14a82f15cb0ad0de95ca3');
    expect(hex(new Rc4(baseKey).apply(SESSION_KEY))).toBe('c5dad2544fc9799094ce1ce90bc9d03e');
  });

  it('seals as MS-NLMP section 4.2.4.4 does', () => {
    const sealed = new NtlmSealer(SESSION_KEY, FLAGS, 'client-to-server').seal({
      before: none,
      stub: encodeUtf16('Plaintext'),
      after: none,
    });
    expect(hex(sealed.stub)).toBe('54e50165bf1936dc996020c1811b0f06fb5f');
    expect(hex(sealed.signature)).toBe('010000007fb38ec5c55d497600000000');
  });

  it('finds the exported session key for the right password, and for no other', () => {
    const message = decoded(authenticate(), 3);
    expect(exportedSessionKey(challenge, message, 'Password')).toEqual(SESSION_KEY);
    expect(exportedSessionKey(challenge, message, 'password')).toBeUndefined();
  });

  it('takes no NTLMv1 response, and no session key of another length', () => {
    expect(
      exportedSessionKey(challenge, decoded(authenticate({ ntResponse: new Uint8Array(24) }), 3), 'Password'),
    ).toBeUndefined();
    expect(
      exportedSessionKey(challenge, decoded(authenticate({ encryptedSessionKey: new Uint8Array(8) }), 3), 'Password'),
    ).toBeUndefined();
  });

  it('derives the key without an exchange from the response', () => {
    const flags = FLAGS & ~0x40000000;
    expect(
      hex(
        exportedSessionKey(challenge, decoded(authenticate({ flags, encryptedSessionKey: none }), 3), 'Password') ??
          none,
      ),
    ).toBe('8de40ccadbc14a82f15cb0ad0de95ca3');
  });
});

describe('the integrity code of an exchange', () => {
  const negotiate = encodeNtlmNegotiate({ flags: FLAGS });
  const promised = encodeAvPairs([{ id: 6, value: Uint8Array.of(2, 0, 0, 0) }]);

  it('fits unchanged messages only, when the client promised one', () => {
    const message = authenticate({ targetInfo: promised });
    message.set(ntlmMic(SESSION_KEY, negotiate, CHALLENGE, message), 72);
    const messages = { negotiate, challenge: CHALLENGE, authenticate: message };
    expect(ntlmMicFits(SESSION_KEY, messages, decoded(message, 3))).toBe(true);
    const weaker = encodeNtlmNegotiate({ flags: FLAGS & ~0x20000000 });
    expect(ntlmMicFits(SESSION_KEY, { ...messages, negotiate: weaker }, decoded(message, 3))).toBe(false);
  });

  it('is not asked for otherwise', () => {
    const message = authenticate();
    expect(
      ntlmMicFits(SESSION_KEY, { negotiate, challenge: CHALLENGE, authenticate: message }, decoded(message, 3)),
    ).toBe(true);
  });
});

describe('NtlmSealer', () => {
  const message = (text: string) => ({
    before: encodeUtf16('head'),
    stub: encodeUtf16(text),
    after: encodeUtf16('tail'),
  });

  it.each([FLAGS, FLAGS & ~0x20000000, FLAGS & ~0xa0000000, FLAGS & ~0x40000000])(
    'is opened by the other side with flags %i, message by message',
    (flags) => {
      const client = new NtlmSealer(SESSION_KEY, flags, 'client-to-server');
      const server = new NtlmSealer(SESSION_KEY, flags, 'client-to-server');
      for (const text of ['first', 'second', '']) {
        const { stub, signature } = client.seal(message(text));
        expect(server.unseal({ ...message(text), stub }, signature)).toEqual({ stub: encodeUtf16(text), valid: true });
      }
      expect(server.verify(message('signed'), client.sign(message('signed')))).toBe(true);
    },
  );

  it('notices a changed header, a replay, and a message of the other direction', () => {
    const client = new NtlmSealer(SESSION_KEY, FLAGS, 'client-to-server');
    const server = new NtlmSealer(SESSION_KEY, FLAGS, 'client-to-server');
    const { stub, signature } = client.seal(message('text'));
    expect(server.unseal({ ...message('text'), before: none, stub }, signature).valid).toBe(false);
    expect(server.unseal({ ...message('text'), stub }, signature).valid).toBe(false);
    expect(
      new NtlmSealer(SESSION_KEY, FLAGS, 'server-to-client').unseal({ ...message('text'), stub }, signature).valid,
    ).toBe(false);
  });
});
