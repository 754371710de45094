import { describe, expect, it } from 'vitest';
import { SERVER } from '../observe/testing/scene.ts';
import { boot, type BootStory, IMAGE_PATH } from './testing/boot-story.ts';
import { expecting, judge, planOf } from './testing/judge-story.ts';

const TOLD = { siaddr: SERVER.ip, bootfile: 'pxelinux.0' };
const goal = expecting(['image.transfer', { path: IMAGE_PATH }]);

it('says that a budget was exceeded, with both numbers', () => {
  const story = boot()
    .dhcpRound(TOLD)
    .also(({ tftp }) => tftp.request('pxelinux.0').wait(25_000).lockstep(1, 1, 512).lockstep(2, 2, 0));
  const plan = planOf({ budgets: { nbp: 20 }, expectations: expecting(['tftp.transfer']) });
  expect(judge(story, plan).failed[0]).toMatchObject({
    step: 'boot.phase',
    cause: 'budget-exceeded',
    detail: { phase: 'nbp', budgetMs: 20 },
    actual: 'not over after 20 ms, it took 26 ms',
  });
});

describe('a phase that is over its budget although each of its protocols goes on', () => {
  const slowDhcp = boot().also(({ dhcp }) => dhcp.discover().wait(50_000).offer().wait(50_000).choose().grant());
  const slowProxy = boot()
    .pxeRound()
    .proxyQuestion()
    .also(({ dhcp }) => dhcp.wait(60_000).askBootServer().wait(60_000).bootServerAnswer({ file: 'a.0' }));
  const slowKernel = boot()
    .dhcpBoot()
    .also(({ tftp }) => tftp.next().request('vmlinuz').wait(90_000).lockstep(1, 2, 512).wait(90_000).lockstep(3, 3, 0));
  const slowLogon = boot()
    .booted()
    .also(({ smb }) => smb.connect().wait(90_000).logon());
  const slowImage = boot().booted().mounted().imageLooked().wait(200).imageRead();

  it.each<[string, BootStory]>([
    ['dhcp', slowDhcp],
    ['proxy', slowProxy],
    ['kernel', slowKernel],
    ['authentication', slowLogon],
    ['image', slowImage],
  ])('%s', (phase, story) => {
    expect(judge(story, planOf({ budgets: { [phase]: 80 }, expectations: goal })).failed[0]).toMatchObject({
      step: 'boot.phase',
      cause: 'budget-exceeded',
      detail: { phase, budgetMs: 80 },
    });
  });
});

describe('a boot that stops where no protocol waits for anything', () => {
  it('before its first DISCOVER', () => {
    expect(judge(boot(), planOf({ budgets: { firmware: 5000 } }), { idleMs: 5001 }).failed).toMatchObject([
      { step: 'dhcp.discover', cause: 'firmware-silent' },
    ]);
  });

  it('before it asks for the URL that it was told', () => {
    const story = boot().dhcpRound({ bootfile: `http://${SERVER.ip}/boot.efi` });
    expect(judge(story, planOf({ expectations: goal }), { idleMs: 60_001 }).failed[0]).toMatchObject({
      step: 'http.get',
      cause: 'boot-file-never-asked-for',
    });
  });

  it('after a file that the boot program needs is not there', () => {
    const story = boot().dhcpBoot().missesFiles('boot/vmlinuz');
    expect(judge(story, planOf({ expectations: goal }), { idleMs: 60_001 }).failed[0]).toMatchObject({
      step: 'tftp.transfer',
      cause: 'boot-file-missing',
      detail: { path: 'boot/vmlinuz' },
    });
  });

  it('in the middle of the image', () => {
    const story = boot().booted().mounted().imageFetched();
    expect(judge(story, planOf({ expectations: goal }), { idleMs: 420_001 }).failed[0]).toMatchObject({
      step: 'image.transfer',
      cause: 'transfer-stalled',
    });
  });
});
