import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { VmSpecError } from '../spec/lint.ts';
import type { VmSpec } from '../spec/vm-spec.ts';
import { startVm } from './start-vm.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'vm-'));
});
afterEach(() => rm(folder, { recursive: true }));

const start = (firmwareFiles: VmSpec['firmwareFiles']) =>
  startVm(
    { name: 'pc', firmware: 'uefi', accelerator: 'tcg', memoryMiB: 64, ...(firmwareFiles && { firmwareFiles }) },
    { folder: path.join(folder, 'vm'), deadlineMs: 1000 },
  );

it('refuses a damaged variable store by name, before anything starts', async () => {
  const variables = path.join(folder, 'vars.fd');
  await writeFile(variables, new Uint8Array(4096));
  const refused = start({ code: '/dev/null', variables });
  await expect(refused).rejects.toThrow(VmSpecError);
  await expect(refused).rejects.toThrow(
    `the variables of firmware uefi: ${variables} is no sound store of firmware variables: it does not begin with a volume of firmware variables`,
  );
  await expect(access(path.join(folder, 'vm', 'qmp.sock'))).rejects.toThrow('ENOENT');
});

it('names the package of a firmware that is not installed', async () => {
  await expect(start({ code: '/nowhere/code.fd' })).rejects.toThrow(
    /the code of firmware uefi: ENOENT: .*'\/nowhere\/code\.fd' \(Debian: apt-get install ovmf\)/,
  );
});
