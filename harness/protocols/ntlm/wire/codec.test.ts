import { describe, expect, it } from 'vitest';
import { isMalformed } from '../../../packet/malformed.ts';
import { decodeNtlm, NTLM_FLAGS, type NtlmAuthenticate } from './codec.ts';
import { encodeSpnegoInit, encodeSpnegoResponse, MECHANISM_OIDS, NTLM_ONLY_MECHANISMS } from './spnego-encode.ts';
import { decodeSecurityToken } from './spnego.ts';
import { annotated } from '../../../packet/testing/annotated.ts';
import { expectTotal } from '../../../packet/testing/hostile.ts';

const utf16 = (text: string): string => Buffer.from(text, 'utf16le').toString('hex');

const NEGOTIATE = `
  "NTLMSSP" 00 01000000
  978208e2          ; flags: unicode, oem, request target, sign, ntlm, always sign, …
  0000 0000 00000000 ; domain: none
  0000 0000 00000000 ; workstation: none
  0601 b11d 0000000f ; version
`;
const CHALLENGE = `
  "NTLMSSP" 00 02000000
  0c00 0c00 30000000 ; target name: 12 bytes at 48
  15828962           ; flags
  0123456789abcdef   ; server challenge
  .. 8               ; reserved
  2400 2400 3c000000 ; target information: 36 bytes at 60
  ${utf16('SYSTEM')}
  0200 0c00 ${utf16('SYSTEM')} ; NetBIOS domain
  0700 0800 0090d336b734c301   ; timestamp
  0000 0000                    ; end of list
  0000 0000                    ; beyond the end: ignored
`;
// User of the reference trace: SYSTEM\\administrateur.
const AUTHENTICATE = `
  "NTLMSSP" 00 03000000
  0000 0000 40000000 ; LM response: none
  1800 1800 74000000 ; NT response: 24 bytes at 116
  0c00 0c00 40000000 ; domain: 12 bytes at 64
  1c00 1c00 4c000000 ; user: 28 bytes at 76
  0c00 0c00 68000000 ; workstation: 12 bytes at 104
  0000 0000 8c000000 ; session key: none
  15828862           ; flags
  ${utf16('SYSTEM')} ${utf16('administrateur')} ${utf16('MININT')}
  .. 24
`;
const ANONYMOUS = `"NTLMSSP" 00 03000000 ${'0000 0000 40000000 '.repeat(6)} 15820862`;

const derWrap = (tag: string, content: Uint8Array): Uint8Array =>
  Uint8Array.of(
    parseInt(tag, 16),
    ...(content.length < 128 ? [content.length] : [0x82, content.length >> 8, content.length & 255]),
    ...content,
  );
const bytes = (...parts: (string | Uint8Array)[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? annotated(part) : part)));

const OID_NTLM = '06 0a 2b06010401823702020a';
const OID_KERBEROS = '06 09 2a864886f712010202';
// RFC 4178 section 4.2: InitialContextToken with the SPNEGO OID, then negTokenInit.
const SPNEGO_INIT = derWrap(
  '60',
  bytes(
    '06 06 2b0601050502',
    derWrap(
      'a0',
      derWrap(
        '30',
        bytes(derWrap('a0', derWrap('30', bytes(OID_NTLM))), derWrap('a2', derWrap('04', annotated(NEGOTIATE)))),
      ),
    ),
  ),
);
const SPNEGO_RESPONSE = derWrap(
  'a1',
  derWrap(
    '30',
    bytes('a0 03 0a 01 01', derWrap('a1', bytes(OID_NTLM)), derWrap('a2', derWrap('04', annotated(CHALLENGE)))),
  ),
);
// The same with lengths in as few bytes as DER wants.
const shortest = (tag: string, content: Uint8Array): Uint8Array =>
  bytes(`${tag} ${content.length < 128 ? '' : '81'} ${content.length.toString(16).padStart(2, '0')}`, content);
const SPNEGO_RESPONSE_SHORT = Uint8Array.from(
  shortest(
    'a1',
    shortest(
      '30',
      bytes('a0 03 0a 01 01', shortest('a1', bytes(OID_NTLM)), shortest('a2', shortest('04', annotated(CHALLENGE)))),
    ),
  ),
);
const SPNEGO_KERBEROS = derWrap(
  '60',
  bytes(
    '06 06 2b0601050502',
    derWrap(
      'a0',
      derWrap(
        '30',
        bytes(
          derWrap('a0', derWrap('30', bytes(OID_KERBEROS, OID_NTLM))),
          derWrap('a2', derWrap('04', bytes('6001ff'))),
        ),
      ),
    ),
  ),
);

describe('decodeNtlm', () => {
  it('reads NEGOTIATE', () => {
    const message = decodeNtlm(annotated(NEGOTIATE));
    expect(message).toMatchObject({ type: 1, domain: '', workstation: '' });
    if (isMalformed(message)) throw new Error(message.reason);
    expect(message.flags & NTLM_FLAGS.keyExchange).not.toBe(0);
  });

  it('reads CHALLENGE with its target information', () => {
    expect(decodeNtlm(annotated(CHALLENGE))).toMatchObject({
      type: 2,
      targetName: 'SYSTEM',
      serverChallenge: annotated('0123456789abcdef'),
      targetInfo: [{ name: 'nb-domain', text: 'SYSTEM' }, { name: 'timestamp' }],
    });
  });

  it('reads who authenticates', () => {
    expect(decodeNtlm(annotated(AUTHENTICATE))).toMatchObject({
      type: 3,
      domain: 'SYSTEM',
      user: 'administrateur',
      workstation: 'MININT',
      anonymous: false,
    });
    expect((decodeNtlm(annotated(AUTHENTICATE)) as NtlmAuthenticate).ntResponse).toHaveLength(24);
  });

  it('tells a null session', () =>
    expect(decodeNtlm(annotated(ANONYMOUS))).toMatchObject({ type: 3, user: '', anonymous: true }));

  it.each([
    [
      'a descriptor outside the message',
      AUTHENTICATE.replace('1c00 1c00 4c000000', '1c00 1c00 80000000'),
      'user claims bytes 128 to 156 but there are only 140',
    ],
    ['an unknown type', '"NTLMSSP" 00 04000000', 'message type must be 1, 2 or 3, got 4'],
    ['another signature', '"NTLMSSQ" 00 01000000', 'expected the signature NTLMSSP'],
    [
      'target information that is cut',
      CHALLENGE.replace('0700 0800', '0700 ff00'),
      'target information: attribute 7 needs 255 bytes but only 16 remain',
    ],
  ])('is malformed with %s', (_, text, reason) => {
    expect(decodeNtlm(annotated(text))).toMatchObject({ kind: 'malformed', protocol: 'ntlm', reason });
  });

  it('is total', () => expectTotal(decodeNtlm, [NEGOTIATE, CHALLENGE, AUTHENTICATE, ANONYMOUS].map(annotated)));
});

describe('decodeSecurityToken', () => {
  it('finds NTLM in SPNEGO and in the raw', () => {
    expect(decodeSecurityToken(SPNEGO_INIT)).toMatchObject({
      wrapping: 'spnego-init',
      mechanism: 'ntlm',
      mechanisms: ['1.3.6.1.4.1.311.2.2.10'],
      ntlm: { type: 1 },
    });
    expect(decodeSecurityToken(SPNEGO_RESPONSE)).toMatchObject({
      wrapping: 'spnego-response',
      state: 1,
      mechanism: 'ntlm',
      ntlm: { type: 2, targetName: 'SYSTEM' },
    });
    expect(decodeSecurityToken(annotated(AUTHENTICATE))).toMatchObject({
      wrapping: 'raw',
      mechanism: 'ntlm',
      ntlm: { user: 'administrateur' },
    });
  });

  it('reads what the encoders write: tokens, mechanisms, state and the code over the mechanisms', () => {
    expect(encodeSpnegoInit(annotated(NEGOTIATE))).toEqual(SPNEGO_INIT);
    expect(encodeSpnegoResponse({ state: 1, mechanism: MECHANISM_OIDS.ntlm, token: annotated(CHALLENGE) })).toEqual(
      SPNEGO_RESPONSE_SHORT,
    );
    expect(decodeSecurityToken(SPNEGO_INIT)).toMatchObject({ mechanismList: NTLM_ONLY_MECHANISMS });
    const mechListMic = new Uint8Array(16).fill(7);
    expect(decodeSecurityToken(encodeSpnegoResponse({ state: 0, mechListMic }))).toMatchObject({
      wrapping: 'spnego-response',
      state: 0,
      mechListMic,
    });
    expect(decodeSecurityToken(encodeSpnegoResponse({ token: new Uint8Array(40_000) }))).toMatchObject({
      token: new Uint8Array(40_000),
    });
  });

  it('tells Kerberos from NTLM by the first mechanism offered', () => {
    const token = decodeSecurityToken(SPNEGO_KERBEROS);
    expect(token).toMatchObject({
      mechanism: 'kerberos',
      mechanisms: ['1.2.840.113554.1.2.2', '1.3.6.1.4.1.311.2.2.10'],
    });
    expect(token).not.toHaveProperty('ntlm');
  });

  it.each([
    ['nothing', '', 'an element needs a tag and a length but only 0 bytes remain'],
    ['a length that lies', '60 7f 00', 'tag 0x60 claims 127 bytes but only 1 remain'],
    ['another tag', '30 00', 'expected tag 0x60, 0xa0 or 0xa1, or NTLMSSP, got 0x30'],
  ])('is malformed with %s', (_, text, reason) => {
    expect(decodeSecurityToken(annotated(text))).toMatchObject({ kind: 'malformed', reason });
  });

  it('is total', () => expectTotal(decodeSecurityToken, [SPNEGO_INIT, SPNEGO_RESPONSE, SPNEGO_KERBEROS]));
});
