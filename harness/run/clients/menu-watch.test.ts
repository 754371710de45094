import { expect, it } from 'vitest';
import type { Step } from '../../../reports/result.ts';
import { menuWatch } from './menu-watch.ts';

const loaded = (path: string, step = 'tftp.transfer'): Step =>
  ({ machine: 'tftp', step, verdict: 'passed', atMs: 1, durationMs: 1, frames: [1], detail: { path } }) as const;

it('knows the menu by the configuration that the boot program loaded as often as it needs it', () => {
  const shows = menuWatch({
    when: 'boot-menu',
    files: ['boot/x86/pxelinux.cfg/default', 'boot/x86/pxelinux.cfg/01-aa'],
    loads: 2,
  });
  expect(
    [
      loaded('boot\\x86\\wdsnbp.com'),
      loaded('boot\\x86/pxelinux.cfg/default'),
      loaded('boot\\x86/menu.c32'),
      loaded('/boot/x86/pxelinux.cfg/default', 'http.get'),
      loaded('boot\\x86/pxelinux.cfg/default'),
    ].map(shows),
  ).toEqual([false, false, false, true, false]);
});

it('sees none where there is none', () => {
  expect(menuWatch(undefined)(loaded('boot/x86/pxelinux.cfg/default'))).toBe(false);
});
