import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { startVm } from '../src/vm/start-vm.ts';
import type { Vm } from '../src/vm/vm.ts';

/** A folder and the VMs of one test, which end with it. */
export interface TemporaryVms {
  /** Of the test under way. */
  readonly folder: string;
  /** Starts a VM that is ended after the test. */
  readonly start: (...args: Parameters<typeof startVm>) => Promise<Vm>;
}

/** Gives each test of a file a folder, and ends its VMs after it. */
export function temporaryVms(): TemporaryVms {
  let folder = '';
  let vms: Vm[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'vm-'));
    vms = [];
  });
  afterEach(async () => {
    for (const vm of vms) await vm.quit(9000);
    await rm(folder, { recursive: true });
  });
  return {
    get folder() {
      return folder;
    },
    async start(...args) {
      const vm = await startVm(...args);
      vms.push(vm);
      return vm;
    },
  };
}
