import { join } from 'node:path';
import { describe, expect, it, test, vi } from 'vitest';
import { expectGoldenEvents } from '../../../observe/testing/golden-events.ts';
import { observe } from '../../../observe/testing/scene.ts';
import { joinBytes } from '../../../packet/bytes.ts';
import type { ProtocolEvent } from '../../events.ts';
import { CAPTURES, framesOf, TESTDATA } from '../testing/captures.ts';
import { encodeClientHello, encodeHandshake, encodeRecord } from '../testing/encode.ts';
import { TlsScene } from '../testing/scene.ts';
import { CLIENT_HELLO } from '../wire/hello.ts';

describe('restic, curl and OpenSSL', () => {
  test.each(CAPTURES)('%s gives the events of its golden file', async (capture) => {
    const { events } = await expectGoldenEvents(join(TESTDATA, capture));
    expect(events.filter(({ type }) => type === 'malformed')).toEqual([]);
  });

  test.each(CAPTURES)('%s, trimmed to what the observer asks for, gives the same events', async (capture) => {
    const { events, trimmed } = observe(await framesOf(capture));
    expect(observe(trimmed)).toMatchObject({ events });
  });
});

type Of<T extends ProtocolEvent['type']> = Extract<ProtocolEvent, { readonly type: T }>;
const of = <T extends ProtocolEvent['type']>(told: TlsScene, type: T): Of<T>[] =>
  observe(told.frames).events.filter((event): event is Of<T> => event.type === type);
const scene = (): TlsScene => new TlsScene();

describe('volumes', () => {
  it('are those of the records, in both directions', () => {
    const told = scene().opens().sends(true, 100_000).sends(false, 500).disconnect();
    expect(of(told, 'tls.closed')).toMatchObject([
      {
        by: 'client',
        established: true,
        saidSo: false,
        // 53: the client's part of the handshake; 600: the server's.
        sent: { bytes: 100_053, records: 8, unread: 0 },
        received: { bytes: 1100, records: 2, unread: 0 },
      },
    ]);
  });

  it('of a record that did not come to its end are what came of it', () => {
    const told = scene().opens();
    told.bytes(false, encodeRecord('application-data', new Uint8Array(16_000)).slice(0, 6000));
    expect(of(told.reset(), 'tls.closed')).toMatchObject([{ received: { bytes: 600 + 6000 - 5, records: 2 } }]);
  });

  it('go on behind a hole in the capture, and say what is not known of them', () => {
    const told = scene().opens().sealed(false, 3000);
    // The hole ends in the middle of a record.
    told.missed(2000).bytes(false, new Uint8Array(900).fill(0x5a)).sealed(false, 4000).sealed(false, 5000);
    const [closed] = of(told.disconnect(), 'tls.closed');
    expect(closed?.received).toEqual({ bytes: 600 + 3000 + 2900 + 4000 + 5000, records: 4, unread: 2900 });
    expect(of(told, 'malformed')).toEqual([]);
  });

  it('go on at the next record, whatever segments its header comes in', () => {
    for (const cut of [1, 2, 3, 4, 5]) {
      const told = scene().opens().sealed(false, 3000).missed(2000);
      const record = encodeRecord('application-data', new Uint8Array(4000));
      told.bytes(false, joinBytes([new Uint8Array(900).fill(0x5a), record.subarray(0, cut)]));
      told.bytes(false, record.subarray(cut));
      const [closed] = of(told.disconnect(), 'tls.closed');
      expect(closed?.received).toEqual({ bytes: 600 + 3000 + 2900 + 4000, records: 3, unread: 2900 });
    }
  });

  it('of what a record covers are known although the capture lacks it', () => {
    const told = scene().opens();
    const record = encodeRecord('application-data', new Uint8Array(9000));
    told.bytes(false, record.slice(0, 1460)).missed(1460).bytes(false, record.slice(2920)).sealed(false, 100);
    expect(of(told.disconnect(), 'tls.closed')).toMatchObject([{ received: { bytes: 9700, records: 3, unread: 0 } }]);
  });
});

describe('a hello', () => {
  it('may come in several records and segments', () => {
    const message = encodeHandshake(CLIENT_HELLO, encodeClientHello({ serverName: `${'a'.repeat(200)}.lab` }));
    const told = scene().connect();
    told.segmentBytes = 50;
    told.record(true, 'handshake', message.slice(0, 60)).record(true, 'handshake', message.slice(60));
    expect(of(told, 'tls.client-hello')).toMatchObject([{ serverName: `${'a'.repeat(200)}.lab` }]);
  });

  it('may come in a record for each byte, behind the two that show it', () => {
    const message = encodeHandshake(CLIENT_HELLO, encodeClientHello({ serverName: `${'a'.repeat(9000)}.lab` }));
    const records = Array.from(message.subarray(2), (byte) => encodeRecord('handshake', Uint8Array.of(byte)));
    const inPieces = joinBytes([encodeRecord('handshake', message.subarray(0, 2)), ...records]);
    const put = vi.spyOn(Uint8Array.prototype, 'set');
    const [hello] = of(scene().connect().bytes(true, inPieces), 'tls.client-hello');
    const copied = put.mock.calls.reduce((sum, [bytes]) => sum + bytes.length, 0);
    put.mockRestore();
    expect(hello?.serverName).toHaveLength(9004);
    // The segments, what is put aside of them, and the hello.
    expect(copied).toBeLessThan(10 * inPieces.length);
  });

  it.each<[what: string, first: Uint8Array]>([
    ['', Uint8Array.of(1, 0, 0, 100)],
    [' before anybody knows how long it is', Uint8Array.of(1, 0)],
  ])('whose records are empty is malformed, once%s', (_, first) => {
    const empty = Array<Uint8Array>(5000).fill(encodeRecord('handshake', new Uint8Array(0)));
    const told = scene()
      .connect()
      .bytes(true, joinBytes([encodeRecord('handshake', first), ...empty]));
    expect(of(told, 'malformed').map(({ malformed }) => malformed.reason)).toEqual([
      'a record of type handshake is empty',
    ]);
    told.bytes(true, encodeRecord('handshake', encodeHandshake(CLIENT_HELLO, encodeClientHello()))).sealed(true, 3000);
    expect(of(told, 'tls.client-hello')).toEqual([]);
    expect(of(told, 'malformed')).toHaveLength(1);
  });

  it('that never ends is not waited for without end', () => {
    const told = scene().connect();
    told.record(true, 'handshake', encodeHandshake(CLIENT_HELLO, new Uint8Array(70_000)).slice(0, 1000));
    const { events } = observe(told.frames);
    // It does not even look like TLS.
    expect(events.filter(({ type }) => type.startsWith('tls.'))).toEqual([]);
  });
});

it('a stream that begins with something else is not TLS, on whatever port', () => {
  const told = scene().connect().bytes(true, new Uint8Array(300).fill(0x17));
  expect(observe(told.disconnect().frames).events.filter(({ type }) => type.startsWith('tls.'))).toEqual([]);
});

it('is found on any port', () => {
  const told = new TlsScene(undefined, undefined, 8443).opens();
  expect(of(told, 'tls.established')).toHaveLength(1);
});
