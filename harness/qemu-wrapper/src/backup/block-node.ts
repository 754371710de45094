import type { QmpClient } from '../qmp/client.ts';
import { object, objects, type JsonObject } from '../qmp/messages.ts';

/** What changed on a disk since a moment, in clusters, as QEMU keeps it (qapi/block-core.json, BlockDirtyInfo). */
export interface DirtyBitmap {
  readonly name: string;
  /** In clusters that changed. */
  readonly dirtyBytes: number;
  /** Kept in the qcow2 file when QEMU ends. */
  readonly persistent: boolean;
  /** QEMU was killed while it recorded: nobody knows what changed since. */
  readonly inconsistent: boolean;
  /** A job works with it. */
  readonly busy: boolean;
}

/** A node of QEMU's block layer: a disk of the VM, by the name that the command line gives it. */
export interface BlockNode {
  readonly name: string;
  /** `raw`, `qcow2`, … */
  readonly driver: string;
  readonly bytes: number;
  readonly bitmaps: readonly DirtyBitmap[];
}

/** The node of that name; rejects with RangeError, which lists the others, when there is none. */
export async function blockNode(qmp: QmpClient, name: string): Promise<BlockNode> {
  const nodes = objects(await qmp.execute('query-named-block-nodes', { flat: true }));
  const found = nodes.find((node) => node['node-name'] === name);
  if (found === undefined)
    throw new RangeError(
      `no disk ${name} in this VM; it has ${nodes.map((node) => String(node['node-name'])).join(', ') || 'none'}`,
    );
  return nodeOf(found);
}

/** A node as `query-named-block-nodes` describes it. */
export function nodeOf(node: JsonObject): BlockNode {
  return {
    name: String(node['node-name']),
    driver: String(node['drv']),
    bytes: number(object(node['image'])?.['virtual-size']),
    bitmaps: objects(node['dirty-bitmaps']).map(({ name, count, persistent, inconsistent, busy }) => ({
      name: String(name),
      dirtyBytes: number(count),
      persistent: persistent === true,
      inconsistent: inconsistent === true,
      busy: busy === true,
    })),
  };
}

const number = (value: unknown): number => (typeof value === 'number' ? value : 0);
