import { expect, it } from 'vitest';
import { KERNEL_PASSES, passedByKernel, stepsOfKernel } from '../testing/kernel.ts';

// Frames of the Linux kernel (harness/protocols/testdata/record.sh groups).
it('what Linux says of its groups, in all versions, passes or is said again', async () => {
  const steps = await stepsOfKernel(`${import.meta.dirname}/../../testdata/igmp-linux.pcap`);
  expect(passedByKernel(steps)).toEqual(KERNEL_PASSES);
  const others = steps.filter(({ verdict }) => verdict !== 'passed');
  expect([...new Set(others.map(({ verdict, why }) => `${verdict}: ${why ?? ''}`))]).toEqual([
    'recorded: the same again: hosts repeat what nobody acknowledges',
  ]);
  expect(steps.every(({ detail }) => detail?.['ttl'] === 1)).toBe(true);
});
