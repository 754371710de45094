import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openDeviceStore } from '../../servers/state/device-store.ts';
import { temporaryFolder } from '../../reports/testing/temporary-folder.ts';
import { onlyRun, pxewright } from './testing/pxewright.ts';

const SCENARIO = `
name: A computer that somebody approves by hand
services:
  dhcp: {}
  pxe: { bootfile: 'boot\\x86\\wdsnbp.com', prompt: no-prompt, approval: { poll-interval: 500ms }, option-250: { interval-unit: 100ms } }
  tftp: {}
  state: ./state
  devices: { unknown: pending }
clients: [{ name: pc, plays: wdsnbp, polls-for: 40s }]
steps:
  - wdsnbp.pending: { requestId: 1 }
  - wdsnbp.approved: { requestId: 1, bootfile: 'boot\\x86\\pxeboot.n12' }
  - tftp.transfer: { path: 'boot\\x86\\pxeboot.n12' }
timeout: 1m
`;

// Three programs share the device store: the boot server that enters who asks, the command of a person, and this test.
it('boots a waiting computer when its request id is approved by command', { timeout: 120_000 }, async () => {
  await using folder = await temporaryFolder();
  const state = join(folder.path, 'state');
  await writeFile(join(folder.path, 'by-hand.yaml'), SCENARIO);
  const running = pxewright(['run', join(folder.path, 'by-hand.yaml'), '--out', join(folder.path, 'runs')]);
  await expect
    .poll(
      () =>
        openDeviceStore(state)
          .devices()
          .map(({ status, requestId }) => ({ status, requestId })),
      { timeout: 60_000, interval: 200 },
    )
    .toEqual([{ status: 'pending', requestId: 1 }]);
  expect(await pxewright(['clients', 'approve', '1', '--name', 'PC07', '--state', state])).toMatchObject({
    exitCode: 0,
  });
  const { exitCode } = await running;
  const { result } = await onlyRun(join(folder.path, 'runs'));
  expect({ exitCode, why: result.scenarios[0]?.why }).toEqual({ exitCode: 0, why: undefined });
  expect(openDeviceStore(state).devices()).toMatchObject([{ name: 'PC07', status: 'approved' }]);
});
