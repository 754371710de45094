import { expect, it } from 'vitest';
import type { Expectation } from '../../plan/plan.ts';
import { boot } from '../../verdict/testing/boot-story.ts';
import { expecting, judge, planOf } from '../../verdict/testing/judge-story.ts';
import { failedLine } from './failed-line.ts';

/** The line for a boot that loads pxelinux.0 by TFTP, or for another `story`, judged by these expectations. */
function lineOf(expectations: Expectation[], story = boot().dhcpBoot()): number | undefined {
  const { client } = judge(story, planOf({ expectations, timeoutMs: 20_000 }), { idleMs: 30_000 });
  return failedLine({ expectations, clients: [] }, { clients: [client] });
}

it('is that of the step that never came', () => {
  expect(lineOf(expecting(['tftp.transfer', { path: 'pxelinux.0' }], ['smb.negotiate'], ['image.transfer']))).toBe(11);
});

it('is that of the step whose detail differs, not of its namesake before', () => {
  const [right, wrong] = [{ path: 'pxelinux.0' }, { path: 'pxelinux.0', blksize: 1432 }];
  expect(lineOf(expecting(['tftp.transfer', right], ['tftp.transfer', wrong]))).toBe(11);
});

it('is that of the file that the server refused, in whatever case and with whatever slashes', () => {
  const wanted = expecting(['dhcp.ack'], ['tftp.transfer', { path: 'Boot\\vmlinuz' }], ['tftp.transfer']);
  expect(lineOf(wanted, boot().proxyBoot().missesFiles('boot/vmlinuz'))).toBe(11);
});

it('is unknown where the scenario asks for no such step, and where it passed', () => {
  const { client } = judge(boot().dhcpBoot(), planOf({ expectations: expecting(['tftp.transfer']) }));
  expect(
    failedLine({ expectations: [], clients: [] }, { clients: [{ ...client, verdict: 'failed' }] }),
  ).toBeUndefined();
  expect(lineOf(expecting(['tftp.transfer']))).toBeUndefined();
});
