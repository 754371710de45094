import { cp, link, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Device } from '../../servers/state/device-store.ts';
import type { StatePlan } from '../plan/plan.ts';
import { resolveRunFolder } from './private-files.ts';
import type { Task } from './task.ts';

/**
 * The folder where the deployment server keeps what changes. A new one begins with the scenario's devices; one that is
 * there already is left as it is. `keepIn` gets a copy of what a state that ends with the lab came to.
 */
export function stateTask(plan: StatePlan, keepIn?: string): Task {
  const folder = resolveRunFolder(plan.folder);
  return {
    title: 'state of the deployment server',
    async setup() {
      await mkdir(folder, { recursive: true });
      if (plan.devices.length > 0)
        await writeFirst(join(folder, 'devices.json'), firstDevices(plan, new Date().toISOString()));
    },
    async teardown() {
      if (keepIn === undefined || folder === plan.folder) return;
      const files = (await readdir(folder)).filter((name) => name.endsWith('.json'));
      for (const name of files) await cp(join(folder, name), join(keepIn, name));
    },
  };
}

/** `devices.json` as the device store reads it. */
function firstDevices({ devices }: StatePlan, at: string): string {
  const all: Device[] = devices.map((device) => ({ ...device, firstSeenAt: at, lastSeenAt: at }));
  return `${JSON.stringify({ schema: 1, devices: all }, null, 2)}\n`;
}

/** Writes a file that is not there yet, whole or not at all; one that is there stays. */
async function writeFirst(file: string, text: string): Promise<void> {
  const fresh = `${file}.${process.pid}.first`;
  await writeFile(fresh, text);
  await link(fresh, file).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  });
  await rm(fresh);
}
