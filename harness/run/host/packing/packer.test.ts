import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pack, type BootNeed, type HostRoom } from './packer.ts';

const HOST = { kind: 'measured', cores: 2, memoryMiB: 4000 } as const;
const boot = (id: string, need: Partial<BootNeed> = {}, overtaken = 0) => ({
  id,
  need: { cores: 1, memoryMiB: 500, ...need },
  overtaken,
});

describe('what begins now', () => {
  it('is as many boots as keep the cores busy', () => {
    const idle = ['a', 'b', 'c', 'd', 'e'].map((id) => boot(id, { cores: 0.5 }));
    expect(pack(HOST, [], idle)).toMatchObject({
      begin: ['a', 'b', 'c', 'd'],
      wait: [{ id: 'e', why: { what: 'cores', text: 'it keeps 0.5 cores busy, and running boots 2.0 of 2' } }],
    });
    expect(
      pack(
        HOST,
        [],
        ['a', 'b', 'c'].map((id) => boot(id)),
      ).begin,
    ).toEqual(['a', 'b']);
  });

  it('is what fits into memory, and a smaller boot passes a larger one', () => {
    const large = boot('large', { memoryMiB: 3000, cores: 0.2 });
    const { begin, wait } = pack(HOST, [{ cores: 0.5, memoryMiB: 2000 }], [large, boot('small')]);
    expect(begin).toEqual(['small']);
    expect(wait).toEqual([
      {
        id: 'large',
        why: { what: 'memory', text: 'it needs 3000 MiB, and running boots have 2000 of 4000 MiB' },
      },
    ]);
  });

  it('is nothing before a boot that has let others pass often enough', () => {
    const { begin, wait } = pack(HOST, [boot('x').need], [boot('large', { memoryMiB: 3900 }, 8), boot('small')]);
    expect(begin).toEqual([]);
    expect(wait.map(({ why }) => why.what)).toEqual(['memory', 'turn']);
  });

  it('is a boot that is larger than the host, alone', () => {
    const giant = boot('giant', { memoryMiB: 99_000 });
    expect(pack(HOST, [], [giant, boot('small')]).begin).toEqual(['giant']);
    expect(pack(HOST, [boot('small').need], [giant]).begin).toEqual([]);
  });

  it.each([
    [undefined, ['a', 'b', 'c']],
    [2, ['a', 'b', 'c']],
    [0.9, ['a', 'b']],
    [0.3, ['a']],
    [0.1, []],
  ])('is no more than the host has idle cores for: of %s idle ones', (idleCores, begin) => {
    const small = ['a', 'b', 'c'].map((id) => boot(id, { cores: 0.6 }));
    expect(pack({ ...HOST, idleCores }, [boot('running', { cores: 0.2 }).need], small).begin).toEqual(begin);
  });

  it('is one boot on a host whose cores others want', () => {
    expect(pack({ ...HOST, idleCores: 0 }, [], [boot('a'), boot('b')])).toMatchObject({
      begin: ['a'],
      wait: [{ id: 'b', why: { what: 'cores', text: 'it keeps 1.0 cores busy, and 0.0 of 2 are idle on this host' } }],
    });
  });

  it('is --workers boots, whatever they need', () => {
    const workers: HostRoom = { kind: 'workers', workers: 3 };
    const giants = ['a', 'b', 'c', 'd'].map((id) => boot(id, { cores: 64, memoryMiB: 1e9 }));
    expect(pack(workers, [], giants)).toMatchObject({
      begin: ['a', 'b', 'c'],
      wait: [{ id: 'd', why: { what: 'workers', text: '--workers 3' } }],
    });
  });
});

const need = fc.record({
  cores: fc.double({ min: 0.2, max: 3, noNaN: true }),
  memoryMiB: fc.integer({ min: 1, max: 5000 }),
});
const queue = fc.array(fc.record({ need, steps: fc.integer({ min: 1, max: 5 }) }), { minLength: 1, maxLength: 30 });

/** Runs a queue to its end: every running boot has so many steps to go. Calls back after each round of packing. */
function runThrough(
  boots: readonly { readonly need: BootNeed; readonly steps: number }[],
  look: (round: { readonly running: readonly BootNeed[]; readonly waiting: readonly BootNeed[] }) => void,
): { readonly mostOvertaken: number; readonly rounds: number } {
  const waiting = boots.map(({ need: needed, steps }, at) => ({ id: String(at), need: needed, steps, overtaken: 0 }));
  let running: { need: BootNeed; steps: number }[] = [];
  let rounds = 0;
  let mostOvertaken = 0;
  while (waiting.length > 0 || running.length > 0) {
    rounds += 1;
    const now = running.map((one) => one.need);
    for (const id of pack(HOST, now, waiting).begin) {
      const index = waiting.findIndex((one) => one.id === id);
      for (const passed of waiting.slice(0, index)) mostOvertaken = Math.max(mostOvertaken, ++passed.overtaken);
      running.push(...waiting.splice(index, 1));
    }
    look({ running: running.map((one) => one.need), waiting: waiting.map((one) => one.need) });
    running = running.flatMap((one) => (one.steps === 1 ? [] : [{ ...one, steps: one.steps - 1 }]));
  }
  return { mostOvertaken, rounds };
}

const total = (needs: readonly BootNeed[], what: keyof BootNeed): number =>
  needs.reduce((sum, one) => sum + one[what], 0);

describe('for every queue', () => {
  it('boots together never need more memory than there is', () =>
    fc.assert(
      fc.property(queue, (boots) => {
        runThrough(boots, ({ running }) => {
          if (running.length > 1) expect(total(running, 'memoryMiB')).toBeLessThanOrEqual(HOST.memoryMiB);
        });
      }),
    ));

  it('cores are busy as long as somebody waits who only wants a core, and is not too large', () =>
    fc.assert(
      fc.property(fc.array(need, { minLength: 1, maxLength: 30 }), (needs) => {
        const boots = needs.map(({ cores }) => ({ need: { cores: Math.min(cores, 0.5), memoryMiB: 100 }, steps: 1 }));
        runThrough(boots, ({ running, waiting }) => {
          if (waiting.length > 0) expect(total(running, 'cores')).toBeGreaterThanOrEqual(HOST.cores - 0.25);
        });
      }),
    ));

  it('every boot has its turn: no more than a bounded number pass it', () =>
    fc.assert(
      fc.property(queue, (boots) => {
        const { mostOvertaken, rounds } = runThrough(boots, () => undefined);
        // Those that begin in the very round in which the bound is reached come on top; a host has no room for more.
        expect(mostOvertaken).toBeLessThanOrEqual(8 + 2.5 / 0.2);
        expect(rounds).toBeLessThanOrEqual(boots.reduce((sum, { steps }) => sum + steps, 1));
      }),
    ));
});
