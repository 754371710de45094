import { cp, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { unwritten } from '../../reports/unwritten-file.ts';
import type { StatePlan } from '../plan/plan.ts';
import { resolveRunFolder } from './private-files.ts';
import type { Task } from './task.ts';

/**
 * The folder where the deployment server keeps what changes. A new one begins with the scenario's devices; one that is
 * there already is left as it is. `keepIn` gets a copy of the final content of a state that ends with the lab.
 */
export function stateTask(plan: StatePlan, keepIn?: string): Task {
  const folder = resolveRunFolder(plan.folder);
  return {
    title: 'state of the deployment server',
    async setup() {
      await mkdir(folder, { recursive: true });
      if (plan.devices.length === 0) return;
      // Loaded by the few labs that need it: the store validates with zod, which nothing else here does.
      const { beginDeviceStore } = await import('../../servers/state/device-store.ts');
      await beginDeviceStore(folder, plan.devices, new Date().toISOString());
    },
    async teardown() {
      if (keepIn === undefined || folder === plan.folder) return;
      const files = (await readdir(folder)).filter((name) => name.endsWith('.json'));
      for (const name of files) {
        const kept = join(keepIn, name);
        await cp(join(folder, name), kept).catch(unwritten(kept));
      }
    },
  };
}
