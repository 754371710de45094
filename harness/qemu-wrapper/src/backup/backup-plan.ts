import type { BlockNode } from './block-node.ts';

/** What a backup copies, and why all of it where it is all. */
export type BackupKind = { readonly kind: 'increment' } | { readonly kind: 'full'; readonly why: FullReason };

export type FullReason =
  /** Nothing says what changed since: it is the first one, or the one before it failed. */
  | 'no-bitmap'
  /** QEMU was killed while it recorded what changes. */
  | 'bitmap-inconsistent'
  /** The file that the changes belong into is not there. */
  | 'no-target'
  /** It has another size than the disk. */
  | 'target-size';

/**
 * An increment needs a list of changes that is complete, and the file to which they are the changes. `targetBytes`: undefined for a
 * file that is not there.
 */
export function decideKind(node: BlockNode, bitmap: string, targetBytes: number | undefined): BackupKind {
  const full = (why: FullReason): BackupKind => ({ kind: 'full', why });
  const changes = node.bitmaps.find(({ name }) => name === bitmap);
  if (changes === undefined) return full('no-bitmap');
  if (changes.inconsistent) return full('bitmap-inconsistent');
  if (targetBytes === undefined) return full('no-target');
  return targetBytes === node.bytes ? { kind: 'increment' } : full('target-size');
}

/** One command of a `transaction` (qapi/transaction.json): all take effect at the same moment, or none. */
export interface TransactionAction {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Names within QEMU that one backup uses, and its speed. */
export interface BackupStart {
  readonly job: string;
  readonly target: string;
  readonly bitmap: string;
  /** 0: as fast as it goes. */
  readonly bytesPerSecond: number;
}

/** The bitmap of a full backup that is under way: it takes its own name when the backup is whole. */
export const pendingBitmap = (bitmap: string): string => `${bitmap}-pending`;

/** What starts a backup. The moment at which QEMU carries it out is the point in time that is saved. */
export function startActions(
  node: BlockNode,
  kind: BackupKind['kind'],
  { job, target, bitmap, bytesPerSecond: speed }: BackupStart,
): TransactionAction[] {
  const backup = (sync: Readonly<Record<string, unknown>>): TransactionAction => ({
    type: 'blockdev-backup',
    data: { 'job-id': job, device: node.name, target, speed, 'auto-dismiss': false, ...sync },
  });
  // on-success: what a failed one did not copy stays in the list, with what changed meanwhile.
  if (kind === 'increment') return [backup({ sync: 'bitmap', bitmap, 'bitmap-mode': 'on-success' })];
  return [
    {
      type: 'block-dirty-bitmap-add',
      data: { node: node.name, name: pendingBitmap(bitmap), persistent: false },
    },
    backup({ sync: 'full' }),
  ];
}

/**
 * What follows a full backup that is whole: only now are its changes those of the target. A QEMU that is asked to quit in the middle of
 * one keeps every persistent bitmap, and the next start would take the half-written target for a whole one.
 */
export function keepActions(node: BlockNode, bitmap: string): TransactionAction[] {
  const pending = pendingBitmap(bitmap);
  return [
    {
      type: 'block-dirty-bitmap-add',
      // Only qcow2 has a place for it.
      data: { node: node.name, name: bitmap, persistent: node.driver === 'qcow2' },
    },
    { type: 'block-dirty-bitmap-merge', data: { node: node.name, target: bitmap, bitmaps: [pending] } },
    { type: 'block-dirty-bitmap-remove', data: { node: node.name, name: pending } },
  ];
}

/** Removes the bitmaps of earlier backups that a full one makes worthless: before it, since a name is free only after a transaction. */
export function clearActions(node: BlockNode, bitmap: string): TransactionAction[] {
  return [bitmap, pendingBitmap(bitmap)]
    .filter((name) => node.bitmaps.some((other) => other.name === name))
    .map((name) => ({ type: 'block-dirty-bitmap-remove', data: { node: node.name, name } }));
}
