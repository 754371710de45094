import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ProtocolEvent } from '../../events.ts';
import type { SmbAnomaly } from './anomaly.ts';
import { observe } from '../../../observe/testing/scene.ts';
import { answer, ask, fileIdOf, ntlm, SmbScene, STATUS } from '../testing/scene.ts';
import { wimBytes } from '../../wim/testing/bytes.ts';

const FILE = fileIdOf(1);

function mounted(): SmbScene {
  const scene = new SmbScene().connect();
  return scene
    .exchange(ask.negotiate(0x0210), answer.negotiate(0x0210))
    .exchange(ask.sessionSetup(ntlm.negotiate()), answer.sessionSetup(ntlm.challenge('SYSTEM'), STATUS.moreProcessing))
    .exchange(ask.sessionSetup(ntlm.authenticate('SYSTEM', 'administrateur')), answer.sessionSetup(new Uint8Array(0)))
    .exchange(ask.treeConnect('\\\\172.22.52.207\\RemInst'), answer.treeConnect(5));
}

function opened(size: number, name = 'Images\\Linux\\sample.wim'): SmbScene {
  return mounted().exchange({ ...ask.create(name), options: { treeId: 5 } }, answer.create(FILE, size));
}

/** Events without the opening ones, and without what all of a connection carry. */
function facts(scene: SmbScene, skip = 0): Record<string, unknown>[] {
  return scene
    .events()
    .slice(skip)
    .map(({ client: _client, atUs: _atUs, ...event }) => {
      const {
        connection: _connection,
        server: _server,
        ...rest
      } = event as ProtocolEvent & { connection?: string; server?: unknown };
      return rest;
    });
}

const types = (scene: SmbScene): string[] => scene.events().map(({ type }) => type);
const MOUNT_EVENTS = mounted().events().length;
const OPEN_EVENTS = MOUNT_EVENTS + 1;

describe('a session', () => {
  test('from SYN to share, in the order of the wire', () => {
    expect(types(mounted())).toEqual([
      'tcp.syn',
      'tcp.established',
      'smb.negotiate-request',
      'smb.negotiate-response',
      'smb.session-setup-request',
      'ntlm.negotiate',
      'smb.session-setup-response',
      'ntlm.challenge',
      'smb.session-setup-request',
      'ntlm.authenticate',
      'smb.session-setup-response',
      'smb.tree-connect-request',
      'smb.tree-connect-response',
    ]);
  });

  test('says who, where and how', () => {
    expect(facts(mounted(), 2)).toMatchObject([
      { dialects: ['2.1'], smb1: false },
      { dialect: '2.1', wildcard: false, requestFrame: 4 },
      { authentication: 'ntlm' },
      { carrier: 'smb' },
      { statusName: 'STATUS_MORE_PROCESSING_REQUIRED' },
      { targetName: 'SYSTEM' },
      { authentication: 'ntlm' },
      { domain: 'SYSTEM', user: 'administrateur', anonymous: false },
      { status: 0 },
      { path: '\\\\172.22.52.207\\RemInst' },
      { path: '\\\\172.22.52.207\\RemInst', shareType: 1 },
    ]);
  });

  test('SMB1 at the front door is answered with the wildcard dialect, a second NEGOTIATE follows', () => {
    // SMB_COM_NEGOTIATE (MS-CIFS section 2.2.4.52) as Windows 7 sends it: [T] frame 22 of step 2 asks for SMB 2.002 and
    // SMB 2.???.
    const dialects = ['NT LM 0.12', 'SMB 2.002', 'SMB 2.???'].map((text) => `\x02${text}\0`).join('');
    const smb1 = Uint8Array.of(
      0xff,
      0x53,
      0x4d,
      0x42,
      0x72,
      ...new Uint8Array(27),
      0,
      dialects.length,
      0,
      ...new TextEncoder().encode(dialects),
    );
    const scene = new SmbScene()
      .connect()
      .bytes(true, Uint8Array.of(0, 0, 0, smb1.length, ...smb1))
      .response(0, answer.negotiate(0x02ff));
    expect(facts(scene, 2)).toMatchObject([
      { smb1: true, dialects: ['NT LM 0.12', 'SMB 2.002', 'SMB 2.???'] },
      { wildcard: true, dialect: '2.???' },
    ]);
  });

  test('a DFS referral is told with its path, when it is answered', () => {
    expect(
      facts(
        mounted().exchange(ask.dfsReferral('\\SRV\\RemInst'), answer.refused('ioctl', STATUS.dfsNotFound)),
        MOUNT_EVENTS,
      ),
    ).toMatchObject([{ type: 'smb.dfs-referral', path: '\\SRV\\RemInst', statusName: 'STATUS_NOT_FOUND' }]);
  });
});

describe('files', () => {
  test('an open names share, size and file id', () => {
    expect(facts(opened(4_436_488), MOUNT_EVENTS)).toMatchObject([
      {
        type: 'smb.open',
        path: 'Images\\Linux\\sample.wim',
        share: 'RemInst',
        endOfFile: 4_436_488,
        fileId: '01'.repeat(16),
        directory: false,
        status: 0,
      },
    ]);
  });

  test('a refused open keeps the path', () => {
    expect(
      facts(
        mounted().exchange(
          { ...ask.create('missing'), options: { treeId: 5 } },
          answer.refused('create', STATUS.notFound),
        ),
        MOUNT_EVENTS,
      ),
    ).toMatchObject([
      { type: 'smb.open', path: 'missing', share: 'RemInst', statusName: 'STATUS_OBJECT_NAME_NOT_FOUND' },
    ]);
  });

  test('reads are metered to the close', () => {
    const scene = opened(200_000, 'boot.sdi');
    for (let offset = 0; offset < 200_000; offset += 50_000)
      scene.wait(900).exchange(ask.read(FILE, offset, 50_000), answer.read(new Uint8Array(50_000)));
    scene
      .exchange(ask.read(FILE, 200_000, 50_000), answer.refused('read', STATUS.endOfFile))
      .exchange(ask.close(FILE), answer.close());
    expect(facts(scene, OPEN_EVENTS)).toMatchObject([
      { type: 'smb.first-read', path: 'boot.sdi', offset: 0, length: 50_000 },
      { type: 'smb.read-refused', offset: 200_000, statusName: 'STATUS_END_OF_FILE' },
      {
        type: 'smb.close',
        reads: 4,
        endOfFile: 200_000,
        figures: { bytes: 200_000, retransmissions: 0, rttUs: { p50: 100, max: 100 } },
      },
    ]);
  });

  test('a close without reads has no figures', () => {
    expect(facts(opened(10).exchange(ask.close(FILE), answer.close()), OPEN_EVENTS)[0]).not.toHaveProperty('figures');
  });

  test('writes are told once, with their sum, before the close', () => {
    const scene = opened(0, 'backup.wim');
    scene
      .exchange(ask.write(FILE, 0, new Uint8Array(70_000)), answer.write(70_000))
      .exchange(ask.write(FILE, 70_000, new Uint8Array(5)), answer.write(5))
      .exchange(ask.close(FILE), answer.close());
    expect(facts(scene, OPEN_EVENTS)).toMatchObject([
      { type: 'smb.first-write', length: 70_000 },
      { type: 'wim.header-written', complete: false },
      { type: 'smb.write', path: 'backup.wim', bytes: 70_005, writes: 2 },
      { type: 'smb.close', reads: 0 },
    ]);
  });

  test('pipelined reads are matched by their message ids', () => {
    const scene = opened(300, 'a.bin');
    const first = scene.request(ask.read(FILE, 0, 100));
    const second = scene.request(ask.read(FILE, 100, 200));
    scene.response(second, answer.read(new Uint8Array(200))).response(first, answer.read(new Uint8Array(100)));
    expect(facts(scene.exchange(ask.close(FILE), answer.close()), OPEN_EVENTS)).toMatchObject([
      { type: 'smb.first-read', offset: 100, length: 200 },
      { type: 'smb.close', reads: 2, figures: { bytes: 300 } },
    ]);
  });

  test('an interim answer is no answer', () => {
    const scene = opened(100, 'a.bin');
    const id = scene.request(ask.read(FILE, 0, 100));
    scene
      .response(id, answer.pending('read'))
      .wait(5000)
      .response(id, { ...answer.read(new Uint8Array(100)), options: { async: true } });
    expect(facts(scene.exchange(ask.close(FILE), answer.close()), OPEN_EVENTS)).toMatchObject([
      { type: 'smb.first-read' },
      { type: 'smb.close', reads: 1, figures: { rttUs: { max: 5200 } } },
    ]);
  });

  test('a compound opens, reads and closes one file', () => {
    const scene = mounted();
    const id = scene.request(
      { ...ask.create('a.bin'), options: { treeId: 5 } },
      { ...ask.read(new Uint8Array(16).fill(0xff), 0, 9), options: { related: true, treeId: 0xffff_ffff } },
      { ...ask.close(), options: { related: true, treeId: 0xffff_ffff } },
    );
    scene.response(id, answer.create(FILE, 9), answer.read(new Uint8Array(9)), answer.close());
    expect(facts(scene, MOUNT_EVENTS)).toMatchObject([
      { type: 'smb.open' },
      { type: 'smb.first-read', path: 'a.bin' },
      { type: 'smb.close', path: 'a.bin', share: 'RemInst', figures: { bytes: 9 } },
    ]);
  });

  test('a cancel is no second use of a message id, a repeated request is', () => {
    const scene = mounted();
    const id = scene.request(ask.echo());
    scene.request(ask.cancel(id));
    scene.request({ ...ask.echo(), options: { messageId: id } });
    scene.response(id, answer.echo()).response(id, answer.echo());
    expect(facts(scene, MOUNT_EVENTS)).toMatchObject([
      { type: 'smb.anomaly', anomaly: { kind: 'message-id-in-use', command: 'echo', messageId: String(id) } },
      { type: 'smb.other', command: 'echo' },
      { type: 'smb.anomaly', anomaly: { kind: 'response-to-no-request', command: 'echo', messageId: String(id) } },
    ]);
  });

  test.each([
    [
      'the client disconnected the share',
      (scene: SmbScene) => scene.exchange({ ...ask.treeDisconnect(), options: { treeId: 5 } }, answer.treeDisconnect()),
    ],
    ['the connection was closed', (scene: SmbScene) => scene.disconnect()],
    ['the capture ended', (scene: SmbScene) => scene],
  ])('an open that moved data and is never closed is told: %s', (reason, end) => {
    const scene = opened(100, 'a.bin').exchange(ask.read(FILE, 0, 100), answer.read(new Uint8Array(100)));
    expect(facts(end(scene), OPEN_EVENTS).find(({ type }) => type === 'smb.unfinished')).toMatchObject({
      reason,
      path: 'a.bin',
      reads: 1,
      figures: { bytes: 100 },
    });
  });
});

describe('images', () => {
  const SIZE = 300_000;
  const image = wimBytes(SIZE, ['Setup', 'PE']);
  const tailAt = 299_008; // 73 * 4096: clients read whole pages

  test('the header at offset 0 and the tail, as the reference trace reads them', () => {
    const scene = opened(SIZE)
      .exchange(ask.read(FILE, 0, 4096), answer.read(image.slice(0, 4096)))
      .exchange(ask.read(FILE, tailAt, 4096), answer.read(image.slice(tailAt)));
    expect(facts(scene, OPEN_EVENTS + 1).slice(0, 2)).toMatchObject([
      {
        type: 'wim.header',
        imageCount: 2,
        bootIndex: 1,
        partNumber: 1,
        totalParts: 1,
        compressed: true,
        endOfFile: SIZE,
        bytes: 4096,
        xmlOffset: image.length - (facts(scene, OPEN_EVENTS + 1)[0]?.['xmlSize'] as number),
      },
      {
        type: 'wim.tail',
        offset: tailAt,
        bytes: SIZE - tailAt,
        images: [
          { index: 1, name: 'Setup', totalBytes: 1234 },
          { index: 2, name: 'PE' },
        ],
      },
    ]);
  });

  test('one read of everything has both; reads that cut the list are joined', () => {
    const whole = opened(SIZE).exchange(ask.read(FILE, 0, SIZE), answer.read(image));
    const cut = opened(SIZE)
      .exchange(ask.read(FILE, 0, 100), answer.read(image.slice(0, 100)))
      .exchange(ask.read(FILE, 100, SIZE), answer.read(image.slice(100, SIZE - 50)))
      .exchange(ask.read(FILE, SIZE - 50, 50), answer.read(image.slice(SIZE - 50)));
    for (const scene of [whole, cut])
      expect(types(scene).filter((type) => type.startsWith('wim.'))).toEqual(['wim.header', 'wim.tail']);
  });

  test('a second open needs no header to find the tail: the client has it in its cache', () => {
    const scene = opened(SIZE)
      .exchange(ask.read(FILE, 0, 4096), answer.read(image.slice(0, 4096)))
      .exchange(ask.close(FILE), answer.close());
    scene
      .exchange(
        { ...ask.create('Images\\Linux\\sample.wim'), options: { treeId: 5 } },
        answer.create(fileIdOf(2), SIZE),
      )
      .exchange(ask.read(fileIdOf(2), tailAt, 4096), answer.read(image.slice(tailAt)));
    expect(facts(scene).at(-2)).toMatchObject({ type: 'wim.tail', fileId: '02'.repeat(16) });
  });

  test('what is named like an image and is none is damaged; anything else is no image', () => {
    const notWim = new Uint8Array(5000).fill(7);
    const read = (name: string): string[] =>
      types(opened(5000, name).exchange(ask.read(FILE, 0, 4096), answer.read(notWim.slice(0, 4096)))).filter((type) =>
        type.startsWith('wim.'),
      );
    expect(read('x.WIM')).toEqual(['wim.damaged']);
    expect(read('x.bin')).toEqual([]);
    expect(types(opened(100, 'x.wim').exchange(ask.read(FILE, 0, 4096), answer.read(notWim.slice(0, 100))))).toContain(
      'wim.damaged',
    );
  });

  test('bulk leaves the evidence, and a replay of what stays gives the same events', () => {
    const scene = opened(SIZE);
    for (let offset = 0; offset < SIZE; offset += 65_536)
      scene.exchange(ask.read(FILE, offset, 65_536), answer.read(image.slice(offset, offset + 65_536)));
    const whole = observe(scene.exchange(ask.close(FILE), answer.close()).frames);
    const bytes = (frames: readonly { bytes: Uint8Array }[]): number =>
      frames.reduce((sum, frame) => sum + frame.bytes.length, 0);
    expect(bytes(whole.trimmed)).toBeLessThan(bytes(scene.frames) / 5);
    expect(observe(whole.trimmed).events).toEqual(whole.events);
    expect(whole.events.map(({ type }) => type)).toContain('wim.tail');
  });
});

/** An ECHO request (MS-SMB2 2.2.28) as bytes, since no encoder of ours writes what it must not say. */
function echoRequest(nextCommand: number): Uint8Array {
  const bytes = new Uint8Array(68);
  const view = new DataView(bytes.buffer);
  bytes.set([0xfe, 0x53, 0x4d, 0x42]);
  view.setUint16(4, 64, true);
  view.setUint16(12, 13, true);
  view.setUint32(20, nextCommand, true);
  view.setBigUint64(24, 77n, true);
  view.setUint16(64, 4, true);
  return bytes;
}

/** Messages after the four bytes of framing (MS-SMB2 2.1). */
function framed(...messages: readonly Uint8Array[]): Uint8Array {
  const body = Buffer.concat(messages);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

const typesAfterMount = (scene: SmbScene): string[] => types(scene).slice(MOUNT_EVENTS);

describe('damage', () => {
  test('a capture that begins in the middle finds the next message', () => {
    const scene = opened(100, 'a.bin')
      .exchange(ask.read(FILE, 0, 100), answer.read(new Uint8Array(100)))
      .exchange(ask.close(FILE), answer.close());
    const late = observe(scene.frames.slice(9), { clients: [scene.client.mac] }).events;
    expect(late.map(({ type }) => type)).toContain('smb.close');
    expect(late.filter(({ type }) => type === 'malformed' || type === 'smb.anomaly')).toEqual([]);
  });

  test('an encrypted session is opaque, told once', () => {
    const transform = Uint8Array.of(0, 0, 0, 60, 0xfd, 0x53, 0x4d, 0x42, ...new Uint8Array(56));
    const scene = mounted().bytes(true, transform).bytes(false, transform).bytes(true, transform);
    expect(facts(scene, MOUNT_EVENTS)).toMatchObject([{ type: 'smb.opaque', why: 'encrypted' }]);
  });

  test('a message that claims nonsense is malformed, and the next one is read', () => {
    const garbage = Uint8Array.of(0, 0, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8);
    expect(types(mounted().bytes(true, garbage).exchange(ask.echo(), answer.echo())).slice(MOUNT_EVENTS)).toEqual([
      'malformed',
      'smb.other',
    ]);
  });

  test.each([
    ['NextCommand leads into its own header', 8],
    ['NextCommand leads back', 0xffff_fff8],
    ['NextCommand is odd', 65],
    ['NextCommand leads behind the end', 4096],
  ])('a compound whose %s ends there, and the next message is read', (_, nextCommand) => {
    const types = typesAfterMount(
      mounted()
        .bytes(true, framed(echoRequest(nextCommand), echoRequest(0)))
        .exchange(ask.echo(), answer.echo()),
    );
    expect(types.filter((type) => type === 'malformed')).toHaveLength(1);
    expect(types.at(-1)).toBe('smb.other');
  });

  test('whatever a compound claims, it takes no more steps than it has room for headers', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            next: fc.oneof(fc.constantFrom(0, 8, 64, 72, 0xffff_fff8), fc.nat({ max: 0xffff_ffff })),
            extra: fc.uint8Array({ maxLength: 40 }),
          }),
          { minLength: 1, maxLength: 30 },
        ),
        (parts) => {
          const bytes = framed(...parts.map(({ next, extra }) => Uint8Array.of(...echoRequest(next), ...extra)));
          const types = typesAfterMount(mounted().bytes(true, bytes).exchange(ask.echo(), answer.echo()));
          expect(types.length).toBeLessThanOrEqual(bytes.length / 64 + 2);
          expect(types.at(-1)).toBe('smb.other');
        },
      ),
    );
  });

  test('a message larger than any that is decoded is named and passed over', () => {
    const huge = framed(echoRequest(0).with(12, 1), new Uint8Array(200_000));
    const events = mounted().bytes(true, huge).exchange(ask.echo(), answer.echo()).events().slice(MOUNT_EVENTS);
    expect(events).toMatchObject([
      { type: 'malformed', malformed: { reason: 'a session-setup message has 200068 bytes, expected at most 131072' } },
      { type: 'smb.other' },
    ]);
  });

  test('a lost response is said to be lost, and the stream goes on', () => {
    const scene = opened(100, 'a.bin').exchange(ask.read(FILE, 0, 100), answer.read(new Uint8Array(100)));
    const lost = scene.frames.length - 1;
    for (let i = 0; i < 8; i++) scene.exchange(ask.echo(), answer.echo());
    const { events } = observe(scene.frames.filter((_, i) => i !== lost));
    expect(events.filter(({ type }) => type === 'tcp.lost')).toMatchObject([{ by: 'server', bytes: 184 }]);
    expect(events.filter(({ type }) => type === 'smb.other')).toHaveLength(8);
  });
});

describe('messages that do not fit those before them', () => {
  const anomalies = (scene: SmbScene): SmbAnomaly[] =>
    scene.events().flatMap((event) => (event.type === 'smb.anomaly' ? [event.anomaly] : []));
  const read = (scene: SmbScene, asked: Uint8Array, given: number, options = {}): SmbScene =>
    scene.exchange(ask.read(asked, 0, 4096), { ...answer.read(new Uint8Array(given)), options });

  test('none in an ordinary conversation', () => {
    expect(
      anomalies(
        read(opened(8192), FILE, 4096)
          .exchange(ask.close(FILE), answer.close())
          .exchange(ask.treeDisconnect(), answer.treeDisconnect()),
      ),
    ).toEqual([]);
  });

  test.each([
    [
      'a session that the server never began',
      mounted().exchange({ ...ask.create('a'), options: { sessionId: 0x98 } }, answer.create(FILE, 1)),
      { kind: 'unknown-session', command: 'create', sessionId: '0x0000000000000098' },
    ],
    [
      'a tree that it never connected',
      mounted().exchange({ ...ask.create('a'), options: { treeId: 6 } }, answer.create(FILE, 1)),
      { kind: 'unknown-tree', command: 'create', treeId: 6 },
    ],
    [
      'a file that nobody opened',
      read(opened(8192), fileIdOf(2), 4096),
      { kind: 'unknown-file', command: 'read', fileId: '02'.repeat(16) },
    ],
    [
      'an answer of another session',
      read(opened(8192), FILE, 4096, { sessionId: 0x98 }),
      {
        kind: 'response-in-other-session',
        command: 'read',
        sessionId: '0x0000000000000098',
        asked: '0x0000000000000099',
      },
    ],
    [
      'an answer of another tree',
      read(opened(8192), FILE, 4096, { treeId: 6 }),
      { kind: 'response-on-other-tree', command: 'read', treeId: 6, asked: 5 },
    ],
    [
      'an answer of another command',
      opened(8192).exchange(ask.echo(), answer.close()),
      { kind: 'response-to-other-command', command: 'close', asked: 'echo' },
    ],
    [
      'a short read before the end of the file',
      read(opened(8192), FILE, 4000),
      { kind: 'read-too-short', command: 'read', bytes: 4000, asked: 4096, offset: 0, endOfFile: 8192 },
    ],
    [
      'more than was asked for',
      read(opened(8192), FILE, 5000),
      { kind: 'read-too-long', command: 'read', bytes: 5000, asked: 4096, offset: 0 },
    ],
  ])('%s', (_, scene, anomaly) => {
    expect(anomalies(scene)[0]).toEqual(anomaly);
  });

  test('a read that ends with the file may be short', () => {
    expect(anomalies(read(opened(4000), FILE, 4000))).toEqual([]);
  });

  test('of what began before the capture nothing is odd, but an answer must fit the question that was seen', () => {
    expect(anomalies(read(new SmbScene(), fileIdOf(2), 4000))).toEqual([]);
    expect(anomalies(read(new SmbScene(), fileIdOf(2), 4000, { treeId: 6 }))[0]).toMatchObject({
      kind: 'response-on-other-tree',
    });
  });
});

test('bytes of a file are counted once over all of its opens', () => {
  const scene = opened(8192);
  for (const offset of [0, 0, 4096]) scene.exchange(ask.read(FILE, offset, 4096), answer.read(new Uint8Array(4096)));
  scene
    .exchange(ask.close(FILE), answer.close())
    .exchange(ask.create('Images\\Linux\\sample.wim'), answer.create(FILE, 8192));
  scene.exchange(ask.read(FILE, 0, 8192), answer.read(new Uint8Array(8192))).exchange(ask.close(FILE), answer.close());
  expect(scene.events().filter(({ type }) => type === 'smb.close')).toMatchObject([
    { figures: { bytes: 12_288 }, distinctBytes: 8192 },
    { figures: { bytes: 8192 }, distinctBytes: 8192 },
  ]);
});
