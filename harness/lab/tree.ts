import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { TreePlan } from '../plan/plan.ts';
import { assertInside, copyTree, makeWay } from './copy-tree.ts';
import { damageFile } from './damage.ts';
import { resolveRunFolder } from './private-files.ts';
import type { Task } from './task.ts';

/** Lays out the folder that a service serves. */
export function treeTask(plan: TreePlan, bundleFolders: ReadonlyMap<string, string>): Task {
  return {
    title: `files of ${plan.root.replace('${run}/', '')}`,
    setup: async () => {
      if (plan.capacityMiB !== undefined) await makeVolume(resolveRunFolder(plan.root), plan.capacityMiB);
      await layOut(resolveRunFolder(plan.root), plan, bundleFolders).catch((error: unknown) => {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
        if (plan.capacityMiB !== undefined)
          throw new Error(
            `${error.message}: the initial files do not fit into the capacity of ${plan.capacityMiB} MiB`,
            { cause: error },
          );
        throw new Error(
          `${error.message}: the lab keeps its files in memory, and its share is full; use fewer --workers or a larger PXEWRIGHT_LAB_MEMORY`,
          { cause: error },
        );
      });
    },
  };
}

/** A volume of this size; it goes with the lab's mount namespace. */
async function makeVolume(folder: string, mebibytes: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  await execa('mount', ['-t', 'tmpfs', '-o', `mode=0755,size=${mebibytes}m`, 'pxewright-volume', folder]);
}

/**
 * A tree that is laid out once appears whole or not at all: a lab that is killed meanwhile leaves the next one to begin
 * again.
 */
async function layOut(root: string, plan: TreePlan, bundleFolders: ReadonlyMap<string, string>): Promise<void> {
  if (!plan.once) return layOutTree(root, plan, bundleFolders);
  if (await isThere(root)) return;
  const fresh = `${root}.${process.pid}.new`;
  await rm(fresh, { recursive: true, force: true });
  await layOutTree(fresh, plan, bundleFolders);
  await rename(fresh, root).catch(async (error: unknown) => {
    // Another lab with the same state was faster: its tree is as good.
    await rm(fresh, { recursive: true });
    if (!(await isThere(root))) throw error;
  });
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/**
 * Copies bundles and users' files below `root`, so that a run never changes its sources, and writes generated texts.
 */
export async function layOutTree(
  root: string,
  { entries, without, damage }: Pick<TreePlan, 'entries' | 'without' | 'damage'>,
  bundleFolders: ReadonlyMap<string, string>,
): Promise<void> {
  await mkdir(root, { recursive: true });
  // One after the other: a later entry may replace a file of an earlier one.
  for (const entry of entries) {
    if ('text' in entry) {
      await makeWay(root, entry.path);
      await writeFile(join(root, entry.path), entry.text);
    } else {
      const source = 'bundle' in entry ? bundleFolders.get(entry.bundle) : resolveRunFolder(entry.source);
      if (source === undefined)
        throw new Error(
          `${root}: bundle ${'bundle' in entry ? entry.bundle : ''} was not built (built: ${[...bundleFolders.keys()].join(', ') || 'none'})`,
        );
      await copyTree(source, root, entry.path);
    }
  }
  // Without `force`: a name that is not there makes the scenario's point a misunderstanding, and fails.
  for (const path of without ?? []) {
    await assertInside(root, path);
    await rm(join(root, path), { recursive: true });
  }
  for (const one of damage ?? []) {
    await assertInside(root, one.path);
    await damageFile(join(root, one.path), one);
  }
}
