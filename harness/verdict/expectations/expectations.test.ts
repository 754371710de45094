import { expect, it } from 'vitest';
import { boot, type BootStory } from '../testing/boot-story.ts';
import { expecting, judge, planOf } from '../testing/judge-story.ts';

it('says how far a client came when its time was over', () => {
  const expectations = expecting(['tftp.transfer', { path: 'pxelinux.0' }], ['smb.negotiate'], ['image.transfer']);
  const { client, settledBeforeEnd } = judge(boot().dhcpBoot(), planOf({ expectations, timeoutMs: 20_000 }), {
    idleMs: 30_000,
  });
  expect(client.steps.filter(({ step }) => /^(smb|image)/.test(step))).toMatchObject([
    {
      step: 'smb.negotiate',
      verdict: 'failed',
      expected: 'smb.negotiate (scenario.yaml:11:3)',
      actual: expect.stringContaining('tftp.transfer “pxelinux.0”') as string,
    },
    { step: 'image.transfer', verdict: 'skipped' },
  ]);
  expect(settledBeforeEnd).toBe(true);
});

it('says what a client was stuck at that was ended because nothing moved', () => {
  const reason = 'it sent and wrote nothing for 30 s (idle-timeout); its last words: “boot:”';
  const stuck = (story: BootStory, parts: Parameters<typeof planOf>[0]) =>
    judge(story, planOf(parts), { idleMs: 30_000, ended: reason, how: 'idle' }).failed[0];
  const begun = boot()
    .dhcpBoot()
    .also(({ tftp }) => tftp.next().request('boot/vmlinuz').lockstep(1, 3, 512));
  expect(stuck(boot().booted(), { expectations: expecting(['dhcp.release']) })).toMatchObject({
    step: 'dhcp.release',
    cause: 'boot-stuck',
    actual: expect.stringMatching(
      /^none; the last thing seen was dhcp.ack \(passed, frame \d+\); it sent and wrote/,
    ) as string,
  });
  expect(stuck(begun, { expectations: expecting(['smb.negotiate']) })?.actual).toMatch(
    /the last thing seen was .*; it was waiting for .*; it sent and wrote nothing for 30 s.*“boot:”$/,
  );
  expect(stuck(begun, { expectFailure: { step: 'tftp.error' } })?.actual).toBe(`nothing failed; ${reason}`);
});

it('names the field that differs', () => {
  const plan = planOf({ expectations: expecting(['tftp.transfer', { path: 'pxelinux.0', blksize: 1432 }]) });
  expect(judge(boot().dhcpBoot(), plan).failed[0]).toMatchObject({
    step: 'tftp.transfer',
    cause: 'different-detail',
    expected: expect.stringContaining('blksize 1432') as string,
    actual: expect.stringMatching(/^blksize 1456 \(frame \d+\)$/) as string,
  });
});

it('allows nothing else when the scenario is strict, but for the chores of any conversation', () => {
  const round = [['dhcp.discover'], ['dhcp.offer'], ['dhcp.request'], ['dhcp.ack']] as const;
  const load = [['tftp.read-request'], ['tftp.option-ack'], ['tftp.transfer']] as const;
  const strictly = (...list: readonly (readonly [string])[]) =>
    judge(boot().dhcpBoot(), planOf({ strict: true, expectations: expecting(...list) })).failed;
  expect(strictly(...round, ...load)).toEqual([]);
  expect(strictly(...round, ['tftp.transfer'])[0]).toMatchObject({
    step: 'tftp.read-request',
    cause: 'unexpected-step',
  });
});
