import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../reports/testing/temporary-folder.ts';
import { onlyRun, pxewright } from './testing/pxewright.ts';

// Whoever plans a fault wants to see what a boot makes of it: one that never came has shown nothing.

const SCENARIO = `
name: Faults whose moments do not come
services:
  dhcp: {}
  pxe: {}
  tftp: {}
  backups: { misbehave: { stale-lock: 0, remove-pack: 1, gone: { after-reads: 1000 } } }
clients:
  - name: pc
    nic: virtio-net-pci
    memory: 128MiB
    steps: [dhcp.ack]
`;

it('a boot that passed although a fault of its scenario never came fails, and says which one', {
  timeout: 120_000,
}, async () => {
  await using folder = await temporaryFolder();
  await using out = await temporaryFolder();
  const file = join(folder.path, 'missed.yaml');
  await writeFile(file, SCENARIO);
  const { exitCode } = await pxewright(['run', file, '--out', out.path]);
  const { result } = await onlyRun(out.path);
  const [scenario] = result.scenarios;
  expect([exitCode, scenario?.verdict]).toEqual([1, 'failed']);
  const [client] = scenario?.clients ?? [];
  expect(client?.steps.filter(({ verdict }) => verdict === 'failed')).toEqual([]);
  expect(client?.findings).toEqual([
    'backup-store on host-207 was told to misbehave (remove-pack), and that never came: this boot shows nothing of it',
    'backup-store on host-207 was told to misbehave (gone), and that never came: this boot shows nothing of it',
  ]);
});
