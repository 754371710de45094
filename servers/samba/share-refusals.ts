import { watch, type FSWatcher } from 'node:fs';
import { lstat, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { refusalOf } from '../service/confined-file.ts';
import type { Emit } from '../service/event-lines.ts';
import { messageOf } from '../service/service.ts';

/**
 * Tells, as an `error` event each, which entries of a share Samba gives to no client and why: links that lead out of it
 * or nowhere, FIFOs, sockets and devices; now, and whenever one comes, until `over` is aborted. Samba itself refuses
 * them, and logs nothing of it below its debug level.
 */
export async function tellRefusals(root: string, emit: Emit, over: AbortSignal): Promise<void> {
  const real = await realpath(root);
  const told = new Map<string, string>();
  const watched = new Map<string, FSWatcher>();
  let complained = false;

  const look = async (file: string): Promise<void> => {
    const entry = await lstat(join(real, file)).catch(() => undefined);
    if (entry === undefined) {
      for (const below of told.keys()) if (isAtOrBelow(file, below)) told.delete(below);
      return;
    }
    // A folder is looked into, a link to one is not: it lies in the share by another name, or is refused here.
    if (entry.isDirectory()) await lookInto(file);
    const refusal = entry.isFile() ? undefined : await refusalOf(real, join(real, file), file);
    if (refusal === undefined) told.delete(file);
    else if (told.get(file) !== refusal.reason) {
      told.set(file, refusal.reason);
      emit({ event: 'error', file, message: `${refusal.reason}: clients are refused` });
    }
  };

  const lookInto = async (folder: string): Promise<void> => {
    if (!watched.has(folder)) follow(folder);
    const names = await readdir(join(real, folder)).catch(() => []);
    for (const name of names) await look(join(folder, name));
  };

  const failed = (folder: string, error: unknown): void => {
    if (complained) return;
    complained = true;
    emit({
      event: 'error',
      file: folder,
      message: `links and special files that come to ${folder || 'the root folder'} are refused without being told here: ${messageOf(error)}`,
    });
  };

  // One after the other, in the order in which it happened.
  let looked = Promise.resolve();
  const happened = (file: string): void => {
    looked = looked
      .then(() => {
        // What is under this name now is another folder than before.
        for (const [below, watcher] of watched) {
          if (!isAtOrBelow(file, below)) continue;
          watcher.close();
          watched.delete(below);
        }
        return look(file);
      })
      .catch((error: unknown) => failed(file, error));
  };

  const follow = (folder: string): void => {
    try {
      const watcher = watch(join(real, folder), { persistent: false, signal: over }, (type, name) => {
        // Only what comes and goes: a write happens for every piece of an image that a client captures.
        if (type === 'rename' && name !== null) happened(join(folder, name));
      });
      watcher.on('error', (error) => failed(folder, error));
      watched.set(folder, watcher);
    } catch (error) {
      failed(folder, error);
    }
  };

  await lookInto('');
}

const isAtOrBelow = (file: string, other: string): boolean => other === file || other.startsWith(`${file}/`);
