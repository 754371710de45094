import { describe, expect, test } from 'vitest';
import type { Step } from '../../../../reports/result.ts';
import { at, CLIENT, SERVER } from '../../../observe/testing/scene.ts';
import { createJudge } from '../../../verdict/judge.ts';
import { TftpScene } from '../testing/scene.ts';

/** The steps of a scene's frames, judged by the protocol alone; `idleMs` pass after the last frame. */
function stepsOf(scene: TftpScene, idleMs = 0): readonly Step[] {
  const judge = createJudge({
    linkType: 1,
    clients: [{ name: 'pc', mac: CLIENT.mac, firmware: 'bios', nic: 'e1000' }],
    startUs: 1_000_000,
  });
  judge.frames(scene.frames);
  if (idleMs > 0) judge.advance((scene.frames.at(-1)?.atUs ?? 0) + idleMs * 1000);
  return judge.finish().flatMap(({ steps }) => steps);
}

const failed = (scene: TftpScene, idleMs = 0): (string | undefined)[][] =>
  stepsOf(scene, idleMs).flatMap(({ step, verdict, cause }) => (verdict === 'failed' ? [[step, cause]] : []));
const read = (...options: string[]): TftpScene => new TftpScene().request('f', ...options);

/** GRUB 2.12 closes its configuration of 13,195 bytes, after so many blocks; captured with none and with ten. */
const grubsLook = (blocks: number): TftpScene =>
  new TftpScene()
    .request('/boot/x64/grub.cfg', 'blksize=1024', 'tsize=0')
    .optionAck('blksize=1024', 'tsize=13195')
    .ack(0)
    .lockstep(1, blocks, 1024)
    .data(blocks + 1, 1024)
    .error(0, 'closed');

describe('each fact fails one step, the first one', () => {
  test.each<[string, string, TftpScene, number?]>([
    ['tftp.error', 'tftp-access-denied', read().error(2, 'access violation', 'server')],
    ['tftp.error', 'tftp-refused', read().error(0, 'configured to fail', 'server')],
    ['tftp.error', 'tftp-options-refused', read('blksize=8').error(8, 'no', 'server')],
    ['tftp.error', 'tftp-options-refused', read('blksize=8').optionAck('blksize=8').error(8, 'no')],
    ['tftp.error', 'transfer-aborted', read().lockstep(1, 2, 512).error(3, 'disk full')],
    ['tftp.read-request', 'tftp-silent', read(), 31_000],
    ['tftp.transfer', 'transfer-stalled', read().lockstep(1, 2, 512), 301_000],
    ['tftp.transfer', 'transfer-size-mismatch', read('tsize=0').optionAck('tsize=100').ack(0).lockstep(1, 1, 7)],
    ['tftp.anomaly', 'tftp-protocol-breach', read().data(1, 1432).ack(1).lockstep(2, 2, 7)],
    ...(
      [
        [['blksize=1432'], ['blksize=1468']],
        [['blksize=1432'], ['blksize=7']],
        [['blksize=1432'], ['blksize=big']],
        [['blksize=1432'], ['blksize=1432', 'blksize=512']],
        [['windowsize=4'], ['windowsize=16']],
        [['timeout=2'], ['timeout=3']],
        [['tsize=0'], ['tsize=7', 'timeout=3']],
        [['msftwindow=31416'], ['msftwindow=31416']],
      ] as const
    ).map(([asked, granted]): [string, string, TftpScene] => [
      'tftp.option-ack',
      'tftp-illegal-option-ack',
      read(...asked)
        .optionAck(...granted)
        .ack(0)
        .lockstep(1, 1, 7),
    ]),
    ['tftp.option-ack', 'tftp-illegal-option-ack', read('tsize=0').data(1, 512).optionAck('tsize=7').ack(1)],
  ])('%s: %s', (step, cause, scene, idleMs) => {
    expect(failed(scene, idleMs)).toEqual([[step, cause]]);
  });
});

test.each<[string, TftpScene]>([
  ['the options', read('tsize=0').optionAck('tsize=362').error(8, 'User aborted the transfer')],
  [
    'a first block that it has not acknowledged',
    read('tsize=0').optionAck('tsize=362').ack(0).data(1, 362).error(0, 'closed'),
  ],
  ['the first block of a server without options', read('tsize=0').data(1, 362).error(0, 'closed')],
  ['ten blocks of GRUB’s configuration', grubsLook(10)],
])('a client that asked for the size and gives up after %s wanted to know no more', (_, scene) => {
  expect(failed(scene)).toEqual([]);
  expect(stepsOf(scene).map(({ step }) => step)).toContain('tftp.size-probe');
});

test.each<[string, TftpScene]>([
  ['it acknowledged a block', read('tsize=0').optionAck('tsize=600').ack(0).lockstep(1, 1, 512).error(0, 'closed')],
  ['it acknowledged more than GRUB does that only looks', grubsLook(11)],
  ['it did not ask for the size', read('blksize=512').optionAck('blksize=512').ack(0).data(1, 362).error(0, 'closed')],
])('a client that gives up although %s has aborted a transfer', (_, scene) => {
  expect(failed(scene)).toEqual([['tftp.error', 'transfer-aborted']]);
});

test('a file that neither DHCP nor a scenario named may be missing', () => {
  const scene = read().error(1, 'file not found', 'server');
  expect(failed(scene)).toEqual([]);
  expect(stepsOf(scene)).toContainEqual(
    expect.objectContaining({ step: 'tftp.error', verdict: 'recorded', cause: 'boot-file-missing' }),
  );
});

test('the breaches of an OACK name the rule', () => {
  const scene = read('blksize=1432').optionAck('blksize=1468');
  expect(stepsOf(scene).find(({ verdict }) => verdict === 'failed')).toMatchObject({
    expected: 'blksize of 8 to 1432 (RFC 2348)',
    actual: 'blksize=1468',
  });
});

test('options may be granted, lowered or left out', () => {
  const scene = read('blksize=1468', 'windowsize=4', 'tsize=0', 'timeout=2').optionAck('blksize=512', 'windowsize=2');
  expect(failed(scene.ack(0).lockstep(1, 1, 7))).toEqual([]);
});

test('an OACK that comes again is no OACK that comes late', () => {
  const scene = read('tsize=0').optionAck('tsize=3').ack(0).data(1, 3).optionAck('tsize=3').ack(1);
  expect(failed(scene)).toEqual([]);
  expect(stepsOf(scene)).toContainEqual(
    expect.objectContaining({ step: 'tftp.option-ack', verdict: 'recorded', why: 'the same answer again' }),
  );
});

test('an empty file is one block', () => {
  const scene = read('tsize=0').optionAck('tsize=0').ack(0).lockstep(1, 1, 0);
  expect(failed(scene)).toEqual([]);
  expect(stepsOf(scene)).toContainEqual(expect.objectContaining({ step: 'tftp.transfer', verdict: 'passed' }));
});

test('netascii is not measured against the size of the file', () => {
  const scene = new TftpScene();
  scene.mode = 'netascii';
  scene.request('f', 'tsize=0').optionAck('tsize=3').ack(0).lockstep(1, 1, 4);
  expect(failed(scene)).toEqual([]);
  expect(stepsOf(scene)[0]).toMatchObject({ verdict: 'passed', detail: { mode: 'netascii' } });
});

test('mail is a mode that RFC 1350 has given up', () => {
  const scene = new TftpScene();
  scene.mode = 'mail';
  expect(failed(scene.request('f').lockstep(1, 1, 4))).toEqual([['tftp.read-request', 'tftp-protocol-breach']]);
});

describe('where block numbers begin anew', () => {
  // As a capture from the field has it: nearly all of the file's blocks are missing.
  const near = (): TftpScene =>
    read('blksize=8').optionAck('blksize=8').ack(0).lockstep(1, 4, 8).lockstep(65_530, 65_535, 8);
  const again = (scene: TftpScene, what: (scene: TftpScene) => unknown): TftpScene => {
    for (let time = 0; time < 4; time++) what(scene.wait(1_000_000));
    return scene;
  };

  test('a hole of more than half of them does not make the blocks after it repetitions', () => {
    const steps = stepsOf(near().lockstep(0, 2, 8).lockstep(3, 3, 5));
    expect(steps.filter(({ verdict }) => verdict === 'failed')).toEqual([]);
    expect(steps.find(({ step }) => step === 'tftp.transfer')).toMatchObject({
      verdict: 'passed',
      detail: { blocks: 65_539, bytes: 65_538 * 8 + 5, retransmissions: 0 },
    });
    expect(steps.filter(({ detail }) => detail?.['kind'] === 'blocks-sent-twice')).toEqual([]);
  });

  test.each<[string, string, (scene: TftpScene) => TftpScene]>([
    ['that does not take the ACK of block 0', 'server', (scene) => again(scene.lockstep(0, 0, 8), (one) => one.ack(0))],
    ['that sends nothing after 65535', 'server', (scene) => again(scene, (one) => one.ack(65_535))],
    ['that does not take block 0', 'client', (scene) => again(scene.data(0, 8), (one) => one.data(0, 8))],
  ])('a side %s is named: the %s', (_, by, stall) => {
    const steps = stepsOf(stall(near()), 301_000).filter(({ verdict }) => verdict === 'failed');
    expect(steps).toMatchObject([{ step: 'tftp.transfer', cause: 'tftp-rollover' }]);
    expect(steps[0]?.actual).toContain(`the ${by} does not go on after block`);
    // The end of the capture says the same as the deadline, for the side's repetitions prove it.
    expect(failed(stall(near()))).toEqual([['tftp.transfer', 'tftp-rollover']]);
  });

  test('a stall that ends is none', () => {
    const scene = again(near().lockstep(0, 0, 8), (one) => one.ack(0)).lockstep(1, 1, 5);
    expect(failed(scene)).toEqual([]);
  });

  test('a client that gives up there says why by where', () => {
    expect(failed(near().data(0, 8).error(4, 'illegal block'))).toEqual([['tftp.error', 'tftp-rollover']]);
  });
});

describe('an anomaly', () => {
  const anomaly = (scene: TftpScene): Step | undefined => stepsOf(scene).find(({ step }) => step === 'tftp.anomaly');

  test('fails when the receiver must refuse the packet, and says by which rule', () => {
    const scene = read().data(1, 512).serverAck(1);
    expect(anomaly(scene)).toMatchObject({
      verdict: 'failed',
      detail: { path: 'f', kind: 'wrong-side', op: 'ack', by: 'server' },
      expected: 'ACK only from the side that receives the file (RFC 1350 section 5: error 4, illegal operation)',
      actual: 'ACK from the server',
      cause: 'tftp-protocol-breach',
    });
  });

  test('fails when the receiver gets something else than the sender has', () => {
    expect(anomaly(read().lockstep(1, 1, 7).data(2, 512))).toMatchObject({
      verdict: 'failed',
      detail: { kind: 'data-after-last-block', block: 2 },
      expected: expect.stringContaining('nothing after block 1, which was shorter than 512 bytes') as string,
      actual: 'DATA 2',
    });
  });

  test('is recorded when the receiver can go on', () => {
    const scene = new TftpScene();
    scene.server = at(SERVER, 69);
    scene.request('f').lockstep(1, 1, 3);
    expect(failed(scene)).toEqual([]);
    expect(anomaly(scene)).toMatchObject({
      verdict: 'recorded',
      detail: { kind: 'answer-from-port-69' },
      why: `an answer from ${SERVER.ip}:69, expected an answer from a port of its own for this transfer (RFC 1350 section 4); the receiver can continue`,
    });
  });
});
