import { expect, test } from 'vitest';
import type { Step } from '../../../../reports/result.ts';
import { judge } from '../../../verdict/testing/judge-story.ts';
import { answer, ask, fileIdOf, ntlm, SmbScene, STATUS } from '../testing/scene.ts';

const FILE = fileIdOf(1);
const opened = (): SmbScene =>
  new SmbScene()
    .connect()
    .exchange(ask.negotiate(0x0210), answer.negotiate(0x0210))
    .exchange(ask.sessionSetup(ntlm.negotiate()), answer.sessionSetup(ntlm.challenge('SYSTEM'), STATUS.moreProcessing))
    .exchange(ask.sessionSetup(ntlm.authenticate('SYSTEM', 'administrateur')), answer.sessionSetup(new Uint8Array(0)))
    .exchange(ask.treeConnect('\\\\s\\RemInst'), answer.treeConnect(5))
    .exchange(ask.create('a.wim'), answer.create(FILE, 8192));

const anomalies = (scene: SmbScene): Step[] => judge(scene).named('smb.anomaly');

test('a READ response of more bytes than were asked for fails', () => {
  expect(anomalies(opened().exchange(ask.read(FILE, 0, 4096), answer.read(new Uint8Array(5000)))).at(-1)).toMatchObject(
    {
      verdict: 'failed',
      detail: { kind: 'read-too-long', command: 'read' },
      expected: 'at most 4096 bytes at offset 0, as asked (MS-SMB2 section 3.3.5.12)',
      actual: '5000 bytes',
      cause: 'smb-protocol-breach',
    },
  );
});

test('a message id that is used while its first use has no answer fails, the answer too many is recorded', () => {
  const scene = opened();
  const id = scene.request(ask.echo());
  scene.request({ ...ask.echo(), options: { messageId: id } });
  scene.response(id, answer.echo()).response(id, answer.echo());
  expect(anomalies(scene).slice(-2)).toMatchObject([
    { verdict: 'failed', detail: { kind: 'message-id-in-use', command: 'echo' } },
    { verdict: 'recorded', detail: { kind: 'response-to-no-request', command: 'echo' } },
  ]);
});

test('a request that the server refuses by an answer is recorded: the answer is judged', () => {
  const scene = opened().exchange({ ...ask.create('b'), options: { treeId: 6 } }, answer.create(FILE, 1));
  expect(anomalies(scene)[0]).toMatchObject({
    verdict: 'recorded',
    detail: { kind: 'unknown-tree', command: 'create' },
    why: 'create on tree 6, expected a tree that the server connected (MS-SMB2 section 3.3.5.2.11); the receiver can continue',
  });
});
