import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TreePlan } from '../plan/plan.ts';
import { resolveRunFolder } from './private-files.ts';
import type { Task } from './task.ts';

/** Lays out the folder that a service serves: bundles and users' files are copied, so that a run never changes its sources. */
export function treeTask(plan: TreePlan, bundleFolders: ReadonlyMap<string, string>): Task {
  return {
    title: `files of ${plan.root.replace('${run}/', '')}`,
    async setup() {
      const root = resolveRunFolder(plan.root);
      await mkdir(root, { recursive: true });
      // One after the other: a later entry may replace a file of an earlier one.
      for (const entry of plan.entries) {
        const target = join(root, entry.path);
        if ('text' in entry) {
          await mkdir(dirname(target), { recursive: true });
          await writeFile(target, entry.text);
        } else {
          const source = 'bundle' in entry ? bundleFolders.get(entry.bundle) : entry.source;
          if (source === undefined) throw new Error(`${plan.root}: bundle ${'bundle' in entry ? entry.bundle : ''} was not built (built: ${[...bundleFolders.keys()].join(', ') || 'none'})`);
          await cp(source, target, { recursive: true, dereference: true });
        }
      }
      // Without `force`: a name that is not there makes the scenario's point a misunderstanding, and fails.
      for (const path of plan.without ?? []) await rm(join(root, path), { recursive: true });
    },
  };
}
