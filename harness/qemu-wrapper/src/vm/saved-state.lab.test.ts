import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { temporaryVms } from '../../testing/temporary-vms.ts';
import { echoBootSector } from '../../testing/echo-boot-sector.ts';
import { readVariables } from '../firmware-vars/files.ts';
import { object } from '../qmp/messages.ts';
import { VM_FILES } from '../spec/vm-files.ts';
import type { VmSpec } from '../spec/vm-spec.ts';
import { saveState, type SavedState } from './saved-state.ts';
import type { Vm } from './vm.ts';

const vms = temporaryVms();

const DEADLINE_MS = 60_000;

async function start(name: string, spec: VmSpec, state?: SavedState): Promise<Vm> {
  return vms.start(spec, {
    folder: path.join(vms.folder, name),
    deadlineMs: DEADLINE_MS,
    ...(state === undefined ? {} : { state }),
  });
}

async function save(vm: Vm): Promise<SavedState> {
  await vm.stop();
  const file = path.join(vms.folder, 'state');
  await saveState(vm.qmp, file, DEADLINE_MS);
  return { file, serialLogs: await Promise.all(vm.serial.map(({ logFile }) => readFile(logFile))) };
}

/** What the real-time clock of a VM shows, milliseconds since the epoch. */
async function clockOf(vm: Vm): Promise<number> {
  const { tm_year, tm_mon, tm_mday, tm_hour, tm_min, tm_sec } =
    object(await vm.qmp.execute('qom-get', { path: '/machine', property: 'rtc-time' })) ?? {};
  const [year = 0, ...rest] = [tm_year, tm_mon, tm_mday, tm_hour, tm_min, tm_sec].map(Number);
  const [month = 0, day, hour, minute, second] = rest;
  return Date.UTC(1900 + year, month, day, hour, minute, second);
}

it('goes on where it was saved, with what it had written, and its clock shows the time of now', async () => {
  const disk = path.join(vms.folder, 'boot.img');
  await writeFile(disk, echoBootSector());
  const spec: VmSpec = {
    name: 'pc',
    firmware: 'bios',
    accelerator: 'tcg',
    memoryMiB: 64,
    disks: [{ file: disk, format: 'raw', interface: 'ide', bootIndex: 0 }],
  };
  const first = await start('first', spec);
  const listens = Promise.withResolvers<string>();
  first.onSerialLine(0, listens.resolve);
  await first.cont();
  await listens.promise;
  const state = await save(first);
  await first.quit(9000);
  // Long enough for a clock that stood still to be seen.
  await delay(3000);
  const second = await start('second', spec, state);
  expect(Math.abs((await clockOf(second)) - Date.now())).toBeLessThan(2000);
  const typed = Promise.withResolvers<string>();
  second.onSerialLine(0, typed.resolve);
  await second.cont();
  await second.sendKeys(['q']);
  expect(await typed.promise).toBe('key 71');
  const log = await readFile(second.serial[0]?.logFile ?? '', 'utf8');
  expect(log.startsWith(Buffer.from(state.serialLogs[0] ?? '').toString('utf8'))).toBe(true);
  expect(log.length).toBeGreaterThan(state.serialLogs[0]?.length ?? 0);
});

it('has the UEFI variables of the moment in which it was saved, in its own store', async () => {
  const spec: VmSpec = { name: 'pc', firmware: 'uefi', accelerator: 'tcg', memoryMiB: 256 };
  const store = (vm: Vm): Promise<Buffer> => readFile(path.join(vm.folder, VM_FILES.firmwareVars));
  const names = async (vm: Vm): Promise<string[]> =>
    (await readVariables(path.join(vm.folder, VM_FILES.firmwareVars))).map(({ name }) => name);
  const first = await start('first', spec);
  const fresh = await store(first);
  const speaks = Promise.withResolvers<string>();
  first.onSerialLine(0, speaks.resolve);
  await first.cont();
  await speaks.promise;
  const state = await save(first);
  expect((await store(first)).equals(fresh)).toBe(false);
  const written = await names(first);
  const second = await start('second', spec, state);
  await second.cont();
  await second.stop();
  // It may have gone on writing: what was there stays.
  expect(await names(second)).toEqual(expect.arrayContaining(written));
  expect(written.length).toBeGreaterThan(0);
});

it('says which device of a VM cannot be saved, and the VM goes on', async () => {
  const disk = path.join(vms.folder, 'disk.img');
  await writeFile(disk, Buffer.alloc(2 ** 20));
  const vm = await start('nvme', {
    name: 'pc',
    firmware: 'bios',
    accelerator: 'tcg',
    memoryMiB: 64,
    disks: [{ file: disk, format: 'raw', interface: 'nvme', bootIndex: 0 }],
  });
  await vm.cont();
  await expect(save(vm)).rejects.toThrow(/nvme/);
  await vm.cont();
  expect(vm.state).toBe('running');
});

it('does not start from a state that is none', async () => {
  const file = path.join(vms.folder, 'state');
  await writeFile(file, 'no state');
  const spec: VmSpec = { name: 'pc', firmware: 'bios', accelerator: 'tcg', memoryMiB: 64 };
  await expect(start('broken', spec, { file, serialLogs: [] })).rejects.toThrow(/starting VM pc failed/);
});
