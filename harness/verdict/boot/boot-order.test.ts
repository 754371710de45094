import { describe, expect, it } from 'vitest';
import { BOOT_PROGRAM, boot, BootStory, IMAGE_PATH } from '../testing/boot-story.ts';
import { expecting, judge, planOf } from '../testing/judge-story.ts';

const order = (...devices: string[]) => devices.map((device) => ({ device }));
const WANTS_DISCOVER = planOf({ budgets: { firmware: 5000 }, expectations: expecting(['dhcp.discover']) });
const FIRST_SILENT = { idleMs: 5001 };

describe('a wrong boot order', () => {
  it('without the network is the cause of a firmware that asks for no address', () => {
    const client = { bootOrder: order('disk') };
    const { failed, named } = judge(boot(), WANTS_DISCOVER, { ...FIRST_SILENT, client });
    // A DISCOVER that did not come is no system that asks.
    expect(named('boot.device')).toEqual([]);
    expect(failed).toMatchObject([
      {
        step: 'dhcp.discover',
        cause: 'wrong-boot-order',
        actual: 'no frame that asks for an address; the boot order is disk: the network is not in it',
      },
    ]);
  });

  it('with an installed disk first is the cause of a client that ends without a frame', () => {
    const client = { bootOrder: order('disk', 'network'), diskOf: 'reference' };
    const { failed } = judge(boot(), WANTS_DISCOVER, { ended: 'guest-shutdown', client });
    expect(failed).toMatchObject([{ step: 'dhcp.discover', cause: 'wrong-boot-order' }]);
    expect(failed[0]?.actual).toContain(
      'the boot order is disk, network, and the disk is that of reference, which starts by itself',
    );
  });

  it('with a disk first that held a system from the beginning, by the name of what it held', () => {
    const at = (diskImage: { bundle: string } | { file: string }): string =>
      judge(boot(), WANTS_DISCOVER, {
        ended: 'guest-shutdown',
        client: { bootOrder: order('disk', 'network'), diskImage },
      }).failed[0]?.actual ?? '';
    expect(at({ bundle: 'disks/linux-bios' })).toContain('the disk holds disks/linux-bios, which starts by itself');
    expect(at({ file: '/a/disk.qcow2' })).toContain('the disk holds /a/disk.qcow2, which starts by itself');
  });

  it.each([
    ['an empty disk first: the firmware goes on to the network', { bootOrder: order('disk', 'network') }],
    ['the network first', { bootOrder: order('network', 'disk'), diskOf: 'reference' }],
    ['no order that is known', {}],
  ])('is not blamed for silence with %s', (_, client) => {
    expect(judge(boot(), WANTS_DISCOVER, { ...FIRST_SILENT, client }).failed).toMatchObject([
      { step: 'dhcp.discover', cause: 'firmware-silent' },
    ]);
  });
});

describe('the device that a client started from', () => {
  const wants = (device: string) => planOf({ expectations: expecting(['boot.device', { device }]) });
  const installed = () => boot().guestDhcp();

  it('is the network when the firmware has loaded its boot program', () => {
    const { client, named } = judge(boot().booted(), wants('network'), {
      client: { bootOrder: order('disk', 'network') },
    });
    expect(client.verdict).toBe('passed');
    expect(named('boot.device')).toMatchObject([
      { verdict: 'passed', detail: { device: 'network', path: BOOT_PROGRAM } },
    ]);
  });

  it('is the disk when a system asks for an address and no boot program was loaded', () => {
    const { client, named } = judge(installed(), wants('disk'), { client: { bootOrder: order('disk', 'network') } });
    expect(client.verdict).toBe('passed');
    expect(named('boot.device')).toMatchObject([{ detail: { device: 'disk' } }]);
  });

  it.each([
    ['network', installed, 'device “disk”'],
    ['disk', () => boot().booted(), 'device “network”'],
  ])('is not the %s that the scenario wants, by the boot order', (device, story, actual) => {
    const { failed } = judge(story(), wants(device), {
      ended: 'guest-shutdown',
      client: { bootOrder: order('network', 'disk') },
    });
    expect(failed).toMatchObject([{ step: 'boot.device', cause: 'wrong-boot-order' }]);
    expect(failed[0]?.actual).toContain(actual);
  });

  it('is not told of a client that has the network alone', () => {
    const plan = planOf({ expectations: expecting(['dhcp.discover']) });
    expect(judge(boot().booted(), plan, { client: { bootOrder: order('network') } }).named('boot.device')).toEqual([]);
  });
});

describe('a client that is installed', () => {
  const again = (first: BootStory): BootStory => new BootStory(first.wait(20_000).tape);

  it('twice, after its firmware booted from the network again, is in a reinstall loop, with the frames of each time', () => {
    const { client, named } = judge(again(boot().wdsInstall()).wdsInstall());
    const [step, ...more] = named('boot.reinstalled');
    expect(more).toEqual([]);
    expect(step).toMatchObject({
      verdict: 'recorded',
      cause: 'reinstall-loop',
      detail: { path: BOOT_PROGRAM, image: IMAGE_PATH, times: 2 },
    });
    const reads = client.steps.flatMap((one) => (one.step === 'image.transfer' ? one.frames.slice(-1) : []));
    expect(step?.frames).toEqual([reads[0], reads.at(-1)]);
    expect(client.findings?.join()).toContain(`reinstall loop: the client read “${IMAGE_PATH}” 2 times`);
  });

  it('three times has a step for each further time, and one finding', () => {
    const { client, named } = judge(again(again(boot().wdsInstall()).wdsInstall()).wdsInstall());
    expect(named('boot.reinstalled').map(({ detail }) => detail?.['times'])).toEqual([2, 3]);
    expect(client.findings?.filter((one) => one.startsWith('reinstall loop'))).toEqual([
      expect.stringContaining('3 times'),
    ]);
  });

  it('twice is what a scenario may want: it passes when the image was read again, and not before', () => {
    const plan = planOf({ expectations: expecting(['image.transfer'], ['boot.reinstalled', { times: 2 }]) });
    expect(judge(again(boot().wdsInstall()).wdsInstall(), plan)).toMatchObject({
      client: { verdict: 'passed' },
      settledBeforeEnd: true,
    });
    const { client, failed } = judge(again(boot().wdsInstall()).proxyBoot(), plan);
    expect(client.verdict).toBe('failed');
    expect(failed).toMatchObject([{ step: 'boot.reinstalled' }]);
  });

  it.each<[string, () => BootStory]>([
    ['once', () => boot().wdsInstall()],
    ['once, and whose firmware then gets a boot program', () => again(boot().wdsInstall()).proxyBoot()],
    [
      'once, and then only lists the images from the network',
      () => again(boot().wdsInstall()).booted().mounted().imageLooked(),
    ],
    ['once, and whose system then asks for an address', () => again(boot().wdsInstall()).guestDhcp()],
    ['once, and reads the image again in one boot', () => boot().wdsInstall().imageFetched()],
  ])('%s is in none', (_, story) => {
    expect(judge(story()).named('boot.reinstalled')).toEqual([]);
  });
});
