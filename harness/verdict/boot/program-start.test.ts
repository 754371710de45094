import { describe, expect, it } from 'vitest';
import { SERVER } from '../../observe/testing/scene.ts';
import type { DhcpWords } from '../../protocols/dhcp/testing/scene.ts';
import { Dhcpv6Scene, PXE6 } from '../../protocols/dhcpv6/testing/scene.ts';
import { programHead, type ProgramHead } from '../../protocols/base/wire/testing/program-heads.ts';
import { boot, type BootStory } from '../testing/boot-story.ts';
import { expecting, judge, planOf } from '../testing/judge-story.ts';

const PROGRAM = 'boot\\x64\\wdsmgfw.efi';
const OVER_HTTP = { vendorClass: 'HTTPClient:Arch:00016:UNDI:003000', arch: 16 };

/** A client loads its boot program over IPv4: a signed one for x64, unless said. */
const loaded = ({ arch = 7, ...asker }: DhcpWords = {}, head: ProgramHead = 'shimx64.efi'): BootStory =>
  boot()
    .wait(1500)
    .also(({ dhcp }) => {
      const told = { siaddr: SERVER.ip, bootfile: PROGRAM };
      dhcp
        .discover({ arch, ...asker })
        .offer(told)
        .choose({ arch, ...asker })
        .grant(told);
    })
    .also(({ tftp }) => tftp.transfer(PROGRAM, 581_632, { begins: programHead(head) }));
const solicits = (story: BootStory, words = PXE6): BootStory =>
  story.also(({ tape }) => new Dhcpv6Scene(tape).solicit(words));
const starts = (story: BootStory) => judge(story).named('boot.start');

describe('a boot program that the firmware loads and does not start', () => {
  it('fails in a step of its own, after the transfer that passed', () => {
    const { client, named, failed } = judge(solicits(loaded().wait(220)));
    expect(named('tftp.transfer')[0]?.verdict).toBe('passed');
    expect(failed).toMatchObject([
      {
        step: 'boot.start',
        cause: 'boot-program-not-started',
        detail: { path: PROGRAM, arch: 7, program: 'efi-x64', signed: true },
        expected: `“${PROGRAM}” to start`,
        actual: expect.stringMatching(
          /^no frame of it; 220 ms after it was loaded the firmware tried its next boot entry, PXE over IPv6 \(frame \d+\)$/,
        ) as string,
        why: expect.stringContaining('under Secure Boot the program must be signed') as string,
      },
    ]);
    expect(failed[0]?.frames.at(-1)).toBe(named('dhcpv6.solicit')[0]?.frames[0]);
    expect(client.verdict).toBe('failed');
  });

  it('is said to have no signature where it has none', () => {
    expect(starts(solicits(loaded({}, 'grubx64-unsigned.efi').wait(220)))).toMatchObject([
      {
        cause: 'boot-program-not-started',
        actual: expect.stringMatching(/^it carries no signature; 220 ms after/) as string,
      },
    ]);
  });

  it('is known by a firmware that goes on with HTTP, too', () => {
    const story = loaded()
      .wait(300)
      .also(({ dhcp }) => dhcp.discover({ xid: 9, ...OVER_HTTP }));
    expect(starts(story)).toMatchObject([{ actual: expect.stringContaining('HTTP over IPv4') as string }]);
  });

  it('is what a scenario can expect, and then settles the boot at once', () => {
    const plan = planOf({
      expectations: expecting(['tftp.transfer', { path: PROGRAM }]),
      expectFailure: { step: 'boot.start', cause: 'boot-program-not-started' },
    });
    const { client, settledBeforeEnd } = judge(solicits(loaded().wait(220)), plan);
    expect([client.verdict, settledBeforeEnd]).toEqual(['passed', true]);
  });
});

describe('is not said of a boot program that', () => {
  it.each<[string, () => BootStory]>([
    ['is silent', () => loaded().wait(30_000)],
    [
      'asks for an address by itself, over IPv6, too',
      () => solicits(loaded().wait(220), { ...PXE6, userClass: 'iPXE' }),
    ],
    ['looks for a file first', () => solicits(loaded().missesFiles('grub/grub.cfg').wait(220))],
    ['loads a file first', () => solicits(loaded().loads(['grub/grub.cfg', 100]).wait(220))],
    ['runs until somebody leaves its menu', () => solicits(loaded().wait(30_000))],
    [
      'starts the machine over',
      () =>
        loaded()
          .wait(1500)
          .also(({ dhcp }) => dhcp.discover({ xid: 9, arch: 7 })),
    ],
    [
      'starts a machine over that has tried IPv6 before',
      () => {
        const story = solicits(boot()).wait(8000);
        story.also(({ dhcp }) => {
          const told = { siaddr: SERVER.ip, bootfile: PROGRAM };
          dhcp.discover({ arch: 7 }).offer(told).choose({ arch: 7 }).grant(told);
        });
        story.also(({ tftp }) => tftp.transfer(PROGRAM, 581_632, { begins: programHead('shimx64.efi') }));
        return solicits(story.wait(1500));
      },
    ],
    ['a BIOS has loaded', () => solicits(loaded({ arch: 0 }, 'undionly.kpxe').wait(220))],
    ['was loaded by a boot program', () => solicits(loaded({ userClass: 'iPXE' }).wait(220))],
    [
      'runs beside the network stack of its firmware, which asks without option 61',
      () => solicits(loaded().wait(220), {}),
    ],
  ])('%s', (_what, story) => {
    expect(starts(story())).toEqual([]);
  });
});

describe('a boot program for another kind of client', () => {
  it.each<[what: string, arch: number, head: ProgramHead, expected: string, actual: string]>([
    [
      'IA32 for x64',
      7,
      'syslinux-ia32.efi',
      'an EFI program for x64: the client says architecture 7, x64 UEFI',
      'an EFI program for x86',
    ],
    [
      'arm64 for x64',
      7,
      'ipxe-arm64.efi',
      'an EFI program for x64: the client says architecture 7, x64 UEFI',
      'an EFI program for arm64',
    ],
    [
      'x64 for arm64',
      11,
      'snponly.efi',
      'an EFI program for arm64: the client says architecture 11, ARM64 UEFI',
      'an EFI program for x64',
    ],
    [
      'EFI for a BIOS',
      0,
      'snponly.efi',
      'a program for a BIOS: the client says architecture 0, x86 BIOS',
      'an EFI program for x64',
    ],
  ])('%s fails as soon as it is loaded', (_, arch, head, expected, actual) => {
    const { failed, named } = judge(loaded({ arch }, head));
    expect(named('tftp.transfer')[0]?.verdict).toBe('passed');
    expect(failed).toMatchObject([
      {
        step: 'boot.start',
        cause: 'boot-program-wrong-architecture',
        expected: `${expected} (option 93)`,
        actual: `“${PROGRAM}”, which by its first block is ${actual}`,
        why: expect.stringContaining('let the server choose the boot file by option 93') as string,
      },
    ]);
    expect(failed[0]?.frames).toEqual(named('tftp.transfer')[0]?.frames.slice(-1));
  });

  it('for a BIOS fails under UEFI when the firmware goes on', () => {
    const waiting = loaded({}, 'pxelinux.0').wait(220);
    expect(starts(waiting)).toEqual([]);
    expect(starts(solicits(waiting))).toMatchObject([
      { cause: 'boot-program-wrong-architecture', actual: expect.stringMatching(/^it is no EFI program; /) as string },
    ]);
  });

  it.each<[what: string, story: () => BootStory]>([
    ['a kernel that iPXE in a BIOS was told to load', () => loaded({ arch: 0, userClass: 'iPXE' }, 'vmlinuz')],
    [
      'a program of which the capture holds no header',
      () => boot().dhcpRound({ siaddr: SERVER.ip, bootfile: PROGRAM }).loads([PROGRAM, 5000]),
    ],
    [
      'a file that the boot program loads by itself',
      () =>
        loaded({ arch: 0 }, 'pxelinux.0').also(({ tftp }) =>
          tftp.transfer('other.efi', 5000, { begins: programHead('snponly.efi') }),
        ),
    ],
  ])('is not %s', (_, story) => expect(starts(story())).toEqual([]));
});
