import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../plan/plan.ts';
import { selectPlans } from './select.ts';

const plan = (id: string, tags: string[] = []): Plan => ({ id, name: `name of ${id}`, tags }) as unknown as Plan;
const ids = ({ selected }: ReturnType<typeof selectPlans>): string[] => selected.map(({ plan: { id } }) => id);

describe('selectPlans', () => {
  const plans = [
    plan('wds/install-bios', ['smoke', 'wds']),
    plan('pxe/dhcp-only', ['smoke']),
    plan('pxe/dhcp-silent', ['negative']),
  ];

  it('takes everything when nothing is asked for', () => {
    expect(ids(selectPlans(plans, {}))).toEqual(['wds/install-bios', 'pxe/dhcp-only', 'pxe/dhcp-silent']);
  });

  it('filters by regular expression on id and name, and by any of the tags', () => {
    expect(ids(selectPlans(plans, { grep: 'DHCP-' }))).toEqual(['pxe/dhcp-only', 'pxe/dhcp-silent']);
    expect(ids(selectPlans(plans, { grep: 'name of wds' }))).toEqual(['wds/install-bios']);
    expect(ids(selectPlans(plans, { tags: ['wds', 'negative'] }))).toEqual(['wds/install-bios', 'pxe/dhcp-silent']);
  });

  it('repeats the whole selection', () => {
    expect(selectPlans(plans, { tags: ['wds'], repeat: 3 }).selected.map(({ repetition }) => repetition)).toEqual([
      1, 2, 3,
    ]);
    expect(selectPlans(plans, { tags: ['wds'] }).selected).toEqual([{ plan: plans[0] }]);
  });

  it('gives every plan to exactly one shard', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 9 }), (count, of) => {
        const many = Array.from({ length: count }, (_, index) => plan(`p${index}`));
        const shards = Array.from({ length: of }, (_, index) =>
          ids(selectPlans(many, { shard: { n: index + 1, of } })),
        );
        expect(shards.flat().sort()).toEqual(many.map(({ id }) => id).sort());
      }),
    );
  });
});
