import { describe, expect, it } from 'vitest';
import { SERVER } from '../observe/testing/scene.ts';
import { Dhcpv6Scene, PXE6 } from '../protocols/dhcpv6/testing/scene.ts';
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
  const slowDhcp = boot().also(({ dhcp }) =>
    dhcp.discover().wait(50_000).offer(TOLD).wait(50_000).choose().grant(TOLD),
  );
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

describe('an offer that names no boot file, and that the firmware does not take', () => {
  const plan = planOf({ budgets: { dhcp: 10_000 }, expectations: expecting(['tftp.read-request']) });
  const URL = 'tftp://[fd77::1]/snponly.efi';
  const over6 = (tell: (scene: Dhcpv6Scene) => unknown): BootStory =>
    boot()
      .wait(1500)
      .also(({ tape }) => tell(new Dhcpv6Scene(tape)));
  const untaken = { expected: expect.stringMatching(/^a REQUEST within \d+ ms$/) as string, cause: 'no-boot-file' };
  const HTTP6 = { ...PXE6, arch: 16, vendorClass: 'HTTPClient:Arch:00016:UNDI:003000' };

  it('is why the phase is over its budget, over IPv6', () => {
    // As EDK2 does: it gives up without a word, and asks for HTTP boot.
    const story = over6((scene) => {
      scene.solicit().wait(12_000).advertise();
      scene.wait(5_000_000);
      scene.transaction += 1;
      scene
        .solicit({ ...HTTP6, iaid: 9 })
        .wait(4_000)
        .advertise({ iaid: 9 });
    });
    const { client, failed } = judge(story, plan, { idleMs: 10_001 });
    expect(failed).toMatchObject([{ step: 'dhcpv6.request', ...untaken, detail: { arch: 7 } }]);
    expect(client.verdict).toBe('failed');
  });

  it('is the failure that a scenario can expect', () => {
    const story = over6((scene) => scene.solicit().wait(12_000).advertise());
    const expectFailure = { step: 'dhcpv6.request', cause: 'no-boot-file' };
    expect(judge(story, { ...plan, expectFailure }, { idleMs: 10_001 }).client.verdict).toBe('passed');
  });

  it('is why the phase is over its budget, over IPv4', () => {
    const story = boot().offered();
    expect(judge(story, plan, { idleMs: 9_500 }).failed).toMatchObject([{ step: 'dhcp.request', ...untaken }]);
  });

  it('is no reason where another server offers one, or the offer is taken', () => {
    const both = over6((scene) =>
      scene.solicit().wait(12_000).advertise().advertise({ server: '52:54:00:00:00:99', bootfile: URL }),
    );
    expect(judge(both, plan, { idleMs: 10_001 }).failed[0]).toMatchObject({ cause: 'budget-exceeded' });
    const taken = over6((scene) => scene.solicit().wait(9_000_000).advertise().request());
    expect(judge(taken, plan, { idleMs: 2_000 }).failed[0]).toMatchObject({ cause: 'budget-exceeded' });
    // iPXE waits for a boot server that offers itself.
    const pxe = boot()
      .offered()
      .also(({ dhcp }) => dhcp.bootServerOffer());
    expect(judge(pxe, plan, { idleMs: 9_500 }).failed[0]).toMatchObject({ cause: 'budget-exceeded' });
  });

  it('leaves alone what the network stack asks for itself', () => {
    const story = over6((scene) => {
      scene.solicit({}).wait(12_000).advertise();
      scene.transaction += 1;
      scene
        .solicit({ ...PXE6, iaid: 9 })
        .wait(4_000)
        .advertise({ iaid: 9, bootfile: URL });
    });
    expect(judge(story, plan, { idleMs: 10_001 }).failed[0]).toMatchObject({ cause: 'budget-exceeded' });
  });
});

describe('a host that stands still', () => {
  const stoodStillMs = 58_000;

  it('takes nothing from the wait of a protocol, of a phase, or of the whole boot', () => {
    const silent = boot().proxyBoot().pxelinux();
    const unanswered = boot().also(({ dhcp }) => dhcp.discover());
    for (const [story, limits, waitMs, cause] of [
      [silent, { budgets: { os: 30_000 } }, 30_000, 'guest-no-network'],
      [unanswered, { budgets: { dhcp: 10_000 } }, 10_000, 'dhcp-silent'],
      [boot(), { budgets: { firmware: 20_000 } }, 20_000, 'firmware-silent'],
    ] as const) {
      const plan = planOf({ ...limits, expectations: goal });
      expect(judge(story, plan, { stoodStillMs, idleMs: stoodStillMs + waitMs - 1 }).settledBeforeEnd).toBe(false);
      expect(judge(story, plan, { stoodStillMs, idleMs: stoodStillMs + waitMs + 1 })).toMatchObject({
        settledBeforeEnd: true,
        failed: [{ cause }],
      });
    }
    const whole = planOf({ budgets: { firmware: 900_000 }, timeoutMs: 40_000, expectations: goal });
    expect(judge(boot(), whole, { stoodStillMs, idleMs: stoodStillMs + 39_999 }).settledBeforeEnd).toBe(false);
    expect(judge(boot(), whole, { stoodStillMs, idleMs: stoodStillMs + 40_001 }).settledBeforeEnd).toBe(true);
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
    expect(judge(story, planOf({ expectations: goal }), { idleMs: 180_001 }).failed[0]).toMatchObject({
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
