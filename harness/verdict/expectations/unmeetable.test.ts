import { describe, expect, it } from 'vitest';
import { SERVER } from '../../observe/testing/scene.ts';
import type { Expectation } from '../../plan/plan.ts';
import { createJudge } from '../judge.ts';
import { boot, BOOT_PROGRAM, START_US, type BootStory } from '../testing/boot-story.ts';
import { expecting, PC, planOf, type PlanPart } from '../testing/judge-story.ts';

/** The verdict of a client, and the step that was the last one when it came: before the capture's end, or not at all. */
function verdictAt({ frames }: BootStory, expectations: readonly Expectation[], parts: Partial<PlanPart> = {}) {
  const seen: string[] = [];
  const judging = createJudge({
    linkType: 1,
    clients: [PC],
    startUs: START_US,
    plan: planOf({ expectations: [...expectations], ...parts }),
    onStep: (_, { step, verdict }) => {
      if (verdict === 'passed') seen.push(step);
    },
  });
  for (const frame of frames) {
    judging.frames([frame]);
    const verdict = judging.verdictOf(PC.mac);
    if (verdict !== undefined) {
      const [client] = judging.finish();
      return { verdict, after: seen.at(-1), failed: client?.steps.filter((step) => step.verdict === 'failed') ?? [] };
    }
  }
  return { verdict: undefined, after: undefined, failed: [] };
}

describe('an expectation that the boot has passed by fails at once', () => {
  const install = () => boot().wdsInstall();

  it('a wrong detail in the only ACK, when the booted system asks for its own address', () => {
    const wanted = expecting(
      ['dhcp.ack', { leaseSeconds: 42 }],
      ['proxydhcp.ack'],
      ['tftp.transfer'],
      ['image.transfer'],
    );
    const { verdict, after, failed } = verdictAt(install(), wanted);
    expect({ verdict, after }).toEqual({ verdict: 'failed', after: 'dhcp.discover' });
    expect(failed).toMatchObject([
      { step: 'dhcp.ack', cause: 'different-detail', expected: expect.stringContaining('leaseSeconds 42') as string },
    ]);
  });

  it.each<[string, Expectation[], string, string]>([
    [
      'a wrong detail in the ACK, when the share is mounted that the scenario wants after it',
      expecting(['dhcp.ack', { leaseSeconds: 42 }], ['smb.tree-connect', { share: 'REMINST' }]),
      'smb.tree-connect',
      'different-detail',
    ],
    [
      'a wrong block size of the boot program',
      expecting(['tftp.transfer', { path: BOOT_PROGRAM, blksize: 512 }], ['smb.negotiate']),
      'smb.negotiate',
      'different-detail',
    ],
    [
      'a file that nobody asked for',
      expecting(['tftp.transfer', { path: 'boot/other' }], ['smb.negotiate']),
      'smb.negotiate',
      'step-passed-by',
    ],
  ])('%s', (_, wanted, after, cause) => {
    const told = verdictAt(install(), wanted);
    expect(told).toMatchObject({ verdict: 'failed', after, failed: [{ step: wanted[0]?.step, cause }] });
  });

  it('and says what came instead, with its frame', () => {
    const { failed } = verdictAt(install(), expecting(['tftp.transfer', { path: 'boot/other' }], ['smb.negotiate']));
    expect(failed[0]?.actual).toMatch(
      /the last thing seen was smb.negotiate.*; smb.negotiate came \(frame \d+\), and by then it must have happened$/,
    );
  });
});

describe('what a client may still do is waited for', () => {
  const told = { siaddr: SERVER.ip, bootfile: 'undionly.kpxe' };
  it.each<[string, BootStory, Expectation[]]>([
    [
      'a second round of DHCP by a boot program, which gets another file',
      boot()
        .dhcpRound(told)
        .loads(['undionly.kpxe', 9000])
        .dhcpRound({ siaddr: SERVER.ip, bootfile: 'boot.ipxe' })
        .loads(['boot.ipxe', 300]),
      expecting(['dhcp.ack', { bootfile: 'boot.ipxe' }], ['tftp.transfer', { path: 'boot.ipxe' }]),
    ],
    [
      'the same file, read again with other options',
      boot()
        .dhcpRound(told)
        .also(({ tftp }) =>
          tftp.transfer('undionly.kpxe', 9000, { blksize: 512 }).transfer('undionly.kpxe', 9000, { blksize: 1024 }),
        ),
      expecting(['tftp.transfer', { path: 'undionly.kpxe', blksize: 1024 }]),
    ],
    [
      'the address of the booted system, and a file that it loads itself',
      boot().booted().loads(['filesystem.squashfs', 7000]),
      expecting(
        ['tftp.transfer', { path: 'boot/vmlinuz' }],
        ['dhcp.ack'],
        ['tftp.transfer', { path: 'filesystem.squashfs' }],
      ),
    ],
    [
      'a file that the system loads after it has spoken to the server, where the scenario wants no system step',
      boot().booted().mounted().loads(['filesystem.squashfs', 7000]),
      expecting(['tftp.transfer', { path: 'filesystem.squashfs' }]),
    ],
  ])('%s', (_, story, wanted) => {
    expect(verdictAt(story, wanted).verdict).toBe('passed');
  });

  it('the boot of a further start from the network, which is part of the same story', () => {
    const rounds = expecting(['proxydhcp.ack'], ['image.transfer'], ['proxydhcp.ack'], ['image.transfer']);
    const again = { after: { nextStart: 'network', ignore: [] } } as Partial<PlanPart>;
    const story = () => boot().wdsInstall();
    expect(verdictAt(story(), rounds).verdict).toBe('failed');
    expect(verdictAt(story(), rounds, again).verdict).toBeUndefined();
  });
});
