import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { annotated } from '../../../packet/testing/annotated.ts';
import { expectTotal } from '../../../packet/testing/hostile.ts';
import {
  encodeAlert,
  encodeClientHello,
  encodeHandshake,
  encodeRecord,
  encodeServerHello,
  type HelloFacts,
} from '../testing/encode.ts';
import { dissectTls } from './dissect.ts';
import { CLIENT_HELLO, decodeClientHello, decodeServerHello, SERVER_HELLO } from './hello.ts';
import { decodeTlsAlert, decodeTlsRecord, MAX_RECORD_BYTES } from './record.ts';
import { tlsSpeaker } from './signature.ts';

const GREASE = 0x3a3a;
const OFFER: HelloFacts = {
  versions: [GREASE, 0x0304, 0x0303],
  ciphers: [GREASE, 0x1301, 0xc02b, 0x7777],
  serverName: 'store.lab',
  protocols: ['h2', 'http/1.1'],
};
const CHOICE: HelloFacts = { versions: [0x0304], ciphers: [0x1302] };

describe('a record', () => {
  it.each([
    ['16 03 01 00 c8', { type: 'handshake', version: 0x0301, length: 200 }],
    ['17 03 03 40 11', { type: 'application-data', version: 0x0303, length: 16_401 }],
    ['15 03 03 00 02', { type: 'alert', version: 0x0303, length: 2 }],
  ])('%s', (bytes, header) => {
    expect(decodeTlsRecord(annotated(bytes))).toEqual({ kind: 'tls-record', ...header });
  });

  it.each([
    ['19 03 03 00 02', 'record type 25 is none from 20 to 24'],
    ['17 02 00 00 02', 'record version 0x200 is none of TLS'],
    ['17 03 03 48 01', `a record of 18433 bytes is announced, expected at most ${MAX_RECORD_BYTES}`],
    ['16 03 03 00 00', 'a record of type handshake is empty'],
    ['15 03 03 00 00', 'a record of type alert is empty'],
    ['17 03 03 00', 'record length needs 2 bytes but only 1 remain'],
  ])('%s is malformed: %s', (bytes, reason) => {
    expect(decodeTlsRecord(annotated(bytes))).toMatchObject({ kind: 'malformed', protocol: 'tls', reason });
  });

  it('is what it was encoded from', () => {
    const types = fc.constantFrom('change-cipher-spec', 'alert', 'handshake', 'application-data', 'heartbeat');
    fc.assert(
      fc.property(types, fc.uint8Array({ minLength: 1, maxLength: 300 }), (type, content) => {
        expect(decodeTlsRecord(encodeRecord(type, content))).toMatchObject({ type, length: content.length });
      }),
    );
  });

  it('of application data may be empty', () => {
    expect(decodeTlsRecord(encodeRecord('application-data', new Uint8Array(0)))).toMatchObject({ length: 0 });
  });

  it('is total', () => {
    expectTotal(decodeTlsRecord, [encodeRecord('handshake', new Uint8Array(3))]);
  });
});

describe('an alert', () => {
  it.each([
    ['02 30', { fatal: true, description: 48, name: 'unknown_ca' }],
    ['01 70', { fatal: false, description: 112, name: 'unrecognized_name' }],
    // The end of a connection in good order, with whatever level.
    ['02 00', { fatal: false, description: 0, name: 'close_notify' }],
    ['02 63', { fatal: true, description: 99, name: 'alert 99' }],
  ])('%s', (bytes, alert) => {
    expect(decodeTlsAlert(annotated(bytes))).toEqual({ kind: 'tls-alert', ...alert });
  });

  it('has a level', () => {
    expect(decodeTlsAlert(annotated('07 30'))).toMatchObject({ reason: 'alert level 7 is neither warning nor fatal' });
  });

  it('is total', () => {
    expectTotal(decodeTlsAlert, [encodeAlert(true, 48)]);
  });
});

describe('a ClientHello', () => {
  it('offers versions, ciphers and protocols to a named server; reserved values are left out', () => {
    expect(decodeClientHello(encodeClientHello(OFFER))).toEqual({
      kind: 'tls-client-hello',
      versions: ['TLS 1.3', 'TLS 1.2'],
      ciphers: ['TLS_AES_128_GCM_SHA256', 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256', '0x7777'],
      serverName: 'store.lab',
      protocols: ['h2', 'http/1.1'],
    });
  });

  it('of TLS 1.2 and before says its version itself, and need not have extensions', () => {
    expect(decodeClientHello(encodeClientHello({ legacyVersion: 0x0301 }))).toMatchObject({
      versions: ['TLS 1.0'],
      protocols: [],
    });
  });

  it('gives back the name and the protocols that were encoded', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9.-]{0,60}$/);
    const protocols = fc.array(fc.stringMatching(/^[a-z0-9/.]{1,20}$/), { maxLength: 5 });
    fc.assert(
      fc.property(name, protocols, (serverName, offered) => {
        expect(decodeClientHello(encodeClientHello({ serverName, protocols: offered }))).toMatchObject({
          serverName,
          protocols: offered,
        });
      }),
    );
  });

  it('is total', () => {
    expectTotal(decodeClientHello, [encodeClientHello(OFFER), encodeClientHello()]);
  });
});

describe('a ServerHello', () => {
  it('has the version and cipher that it chose', () => {
    expect(decodeServerHello(encodeServerHello(CHOICE))).toEqual({
      kind: 'tls-server-hello',
      version: 'TLS 1.3',
      cipher: 'TLS_AES_256_GCM_SHA384',
      retry: false,
    });
    expect(decodeServerHello(encodeServerHello({ ciphers: [0xc030], protocols: ['h2'] }))).toMatchObject({
      version: 'TLS 1.2',
      protocol: 'h2',
    });
  });

  it('asks for another ClientHello by its random (RFC 8446 section 4.1.3)', () => {
    const random = annotated('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c');
    expect(decodeServerHello(encodeServerHello({ ...CHOICE, random }))).toMatchObject({ retry: true });
  });

  it('is total', () => {
    expectTotal(decodeServerHello, [encodeServerHello(CHOICE), encodeServerHello()]);
  });
});

const CLIENT_RECORD = encodeRecord('handshake', encodeHandshake(CLIENT_HELLO, encodeClientHello(OFFER)));
const SERVER_RECORD = encodeRecord('handshake', encodeHandshake(SERVER_HELLO, encodeServerHello(CHOICE)));

it('a stream of TLS begins with a hello', () => {
  const others = ['GET / HTTP/1.1', '\x16\x03\x01\x00\x05\x05\0\0', ''].map((text) => Buffer.from(text, 'latin1'));
  expect(
    [CLIENT_RECORD, SERVER_RECORD, encodeRecord('alert', encodeAlert(true, 40)), ...others].map(tlsSpeaker),
  ).toEqual(['client', 'server', undefined, undefined, undefined, undefined]);
});

describe('dissection', () => {
  it('shows the records of a segment', () => {
    const ccs = encodeRecord('change-cipher-spec', Uint8Array.of(1));
    const segment = Buffer.concat([SERVER_RECORD, ccs, encodeRecord('application-data', new Uint8Array(40))]);
    expect(dissectTls(CLIENT_RECORD)?.summary).toBe('TLS ClientHello to store.lab');
    const { summary, layers } = dissectTls(segment) ?? { summary: '', layers: [] };
    expect(summary).toBe('TLS ServerHello, TLS 1.3, change-cipher-spec, encrypted application-data, 40 bytes');
    expect(layers.map(({ name }) => name)).toEqual(['tls', 'tls-server-hello', 'tls', 'tls']);
    expect(dissectTls(encodeRecord('alert', encodeAlert(true, 48)))?.summary).toBe('TLS alert unknown_ca');
  });

  it('shows nothing of the middle of a record', () => {
    expect(dissectTls(new Uint8Array(100))).toBeUndefined();
  });

  it('is total', () => {
    expectTotal(dissectTls, [CLIENT_RECORD, SERVER_RECORD]);
  });
});
