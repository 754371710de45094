import { copyFile, readdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { changeVariables, readVariables, settingsOf } from '#qemu-wrapper';
import { firmwareRow } from '#qemu-wrapper/nic-models';
import { temporaryFolder } from '../../reports/testing/temporary-folder.ts';
import { onlyRun, pxewright, type Finished } from './testing/pxewright.ts';

// A client that starts with a store of UEFI variables of the user's own. No server names a boot file: only the entry in the
// store does, by a URL.

const PROGRAM = 'http://172.22.52.207/snponly.efi';
const ENTRY = { number: 0x10, description: 'Deployment server' };

const scenario = (store: string): string => `
name: Own variables
services:
  dhcp: {}
  http: { root: boot-files/ipxe }
clients:
  - { name: pc, firmware: uefi, nic: virtio-net-pci, memory: 256MiB, firmware-variables: ./${store} }
steps:
  - dhcp.discover: { arch: 16 }
  - http.get: { path: /snponly.efi, status: 200 }
budgets: { firmware: 60s, dhcp: 30s }
timeout: 2m
`;

/** A device path of one URL (UEFI 2.10 section 10.3.4.23), for which the firmware finds a network card itself. */
function urlPath(url: string): Uint8Array {
  const [MESSAGING, URI, HEADER_BYTES] = [3, 24, 4];
  const end = [0x7f, 0xff, 4, 0];
  return Uint8Array.of(MESSAGING, URI, url.length + HEADER_BYTES, 0, ...Buffer.from(url), ...end);
}

let work: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  work = await temporaryFolder();
  const template = firmwareRow('uefi').flash?.variables ?? '';
  for (const store of ['mine.fd', 'damaged.fd']) {
    await copyFile(template, join(work.path, store));
    await writeFile(join(work.path, store.replace('.fd', '.yaml')), scenario(store));
  }
  await changeVariables(join(work.path, 'mine.fd'), {
    bootEntries: {
      [ENTRY.number]: {
        attributes: 1,
        description: ENTRY.description,
        devicePath: urlPath(PROGRAM),
        optionalData: new Uint8Array(),
      },
    },
    bootOrder: [ENTRY.number],
  });
  await truncate(join(work.path, 'damaged.fd'), 1000);
});
afterAll(() => work[Symbol.asyncDispose]());

const run = (name: string): PromiseLike<Finished> =>
  pxewright(['run', join(work.path, name), '--out', join(work.path, 'runs')]);

it('a damaged store is refused by name, and nothing is started', async () => {
  const { exitCode, stderr } = await run('damaged.yaml');
  expect(exitCode).toBe(3);
  expect(stderr).toContain('clients[0].firmware-variables: expected a sound store of UEFI variables');
  expect(stderr).toContain(
    'damaged.fd is no sound store of firmware variables: its volume has 540672 bytes, and the file only 1000',
  );
  expect(await readdir(work.path)).not.toContain('runs');
});

it('the entry that is first in the own store is what starts, and the store itself stays as it is', {
  timeout: 120_000,
}, async () => {
  const before = await readVariables(join(work.path, 'mine.fd'));
  const { exitCode } = await run('mine.yaml');
  const { result } = await onlyRun(join(work.path, 'runs'));
  const [client] = result.scenarios[0]?.clients ?? [];
  expect(client?.steps.filter(({ verdict }) => verdict === 'failed')).toEqual([]);
  expect(exitCode).toBe(0);
  expect(client?.steps.find(({ step }) => step === 'dhcp.ack')?.detail?.['bootfile']).toBe('');
  expect(client?.firmwareVariables?.bootOrder[0]).toBe(`Boot0010 ${ENTRY.description}`);
  expect(settingsOf(await readVariables(join(work.path, 'mine.fd')))).toEqual(settingsOf(before));
});
