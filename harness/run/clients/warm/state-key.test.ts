import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { VmSpec } from '#qemu-wrapper';
import { temporaryFolder } from '../../../../reports/testing/temporary-folder.ts';
import { stateKey } from './state-key.ts';

/** A host with a QEMU, a ROM and a UEFI, and how a client of it is keyed. */
async function host(path: string) {
  const at = (name: string): string => join(path, name);
  await mkdir(at('roms'));
  for (const name of [
    'qemu-system-x86_64',
    'roms/pxe-e1000.rom',
    'code.fd',
    'variables.fd',
    'own-variables.fd',
    'disk.qcow2',
  ])
    await writeFile(at(name), 'one');
  const spec: VmSpec = {
    name: 'pc',
    firmware: 'uefi',
    firmwareFiles: { code: at('code.fd'), variables: at('variables.fd') },
    accelerator: 'tcg',
    memoryMiB: 512,
    nics: [{ model: 'e1000', mac: '52:54:00:00:00:01', netDevice: { kind: 'tap', interface: 'tap0' }, bootIndex: 1 }],
    disks: [{ file: '/run/pxewright/pc.disk', format: 'raw', interface: 'virtio' }],
  };
  const files = { path: `${path}/none:${path}`, romFolders: [at('roms')] };
  return {
    at,
    spec,
    key: (change: Partial<VmSpec> = {}, diskMiB = 64, image?: string) =>
      stateKey({ ...spec, ...change }, { mebibytes: diskMiB, image }, files),
  };
}

it('is the same for what a guest cannot see: names of the VM, its tap, its disk and its variable store', async () => {
  await using folder = await temporaryFolder();
  const { at, spec, key } = await host(folder.path);
  const nics = spec.nics?.map((nic) => ({ ...nic, netDevice: { kind: 'tap', interface: 'tap7' } as const }));
  const disks = spec.disks?.map((disk) => ({ ...disk, file: '/elsewhere' }));
  const firmwareFiles = { code: at('code.fd'), variables: at('own-variables.fd') };
  expect(await key({ name: 'other', nics: nics ?? [], disks: disks ?? [], firmwareFiles })).toBe(await key());
});

it('is another one after any change of arguments, disk, program, ROM, firmware or variables', async () => {
  await using folder = await temporaryFolder();
  const { at, spec, key } = await host(folder.path);
  const nics = spec.nics?.map((nic) => ({ ...nic, mac: '52:54:00:00:00:02' })) ?? [];
  const unplugged = spec.nics?.map((nic) => ({ ...nic, netDevice: { kind: 'unplugged' } as const })) ?? [];
  const keys = [
    await key(),
    await key({ nics }),
    await key({ nics: unplugged }),
    await key({ memoryMiB: 256 }),
    await key({}, 128),
    await key({}, 64, at('disk.qcow2')),
  ];
  await writeFile(at('disk.qcow2'), 'another system');
  keys.push(await key({}, 64, at('disk.qcow2')));
  for (const name of ['qemu-system-x86_64', 'roms/pxe-e1000.rom', 'code.fd', 'variables.fd']) {
    await writeFile(at(name), 'two');
    keys.push(await key());
  }
  expect(new Set(keys).size).toBe(keys.length);
});
