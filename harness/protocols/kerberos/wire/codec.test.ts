import fc from 'fast-check';
import { openCaptureFile } from '#tcpdump-wrapper';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeGssKerberos } from './gss.ts';
import { decodeKerberos, encryptionTypeName, type KerberosMessage } from './codec.ts';
import { isMalformed } from '../../../packet/malformed.ts';
import { decodeFrame } from '../../../packet/packet.ts';
import { expectTotal } from '../../../packet/testing/hostile.ts';
import { decodeSecurityToken } from '../../ntlm/wire/spnego.ts';

// MIT's kinit against Samba's KDC: an unknown user, a wrong password, a locked account, an expired password (RFC 4120).
const REFUSALS = `${import.meta.dirname}/../../../observe/testdata/kerberos-refusals.pcap`;
const messages: Uint8Array[] = [];

beforeAll(async () => {
  const source = await openCaptureFile(REFUSALS);
  // Over TCP a message follows its length (RFC 4120 section 7.2.2); here each direction carries one message.
  const streams = new Map<number, Uint8Array[]>();
  for await (const batch of source.batches()) {
    for (const frame of batch) {
      const { udp, tcp, payload } = decodeFrame(frame.bytes, source.linkType, frame.originalLength);
      if (udp) messages.push(payload.slice());
      else if (tcp) streams.set(tcp.sourcePort, [...(streams.get(tcp.sourcePort) ?? []), payload.slice()]);
    }
  }
  for (const segments of streams.values()) messages.push(Uint8Array.from(Buffer.concat(segments).subarray(4)));
});

const decoded = (): KerberosMessage[] => messages.map(decodeKerberos).filter((message) => !isMalformed(message));

describe('messages of MIT and Samba', () => {
  it('decode, all of them', () => {
    expect(messages.length).toBeGreaterThan(14);
    expect(messages.map(decodeKerberos).filter(isMalformed)).toEqual([]);
  });

  it('say who asks for what, and whether with a proof of the password', () => {
    const requests = decoded().flatMap((message) => (message.type === 'as-req' ? [message] : []));
    expect(requests[0]).toEqual({
      kind: 'kerberos',
      type: 'as-req',
      client: 'nobody',
      realm: 'SYSTEM.LAB',
      service: 'krbtgt/SYSTEM.LAB',
      encryptionTypes: [18, 17, 20, 19, 16, 23, 25, 26],
      preAuthentication: [150, 149],
    });
    expect(
      requests.find(({ client, preAuthentication }) => client === 'administrateur' && preAuthentication.includes(2)),
    ).toBeDefined();
    expect(encryptionTypeName(18)).toBe('aes256-cts-hmac-sha1-96');
  });

  it('say why not, with the NTSTATUS that Windows and Samba add', () => {
    const errors = decoded().filter((message) => message.type === 'error');
    expect(
      errors
        .map(({ name, client, ntStatus }) => [name, client, ntStatus?.toString(16)])
        .filter(([name]) => name !== 'KDC_ERR_PREAUTH_REQUIRED'),
    ).toEqual([
      ['KDC_ERR_C_PRINCIPAL_UNKNOWN', 'nobody', undefined],
      ['KDC_ERR_PREAUTH_FAILED', 'administrateur', undefined],
      ['KDC_ERR_CLIENT_REVOKED', 'locked', 'c0000234'],
      ['KDC_ERR_KEY_EXPIRED', 'expired', 'c0000071'],
      ['KRB_ERR_RESPONSE_TOO_BIG', 'expired', undefined],
    ]);
    expect(errors[0]?.serverTimeS).toBeGreaterThan(1.7e9);
  });

  it('carry tickets', () => {
    expect(decoded().find((message) => message.type === 'as-rep')).toEqual({
      kind: 'kerberos',
      type: 'as-rep',
      client: 'expired',
      realm: 'SYSTEM.LAB',
      service: 'kadmin/changepw',
      encryptionType: 18,
    });
  });
});

describe('what is no message', () => {
  it('is malformed, and says where and why', () => {
    expect(decodeKerberos(Uint8Array.of(0x30, 0))).toMatchObject({
      kind: 'malformed',
      protocol: 'kerberos',
      reason: expect.stringContaining('got tag 0x30') as string,
    });
    expect(decodeKerberos(Uint8Array.of(0x7e, 2, 0x30, 0))).toMatchObject({
      kind: 'malformed',
      reason: 'the error code (field 6) is missing',
    });
    expect(decodeKerberos(new Uint8Array(0))).toMatchObject({ kind: 'malformed', protocol: 'kerberos' });
    expect(decodeGssKerberos(Uint8Array.of(0x60, 4, 6, 1, 42, 9))).toMatchObject({
      kind: 'malformed',
      reason: expect.stringContaining('expected token id') as string,
    });
  });

  it('never makes a decoder throw or read what is not its own', () => {
    expectTotal(decodeKerberos, [...new Map(messages.map((bytes) => [bytes[0], bytes])).values()]);
    expectTotal(decodeGssKerberos, messages.slice(0, 2));
  });

  it('never makes a security token throw that holds one', () => {
    fc.assert(
      fc.property(fc.constantFrom(...messages), fc.nat(255), (bytes, noise) => {
        const oid = [6, 9, 42, 134, 72, 134, 247, 18, 1, 2, 2];
        const token = Uint8Array.from([
          0x60,
          0x82,
          ((bytes.length + 13) >> 8) & 0xff,
          (bytes.length + 13) & 0xff,
          ...oid,
          noise,
          0,
          ...bytes,
        ]);
        const read = decodeSecurityToken(token);
        expect(isMalformed(read) ? '' : read.mechanism).toBe('kerberos');
        decodeGssKerberos(token);
      }),
    );
  });
});
