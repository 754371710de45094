import { describe, expect, test } from 'vitest';
import type { ProtocolEvent, TftpEvent } from '../../base/observe/seen.ts';
import { MAX_REPORTS } from '../../base/observe/event-body.ts';
import { at, CLIENT, observe, SERVER } from '../../../observe/testing/scene.ts';
import { TftpScene } from '../testing/scene.ts';

const tftp = (scene: TftpScene): TftpEvent[] =>
  scene.events().filter((event): event is TftpEvent => event.type.startsWith('tftp.'));
const types = (events: readonly ProtocolEvent[]): string[] => events.map(({ type }) => type.replace('tftp.', ''));
const anomalies = (events: readonly TftpEvent[]): string[] =>
  events.flatMap((event) => (event.type === 'tftp.anomaly' ? [event.reason] : []));
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
  const first = (asked: string[], granted: string[]): string[] =>
    anomalies(tftp(new TftpScene().request('f', ...asked).optionAck(...granted)));

  test('may be granted, lowered or left out', () => {
    expect(first(['blksize=1468', 'windowsize=4', 'tsize=0'], ['blksize=1456', 'windowsize=2', 'tsize=31124'])).toEqual(
      [],
    );
    expect(first(['blksize=1468', 'windowsize=4'], [])).toEqual([]);
  });

  test.each([
    [
      ['blksize=1432'],
      ['blksize=1468'],
      'OACK raises blksize from 1432 to 1468; a server may only lower it (RFC 2348)',
    ],
    [
      ['windowsize=4'],
      ['windowsize=16'],
      'OACK raises windowsize from 4 to 16; a server may only lower it (RFC 7440 section 3)',
    ],
    [['tsize=0'], ['tsize=9', 'timeout=3'], 'OACK grants timeout=3, which was never asked for (RFC 2347)'],
    [['timeout=2'], ['timeout=3'], 'OACK changes timeout from 2 to 3; a server must echo it (RFC 2349)'],
    [['blksize=1432'], ['blksize=big'], 'OACK grants blksize=big, expected a decimal number'],
    [['blksize=1432'], ['blksize=4'], 'OACK grants blksize=4, expected 8 to 65464 (RFC 2348)'],
    [['msftwindow=31416'], ['msftwindow=31416'], 'OACK grants msftwindow=31416, expected 27182'],
    [['blksize=1432'], ['blksize=1432', 'blksize=512'], 'OACK names blksize more than once'],
  ])('asked %j and granted %j is an anomaly', (asked, granted, reason) => {
    expect(first(asked, granted)).toEqual([reason]);
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

  test('a tsize that is not the size is an anomaly', () => {
    expect(
      anomalies(tftp(new TftpScene().request('f', 'tsize=0').optionAck('tsize=100').ack(0).lockstep(1, 1, 7))),
    ).toEqual(['tsize announced 100 bytes but 7 came']);
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
    expect(anomalies(tftp(scene))).toEqual([
      'DATA 5 while block 0 is the last acknowledged, expected at most 4 blocks ahead (RFC 7440 section 4)',
    ]);
  });

  test("Microsoft's variable window follows the fifth byte of the ACK", () => {
    const scene = new TftpScene()
      .request('f', 'windowsize=4', 'msftwindow=31416')
      .optionAck('windowsize=4', 'msftwindow=27182')
      .ack(0, 2);
    scene.data(1, 512).data(2, 512).ack(2, 6);
    for (let block = 3; block <= 8; block++) scene.data(block, 512);
    expect(anomalies(tftp(scene.ack(8, 6).data(9, 1).ack(9, 6)))).toEqual([]);
    expect(anomalies(tftp(new TftpScene().request('g').lockstep(1, 1, 512).ack(2, 9)))[0]).toContain(
      'although msftwindow was not granted',
    );
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

  test("every block sent twice is the Sorcerer's Apprentice", () => {
    const scene = new TftpScene().request('f');
    for (let block = 1; block <= 6; block++) scene.data(block, 512).ack(block).data(block, 512).ack(block);
    expect(anomalies(tftp(scene)).join()).toContain("Sorcerer's Apprentice: blocks 1 to 4");
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
      'answer from 172.22.52.99:4000, but the request went to 172.22.52.207',
    ]);
  });

  test('of two answers the first counts, unless the client goes on with the other', () => {
    const scene = new TftpScene().request('f').data(1, 512);
    scene.server = at(SERVER, 64_002);
    expect(anomalies(tftp(scene.data(1, 512)))).toEqual([
      'data from 172.22.52.207:64002, but 172.22.52.207:64001 answered first (RFC 1350 section 4)',
    ]);
    expect(complete(scene.ack(1).lockstep(2, 2, 5)).figures.bytes).toBe(517);
  });

  test('a request that was sent twice may be answered twice', () => {
    const scene = new TftpScene().request('f').request('f').error(1, 'file not found', 'server');
    scene.server = at(SERVER, 64_002);
    expect(types(tftp(scene.error(1, 'file not found', 'server')))).toEqual(['read-request', 'read-request', 'error']);
    scene.server = at({ ...SERVER, ip: '172.22.52.99' }, 64_003);
    expect(anomalies(tftp(scene.error(1, 'file not found', 'server')))).toEqual([
      'error from 172.22.52.99:64003, but 172.22.52.207:64001 answered first (RFC 1350 section 4)',
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
      'option-ack from 172.22.52.207:64001, whose transfer to this port is over',
    ]);
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

  test('a last block that nobody acknowledged is named', () => {
    expect(tftp(new TftpScene().request('f').data(1, 3)).at(-1)).toMatchObject({
      type: 'tftp.unfinished',
      reason: 'the capture ended; its last block 1 was never acknowledged',
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

test('the evidence keeps 64 bytes of each block, and a replay of it gives the same events', () => {
  const scene = new TftpScene()
    .request('f', 'blksize=1432')
    .optionAck('blksize=1432')
    .ack(0)
    .lockstep(1, 40, 1432)
    .lockstep(41, 41, 9);
  const whole = observe(scene.frames);
  const replay = observe(whole.trimmed);
  expect(replay.events).toEqual(whole.events);
  expect(whole.trimmed[3]?.bytes.length).toBe(14 + 20 + 8 + 64);
  expect(whole.trimmed[0]?.bytes.length).toBe(scene.frames[0]?.bytes.length);
});
