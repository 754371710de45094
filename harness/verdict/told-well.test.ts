import { describe, expect, it } from 'vitest';
import { SERVER } from '../observe/testing/scene.ts';
import { createJudge } from './judge.ts';
import { boot, START_US, type BootStory } from './testing/boot-story.ts';
import { expecting, judge, PC, planOf } from './testing/judge-story.ts';

// Failures whose first guess would send a person to the wrong place.

/** What PXELINUX asks for before it gives up: UUID, MAC, address in hex shorter and shorter, default. */
const PXELINUX_NAMES = [
  '4c4c4544-0042',
  '01-00-11-11-80-d2-92',
  ...Array.from({ length: 8 }, (_, i) => 'AC1634DE'.slice(0, 8 - i)),
  'default',
].map((name) => `pxelinux.cfg/${name}`);

const MOUNTS = planOf({ expectations: expecting(['tftp.transfer'], ['smb.tree-connect', { share: 'REMINST' }]) });

describe('iPXE that is chain-loaded', () => {
  /** A round for an address in which the server names a boot file. */
  const round = (story: BootStory, xid: number, bootfile: string, asker: { userClass?: string } = {}): BootStory => {
    const told = { xid, bootfile, siaddr: SERVER.ip };
    return story.wait(2000).also(({ dhcp }) =>
      dhcp
        .discover({ xid, ...asker })
        .offer(told)
        .choose({ xid, ...asker })
        .grant(told),
    );
  };
  const IPXE = { userClass: 'iPXE' };
  const chained = (bootfile: string): BootStory =>
    round(round(boot(), 1, 'ipxe.efi').loads(['ipxe.efi', 42_000]).missesFiles('autoexec.ipxe'), 2, bootfile, IPXE);
  const plan = planOf({ expectations: expecting(['tftp.transfer', { path: 'boot.ipxe' }]) });

  it('and told to load itself fails when it begins to', () => {
    const { failed, client } = judge(chained('ipxe.efi').loads(['ipxe.efi', 42_000]), plan);
    expect([client.verdict, failed.map(({ cause }) => cause)]).toEqual(['failed', ['chain-loading-loop']]);
    expect(failed[0]).toMatchObject({
      step: 'tftp.read-request',
      expected: expect.stringMatching(
        /^another boot file than “ipxe\.efi” for user class “iPXE”, which that program has \(dhcp\.ack in frame \d+\)$/,
      ) as string,
    });
  });

  it('and told another file loads that, and what the script names, were it iPXE', () => {
    const later = planOf({ expectations: expecting(['tftp.transfer', { path: 'last' }]) });
    const good = chained('boot.ipxe').loads(['boot.ipxe', 100], ['ipxe.efi', 42_000], ['last', 100]);
    expect(judge(good, later).client.verdict).toBe('passed');
  });

  it.each([{}, IPXE])('is no loop when the firmware starts over: %o', (asker) => {
    const twice = round(round(boot(), 1, 'ipxe.efi', asker).loads(['ipxe.efi', 42_000]), 2, 'ipxe.efi', asker);
    expect(judge(twice.loads(['ipxe.efi', 42_000], ['boot.ipxe', 100]), plan).client.verdict).toBe('passed');
  });
});

describe('a boot program that finds no configuration', () => {
  const loads = (program: string): BootStory =>
    boot().dhcpRound({ siaddr: SERVER.ip, bootfile: program }).loads([program, 42_000]);
  const PXELINUX = () => loads('pxelinux.0').missesFiles(...PXELINUX_NAMES);

  it('is PXELINUX, with the eleven names that it asked for and the root in which they are missing', () => {
    expect(PXELINUX_NAMES).toHaveLength(11);
    const { failed } = judge(
      PXELINUX(),
      {
        ...MOUNTS,
        services: [{ kind: 'tftp', host: 'server', config: { address: SERVER.ip, root: '${run}/tftp' } }],
        trees: [{ root: '${run}/tftp', entries: [{ path: '.', source: '/home/me/boot' }] }],
      },
      { idleMs: 600_000 },
    );
    expect(failed[0]).toMatchObject({
      step: 'tftp.transfer',
      cause: 'boot-configuration-missing',
      actual: expect.stringContaining(
        'which serves /home/me/boot, has none of the 11 configurations that PXELINUX',
      ) as string,
      why: expect.stringContaining('put one of the files that it asked for on the server') as string,
    });
    for (const name of PXELINUX_NAMES) expect(failed[0]?.actual).toContain(`“${name}”`);
  });

  it.each([
    ['the VM was switched off', { ended: 'guest-shutdown' }],
    ['the capture ended', {}],
  ])('is told so, and not that the share was never asked for, when %s', (_, end) => {
    expect(judge(PXELINUX(), MOUNTS, end).failed[0]).toMatchObject({
      step: 'smb.tree-connect',
      cause: 'boot-configuration-missing',
      actual: expect.stringContaining('“pxelinux.cfg/default”') as string,
    });
  });

  it('is GRUB, and iPXE that goes on with nothing', () => {
    const grub = loads('grubx64.efi').missesFiles('grub/grub.cfg-01-00-11-11-80-d2-92', 'grub/grub.cfg');
    expect(judge(grub, MOUNTS).failed[0]).toMatchObject({
      cause: 'boot-configuration-missing',
      actual: expect.stringContaining('none of the 2 configurations that GRUB asked for') as string,
    });
    const ipxe = () => loads('ipxe.efi').missesFiles('autoexec.ipxe');
    expect(judge(ipxe(), MOUNTS).failed[0]).toMatchObject({
      cause: 'boot-configuration-missing',
      actual: expect.stringContaining('“autoexec.ipxe”, the configuration that iPXE asked for') as string,
    });
    expect(judge(ipxe().dhcpRound(), MOUNTS).failed[0]?.cause).not.toBe('boot-configuration-missing');
  });

  it('has not gone through, where no scenario says what it should do', () => {
    // The last name that PXELINUX tries was missing: it stops.
    expect(judge(PXELINUX()).failed).toMatchObject([
      {
        cause: 'boot-configuration-missing',
        actual: expect.stringContaining('has none of the 11 configurations') as string,
      },
    ]);
    const searching = loads('pxelinux.0').missesFiles(...PXELINUX_NAMES.slice(0, 5));
    expect(judge(searching).client).toMatchObject({
      verdict: 'inconclusive',
      why: expect.stringContaining('the capture ends while the server has none of the 5 configurations') as string,
    });
    expect(judge(PXELINUX().loads(['boot/vmlinuz', 12_000])).client.verdict).toBe('passed');
    // iPXE asks for this script first, and goes on by DHCP without it.
    expect(judge(loads('ipxe.efi').missesFiles('autoexec.ipxe')).client.verdict).toBe('passed');
  });

  it('is none that found the last name, or whose kernel was loaded', () => {
    const found = PXELINUX().loads(['boot/vmlinuz', 12_000]);
    expect(judge(found, MOUNTS, { idleMs: 600_000 }).failed[0]).toMatchObject({ cause: 'guest-no-network' });
  });
});

it('sends nobody to the console of a client that a program plays', () => {
  const whyOf = (plays?: 'wdsnbp'): string | undefined => {
    const judging = createJudge({
      linkType: 1,
      clients: [{ ...PC, plays }],
      startUs: START_US,
      plan: MOUNTS,
    });
    judging.frames(boot().booted().frames);
    return judging.finish()[0]?.steps.find(({ cause }) => cause === 'share-never-mounted')?.why;
  };
  expect(whyOf()).toBe('the booted system never asked for the share: see what its console says');
  expect(whyOf('wdsnbp')).toBe('the booted system never asked for the share: see what its log says');
});

it('tells which failure a scenario wants and which one came, with step and cause', () => {
  const { client } = judge(
    boot().dhcpRound({ siaddr: SERVER.ip, bootfile: 'gone.0' }).missesFiles('gone.0'),
    planOf({ expectFailure: { step: 'tftp.error', cause: 'tftp-access-denied' } }),
  );
  expect(client).toMatchObject({
    verdict: 'failed',
    findings: [
      'the scenario wants another failure: expected tftp.error (tftp-access-denied), found tftp.error (boot-file-missing)',
    ],
  });
  const wanted = judge(
    boot().dhcpRound({ siaddr: SERVER.ip, bootfile: 'gone.0' }).missesFiles('gone.0'),
    planOf({ expectFailure: { step: 'tftp.error', cause: 'boot-file-missing' } }),
  );
  expect(wanted.client).not.toHaveProperty('findings');
});
