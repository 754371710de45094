import { describe, expect, test } from 'vitest';
import type { ProtocolEvent } from '../../events.ts';
import type { TftpAnomaly } from './anomaly.ts';
import type { TftpEvent } from './events.ts';
import { MAX_REPORTS } from '../../base/observe/event-body.ts';
import { at, CLIENT, observe, SERVER } from '../../../observe/testing/scene.ts';
import { TftpScene } from '../testing/scene.ts';

const tftp = (scene: TftpScene): TftpEvent[] =>
  scene.events().filter((event): event is TftpEvent => event.type.startsWith('tftp.'));
const types = (events: readonly ProtocolEvent[]): string[] => events.map(({ type }) => type.replace('tftp.', ''));
const anomalies = (events: readonly TftpEvent[]): TftpAnomaly[] =>
  events.flatMap((event) => (event.type === 'tftp.anomaly' ? [event.anomaly] : []));
const complete = (scene: TftpScene): Extract<TftpEvent, { type: 'tftp.complete' }> => {
  const event = tftp(scene).find((candidate) => candidate.type === 'tftp.complete');
  if (event?.type !== 'tftp.complete') throw new Error(`expected tftp.complete, got ${types(tftp(scene)).join(' ')}`);
  return event;
};

describe('a transfer in lockstep', () => {
  // [T] the reference trace: wdsnbp.com has 31124 bytes, blksize 1456: 21 full blocks and one of 548.
  const scene = new TftpScene()
    .request('boot\\x86\\wdsnbp.com', 'blksize=1456')
    .optionAck('blksize=1456')
    .ack(0)
    .lockstep(1, 21, 1456)
    .lockstep(22, 22, 548);

  test('gives a handful of events, whatever its length', () => {
    expect(types(tftp(scene))).toEqual(['read-request', 'option-ack', 'first-data', 'complete']);
  });

  test('its figures are those of the reference trace', () => {
    expect(complete(scene)).toMatchObject({
      filename: 'boot\\x86\\wdsnbp.com',
      blocks: 22,
      blksize: 1456,
      windowsize: 1,
      server: { ip: '172.22.52.207', port: 64_001 },
      figures: {
        bytes: 31_124,
        firstFrame: 1,
        lastFrame: 47,
        retransmissions: 0,
        durationUs: 4600,
        rttUs: { p50: 100, max: 100 },
      },
    });
  });

  test('a file of a whole number of blocks ends with an empty one', () => {
    expect(complete(new TftpScene().request('f').lockstep(1, 2, 512).lockstep(3, 3, 0))).toMatchObject({
      blocks: 3,
      figures: { bytes: 1024 },
    });
  });

  test('DATA right after the request means that the server took no options', () => {
    expect(complete(new TftpScene().request('f', 'blksize=1432').lockstep(1, 1, 512).lockstep(2, 2, 7))).toMatchObject({
      blksize: 512,
      figures: { bytes: 519 },
    });
  });
});

describe('options', () => {
  test.each([
    [
      ['blksize=1468', 'windowsize=4', 'tsize=0'],
      ['blksize=1456', 'windowsize=2', 'tsize=31124'],
    ],
    [['blksize=1468', 'windowsize=4'], ['windowsize=4']],
    [['blksize=1432'], ['blksize=1468', 'timeout=3', 'blksize=4', 'windowsize=big']],
  ])('asked %j and granted %j are told as they are: whether the server may is not for a meter', (asked, granted) => {
    const events = tftp(new TftpScene().request('f', ...asked).optionAck(...granted));
    expect(events.slice(0, 2)).toMatchObject(
      [asked, granted].map((texts) => ({
        options: texts.map((text) => ({ name: text.split('=')[0], value: text.split('=')[1] })),
      })),
    );
    expect(anomalies(events)).toEqual([]);
  });

  test('an OACK after DATA changes nothing any more', () => {
    const scene = new TftpScene().request('f', 'blksize=1432').lockstep(1, 1, 512).optionAck('blksize=1432');
    scene.lockstep(2, 2, 512).lockstep(3, 3, 7);
    expect(complete(scene)).toMatchObject({ blksize: 512, blocks: 3, figures: { bytes: 1031 } });
  });

  test('a size probe is an OACK and an ERROR from the client; an OACK after it shows a server that did not listen', () => {
    const events = tftp(
      new TftpScene()
        .request('f', 'tsize=0')
        .optionAck('tsize=31124')
        .error(0, 'TFTP Aborted')
        .optionAck('tsize=31124'),
    );
    expect(types(events)).toEqual(['read-request', 'option-ack', 'error', 'option-ack']);
    expect(events[2]).toMatchObject({ code: 0, by: 'client', message: 'TFTP Aborted' });
    expect(events[3]).toMatchObject({ repeated: true });
  });

  test('the size that was announced and the size that came are told side by side', () => {
    const scene = new TftpScene().request('f', 'tsize=0').optionAck('tsize=100').ack(0).lockstep(1, 1, 7);
    expect(complete(scene)).toMatchObject({ tsize: 100, figures: { bytes: 7 } });
    expect(anomalies(tftp(scene))).toEqual([]);
  });
});

describe('windows (RFC 7440)', () => {
  const asked = (): TftpScene =>
    new TftpScene().request('f', 'blksize=16', 'windowsize=4').optionAck('blksize=16', 'windowsize=4').ack(0);

  test('several DATA to one ACK are no anomaly', () => {
    const scene = asked().data(1, 16).data(2, 16).data(3, 16).data(4, 16).ack(4).data(5, 16).data(6, 3).ack(6);
    expect(types(tftp(scene))).toEqual(['read-request', 'option-ack', 'first-data', 'complete']);
    expect(complete(scene)).toMatchObject({ blocks: 6, windowsize: 4, figures: { bytes: 83, retransmissions: 0 } });
  });

  test('a lost block is one gap; the client asks again and the server goes back', () => {
    const scene = asked()
      .data(1, 16)
      .data(3, 16)
      .data(4, 16)
      .ack(1)
      .data(2, 16)
      .data(3, 16)
      .data(4, 16)
      .data(5, 3)
      .ack(5);
    const events = tftp(scene);
    expect(types(events)).toEqual([
      'read-request',
      'option-ack',
      'first-data',
      'gap',
      'retransmission',
      'retransmission',
      'complete',
    ]);
    expect(events[3]).toMatchObject({ expectedBlock: 2, block: 3 });
    expect(complete(scene)).toMatchObject({ blocks: 5, figures: { bytes: 67, retransmissions: 2 } });
  });

  test('a client that kept what came after the gap may acknowledge all of it', () => {
    const scene = asked().data(1, 16).data(3, 16).data(4, 16).ack(1).data(2, 16).ack(4).data(5, 3).ack(5);
    expect(complete(scene)).toMatchObject({ blocks: 5, figures: { bytes: 67 } });
    expect(anomalies(tftp(scene))).toEqual([]);
  });

  test('more blocks than the window is an anomaly, told once', () => {
    const scene = asked();
    for (let block = 1; block <= 8; block++) scene.data(block, 16);
    expect(anomalies(tftp(scene))).toEqual([{ kind: 'window-exceeded', block: 5, acknowledged: 0, window: 4 }]);
  });

  test("Microsoft's variable window follows the fifth byte of the ACK", () => {
    const scene = new TftpScene()
      .request('f', 'windowsize=4', 'msftwindow=31416')
      .optionAck('windowsize=4', 'msftwindow=27182')
      .ack(0, 2);
    scene.data(1, 512).data(2, 512).ack(2, 6);
    for (let block = 3; block <= 8; block++) scene.data(block, 512);
    expect(anomalies(tftp(scene.ack(8, 6).data(9, 1).ack(9, 6)))).toEqual([]);
    expect(anomalies(tftp(new TftpScene().request('g').data(1, 512).ack(1, 9)))).toEqual([
      { kind: 'window-byte-unasked', block: 1 },
    ]);
    expect(
      anomalies(tftp(new TftpScene().request('g', 'msftwindow=31416').optionAck('msftwindow=27182').ack(0))),
    ).toEqual([{ kind: 'window-byte-missing', block: 0 }]);
  });
});

describe('trouble', () => {
  test("both sides' repeats are told", () => {
    const scene = new TftpScene().request('f').request('f').data(1, 512).data(1, 512).ack(1).ack(1).data(2, 3).ack(2);
    const events = tftp(scene);
    expect(types(events)).toEqual([
      'read-request',
      'read-request',
      'first-data',
      'retransmission',
      'retransmission',
      'complete',
    ]);
    expect(events[1]).toMatchObject({ repeated: true });
    expect(events.slice(3, 5)).toMatchObject([
      { block: 1, by: 'server' },
      { block: 1, by: 'client' },
    ]);
    expect(complete(scene).figures.retransmissions).toBe(3);
  });

  test('a transfer that repeats itself for ever is reported so often and no more', () => {
    const scene = new TftpScene().request('f').data(1, 512);
    for (let i = 0; i < 500; i++) scene.data(1, 512);
    expect(tftp(scene).filter(({ type }) => type === 'tftp.retransmission')).toHaveLength(MAX_REPORTS);
  });

  test('an answer from port 69 is an anomaly, and the transfer goes on', () => {
    const scene = new TftpScene();
    scene.server = at(SERVER, 69);
    scene.request('f').lockstep(1, 1, 3);
    expect(types(tftp(scene))).toEqual(['read-request', 'anomaly', 'first-data', 'complete']);
  });

  test('an answer from another host is an anomaly', () => {
    const scene = new TftpScene().request('f');
    scene.server = at({ ...SERVER, ip: '172.22.52.99' }, 4000);
    expect(anomalies(tftp(scene.data(1, 3)))).toEqual([
      { kind: 'answer-from-other-host', from: '172.22.52.99:4000', asked: '172.22.52.207' },
    ]);
  });

  test('of two answers the first counts, unless the client goes on with the other', () => {
    const scene = new TftpScene().request('f').data(1, 512);
    scene.server = at(SERVER, 64_002);
    expect(anomalies(tftp(scene.data(1, 512)))).toEqual([
      { kind: 'second-answer', op: 'data', from: '172.22.52.207:64002', answered: '172.22.52.207:64001' },
    ]);
    expect(complete(scene.ack(1).lockstep(2, 2, 5)).figures.bytes).toBe(517);
  });

  test('a request that was sent twice may be answered twice', () => {
    const scene = new TftpScene().request('f').request('f').error(1, 'file not found', 'server');
    scene.server = at(SERVER, 64_002);
    expect(types(tftp(scene.error(1, 'file not found', 'server')))).toEqual(['read-request', 'read-request', 'error']);
    scene.server = at({ ...SERVER, ip: '172.22.52.99' }, 64_003);
    expect(anomalies(tftp(scene.error(1, 'file not found', 'server')))).toEqual([
      { kind: 'second-answer', op: 'error', from: '172.22.52.99:64003', answered: '172.22.52.207:64001' },
    ]);
  });

  test('a late packet of the former transfer does not become the answer of the next one on the same port', () => {
    const scene = new TftpScene()
      .request('f', 'tsize=0')
      .optionAck('tsize=3')
      .error(0, 'TFTP Aborted')
      .request('f')
      .optionAck('tsize=3');
    scene.server = at(SERVER, 64_002);
    scene.lockstep(1, 1, 3);
    expect(complete(scene)).toMatchObject({ server: { port: 64_002 }, figures: { bytes: 3 } });
    expect(anomalies(tftp(scene))).toEqual([
      { kind: 'packet-of-former-transfer', op: 'option-ack', from: '172.22.52.207:64001' },
    ]);
  });

  test.each<[string, (scene: TftpScene) => TftpScene, TftpAnomaly]>([
    ['block 0 first', (scene) => scene.data(0, 512), { kind: 'block-zero-first' }],
    [
      'a block that is longer than agreed',
      (scene) => scene.data(1, 1432).ack(1),
      { kind: 'block-too-long', block: 1, bytes: 1432, blksize: 512 },
    ],
    [
      'DATA after the last block, which was acknowledged',
      (scene) => scene.lockstep(1, 1, 7).data(2, 512),
      { kind: 'data-after-last-block', block: 2, last: 1, blksize: 512 },
    ],
    [
      'DATA after the last block in the same window',
      (scene) => scene.data(1, 7).data(2, 512),
      { kind: 'data-after-last-block', block: 2, last: 1, blksize: 512 },
    ],
    ['a second end', (scene) => scene.data(2, 7).data(1, 8), { kind: 'two-last-blocks', block: 1, last: 2 }],
    [
      'an ACK of what never came',
      (scene) => scene.lockstep(1, 1, 512).ack(2),
      { kind: 'ack-without-data', block: 2, expected: 2 },
    ],
    [
      'DATA from the client who reads',
      (scene) => scene.data(1, 512).data(1, 512, 'client'),
      { kind: 'wrong-side', op: 'data', by: 'client' },
    ],
    [
      'ACK from the server who sends',
      (scene) => scene.data(1, 512).serverAck(1),
      { kind: 'wrong-side', op: 'ack', by: 'server' },
    ],
    [
      'an answer of the client before any of a server',
      (scene) => scene.ack(0),
      { kind: 'client-chose-other-end', op: 'ack', to: '172.22.52.207:64001', answered: '' },
    ],
  ])('%s is an anomaly', (_, and, anomaly) => {
    expect(anomalies(tftp(and(new TftpScene().request('f'))))).toContainEqual(anomaly);
  });

  test('a server that uses one port for all of its transfers is understood', () => {
    const scene = new TftpScene()
      .request('f', 'tsize=0')
      .optionAck('tsize=3')
      .error(0, 'TFTP Aborted')
      .request('f', 'blksize=1456')
      .optionAck('blksize=1456')
      .ack(0)
      .lockstep(1, 1, 3);
    expect(complete(scene).figures.bytes).toBe(3);
    expect(anomalies(tftp(scene))).toEqual([]);
  });

  test('file not found is an error by the server', () => {
    expect(tftp(new TftpScene().request('f').error(1, 'File not found', 'server'))[1]).toMatchObject({
      type: 'tftp.error',
      code: 1,
      by: 'server',
    });
  });

  test('a capture that ends in the middle says how far the transfer got', () => {
    expect(tftp(new TftpScene().request('f').lockstep(1, 3, 512)).at(-1)).toMatchObject({
      type: 'tftp.unfinished',
      reason: 'the capture ended',
      blocks: 3,
      figures: { bytes: 1536 },
    });
  });

  test('a last block that nobody acknowledged is told', () => {
    expect(tftp(new TftpScene().request('f').data(1, 3)).at(-1)).toMatchObject({
      type: 'tftp.unfinished',
      reason: 'the capture ended',
      unacknowledged: 1,
    });
  });

  test('a port used again ends the transfer before it', () => {
    const events = tftp(new TftpScene().request('f').data(1, 512).request('g').data(1, 2).ack(1));
    expect(types(events)).toEqual([
      'read-request',
      'first-data',
      'unfinished',
      'read-request',
      'first-data',
      'complete',
    ]);
  });
});

test('transfers at the same time are told apart by the client port', () => {
  const scene = new TftpScene().request('one').data(1, 512).ack(1);
  scene.client = at(CLIENT, 2071);
  scene.request('two').data(1, 3).ack(1);
  scene.client = at(CLIENT, 2070);
  scene.data(2, 4).ack(2);
  expect(
    tftp(scene).flatMap((event) => (event.type === 'tftp.complete' ? [[event.filename, event.figures.bytes]] : [])),
  ).toEqual([
    ['two', 3],
    ['one', 516],
  ]);
});

test('a write goes the other way', () => {
  const scene = new TftpScene()
    .write('up', 'tsize=515')
    .serverAck(0)
    .data(1, 512, 'client')
    .serverAck(1)
    .data(2, 3, 'client')
    .serverAck(2);
  expect(complete(scene)).toMatchObject({ tsize: 515, blocks: 2, figures: { bytes: 515 } });
});

test('blocks in IP fragments are put together, in whatever order they come', () => {
  const data = (length: number): Uint8Array => Uint8Array.of(0, 3, 0, 1, ...new Uint8Array(length));
  const scene = new TftpScene().request('f', 'blksize=4096').optionAck('blksize=4096').ack(0);
  scene
    .fragments(scene.server, scene.client, data(4096), 1480, (count) =>
      Array.from({ length: count }, (_, i) => count - 1 - i),
    )
    .ack(1);
  scene.fragments(scene.server, scene.client, Uint8Array.of(0, 3, 0, 2, ...new Uint8Array(2000)), 1480).ack(2);
  expect(complete(scene).figures.bytes).toBe(6096);
});

test('the evidence keeps 64 bytes of each block, of the first one a kilobyte, and a replay of it gives the same events', () => {
  const scene = new TftpScene()
    .request('f', 'blksize=1432')
    .optionAck('blksize=1432')
    .ack(0)
    .lockstep(1, 40, 1432)
    .lockstep(41, 41, 9);
  const whole = observe(scene.frames);
  const replay = observe(whole.trimmed);
  expect(replay.events).toEqual(whole.events);
  const headers = 14 + 20 + 8;
  expect([3, 5].map((at) => whole.trimmed[at]?.bytes.length)).toEqual([headers + 4 + 1024, headers + 64]);
  expect(whole.trimmed[0]?.bytes.length).toBe(scene.frames[0]?.bytes.length);
});
