import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pairwisePoints } from './pairwise.ts';
import { allPoints, type MatrixPoint } from './points.ts';

const NICS = ['e1000', 'e1000e', 'ne2k_pci', 'pcnet', 'rtl8139', 'virtio-net-pci', 'vmxnet3'] as const;
const FIRMWARES = ['bios', 'uefi'] as const;

/** Every pair of values of some point, each once. */
function pairsOf(points: readonly MatrixPoint[]): Set<string> {
  return new Set(
    points.flatMap((point) => {
      const values = Object.entries(point).map(([axis, value]) => `${axis}=${value}`);
      return values.flatMap((value, at) => values.slice(at + 1).map((other) => `${value} ${other}`));
    }),
  );
}

describe('a pairwise choice', () => {
  it('has every pair of values of some point, and only points', () => {
    fc.assert(
      fc.property(
        fc.subarray([...NICS], { minLength: 1 }),
        fc.subarray([...FIRMWARES], { minLength: 1 }),
        fc.subarray([256, 512, 1024], { minLength: 1 }),
        fc.subarray([1, 2, 4], { minLength: 1 }),
        fc.infiniteStream(fc.boolean()),
        (nic, firmware, memory, cpus, keep) => {
          const points = allPoints({ nic, firmware, memory, cpus }).filter(() => keep.next().value === true);
          const chosen = pairwisePoints(points);
          expect(pairsOf(chosen)).toEqual(pairsOf(points));
          expect(points).toEqual(expect.arrayContaining([...chosen]));
          expect(new Set(chosen).size).toBe(chosen.length);
        },
      ),
    );
  });

  it('is small: hardly more points than its two largest axes have pairs', () => {
    const points = allPoints({
      nic: [...NICS],
      firmware: [...FIRMWARES],
      memory: [256, 512, 1024],
      cpus: [1, 2, 4],
      disk: [1024, 2048],
    });
    expect(points).toHaveLength(252);
    // No choice has fewer than 7 × 3.
    expect(pairwisePoints(points).length).toBeLessThanOrEqual(23);
  });

  it('of one axis is all of it, and of none the scenario itself', () => {
    expect(pairwisePoints(allPoints({ cpus: [1, 2] }))).toEqual([{ cpus: 1 }, { cpus: 2 }]);
    expect(pairwisePoints(allPoints({}))).toEqual([{}]);
    expect(pairwisePoints([])).toEqual([]);
  });
});
