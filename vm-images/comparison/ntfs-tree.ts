import { execa } from 'execa';
import { mkdtemp } from 'node:fs/promises';
import path from 'node:path';
import type { Partition } from './partition-table.ts';
import type { TreeEntry } from './wim-listing.ts';
import { wimTree } from './wim-tree.ts';

const BLOCK_BYTES = 2 ** 20;

/**
 * Every file, folder and link of an NTFS file system, by absolute path. Needs neither root nor a mount: wimlib captures
 * the partition and lists what it captured, so that both sides of a comparison are read in one way. Data that `wim`
 * holds is hashed and not stored again; undefined when there is no such WIM.
 */
export async function ntfsTree(
  disk: string,
  { offsetBytes, sizeBytes }: Partition,
  wim: string | undefined,
  scratch: string,
): Promise<Map<string, TreeEntry>> {
  const folder = await mkdtemp(path.join(scratch, 'ntfs-'));
  const [volume, captured] = [path.join(folder, 'volume'), path.join(folder, 'captured.wim')];
  await execa('dd', [
    `if=${disk}`,
    `of=${volume}`,
    `bs=${BLOCK_BYTES}`,
    `skip=${offsetBytes}`,
    `count=${sizeBytes}`,
    'iflag=skip_bytes,count_bytes',
    'conv=sparse',
    'status=none',
  ]);
  await execa('wimlib-imagex', [
    'capture',
    volume,
    captured,
    'disk',
    '--no-acls',
    '--norpfix',
    '--compress=none',
    ...(wim === undefined ? [] : [`--delta-from=${wim}`]),
  ]);
  return wimTree(captured, {}, wim === undefined ? [] : [wim], scratch);
}
