import { describe, expect, it } from 'vitest';
import { clearActions, decideKind, keepActions, startActions } from './backup-plan.ts';
import { nodeOf, type BlockNode } from './block-node.ts';

const BYTES = 2 ** 23;
/** As QEMU 10.0.13 describes a qcow2 disk with two bitmaps (query-named-block-nodes), without what is not read. */
const NODE = nodeOf({
  'node-name': 'disk0',
  drv: 'qcow2',
  image: { 'virtual-size': BYTES, filename: 'disk', format: 'qcow2' },
  'dirty-bitmaps': [
    { name: 'backup', recording: true, persistent: true, busy: false, granularity: 65536, count: 131072 },
    {
      name: 'old',
      recording: false,
      inconsistent: true,
      persistent: true,
      busy: false,
      granularity: 65536,
      count: 0,
    },
  ],
});
const BACKUP = { job: 'job', target: 'target', bitmap: 'backup', bytesPerSecond: 0 };

describe('what a hot backup copies', () => {
  it('reads what QEMU says of a disk', () => {
    expect(NODE).toEqual({
      name: 'disk0',
      driver: 'qcow2',
      bytes: BYTES,
      bitmaps: [
        { name: 'backup', dirtyBytes: 131072, persistent: true, inconsistent: false, busy: false },
        { name: 'old', dirtyBytes: 0, persistent: true, inconsistent: true, busy: false },
      ],
    });
    expect(nodeOf({ 'node-name': 'disk1', drv: 'raw', image: { 'virtual-size': 1 } }).bitmaps).toEqual([]);
  });

  it('is all, unless a list of changes and the file that they belong to are there', () => {
    expect(decideKind(NODE, 'backup', BYTES)).toEqual({ kind: 'increment' });
    expect(decideKind(NODE, 'another', BYTES)).toEqual({ kind: 'full', why: 'no-bitmap' });
    expect(decideKind(NODE, 'old', BYTES)).toEqual({ kind: 'full', why: 'bitmap-inconsistent' });
    expect(decideKind(NODE, 'backup', undefined)).toEqual({ kind: 'full', why: 'no-target' });
    expect(decideKind(NODE, 'backup', BYTES / 2)).toEqual({ kind: 'full', why: 'target-size' });
  });

  it('keeps what a failed increment did not copy in the list', () => {
    expect(startActions(NODE, 'increment', BACKUP)).toEqual([
      {
        type: 'blockdev-backup',
        data: {
          'job-id': 'job',
          device: 'disk0',
          target: 'target',
          speed: 0,
          'auto-dismiss': false,
          sync: 'bitmap',
          bitmap: 'backup',
          'bitmap-mode': 'on-success',
        },
      },
    ]);
  });

  it('keeps no list of a full one in the disk before that is whole', () => {
    const bitmaps = (node: BlockNode) =>
      [...clearActions(node, 'backup'), ...startActions(node, 'full', BACKUP), ...keepActions(node, 'backup')].flatMap(
        ({ type, data }) =>
          type.startsWith('block-dirty') ? [[type, data['name'] ?? data['target'], data['persistent']]] : [],
      );
    expect(bitmaps(NODE)).toEqual([
      ['block-dirty-bitmap-remove', 'backup', undefined],
      ['block-dirty-bitmap-add', 'backup-pending', false],
      ['block-dirty-bitmap-add', 'backup', true],
      ['block-dirty-bitmap-merge', 'backup', undefined],
      ['block-dirty-bitmap-remove', 'backup-pending', undefined],
    ]);
    // A raw disk has no place for it.
    expect(bitmaps({ ...NODE, driver: 'raw', bitmaps: [] })).toContainEqual([
      'block-dirty-bitmap-add',
      'backup',
      false,
    ]);
  });
});
