import { describe, expect, it } from 'vitest';
import { SERVER } from '../../observe/testing/scene.ts';
import { BOOT_PROGRAM, boot, type BootStory } from '../testing/boot-story.ts';
import { expecting, judge, planOf } from '../testing/judge-story.ts';

const PLAN = planOf({ budgets: { firmware: 5000 }, expectations: expecting(['dhcp.discover'], ['tftp.transfer']) });
const LITTLE = { memoryMiB: 1, neededMemoryMiB: 2 };
const SILENCE = { idleMs: 700_000 };

/** The firmware asks for the size of its boot file, gets it, and goes on with its next boot entry, where nobody answers. */
const NAMED = { siaddr: SERVER.ip, bootfile: BOOT_PROGRAM };
const sizeAlone = () =>
  boot()
    .dhcpRound(NAMED)
    .arp()
    .also(({ tftp }) => tftp.probe(BOOT_PROGRAM, 31_124));

const failed = (story: BootStory, client: { memoryMiB?: number; neededMemoryMiB?: number }) =>
  judge(story, PLAN, { ...SILENCE, client }).failed.map(({ step, cause, actual, why }) => ({
    step,
    cause,
    actual,
    why,
  }));

describe('a client with less memory than its firmware needs', () => {
  it('that never asks for an address has that as the cause, with both numbers', () => {
    expect(failed(boot(), LITTLE)).toEqual([
      {
        step: 'dhcp.discover',
        cause: 'too-little-memory',
        actual: 'no frame that asks for an address; the client has 1 MiB of memory, and firmware bios needs 2 MiB',
        why: expect.stringContaining('give it more') as string,
      },
    ]);
  });

  it('that got an address and loads nothing has it, too', () => {
    expect(failed(sizeAlone(), LITTLE)).toMatchObject([{ step: 'tftp.transfer', cause: 'too-little-memory' }]);
  });

  it('that loads its boot program and does not start it has it, too', () => {
    const loaded = boot().dhcpRound(NAMED).arp().loads([BOOT_PROGRAM, 42_000]);
    const plan = planOf({ expectations: expecting(['tftp.transfer'], ['dhcp.discover', { userClass: 'iPXE' }]) });
    expect(judge(loaded, plan, { ...SILENCE, client: LITTLE }).failed).toMatchObject([
      { step: 'dhcp.discover', cause: 'too-little-memory' },
    ]);
  });

  it('has what a server did as its cause, where a server did something', () => {
    expect(failed(boot().dhcpRound(NAMED).arp().missesFiles(BOOT_PROGRAM), LITTLE)).toMatchObject([
      { cause: 'boot-file-missing' },
    ]);
  });
});

it('a client whose memory suffices is silent for another reason', () => {
  expect(failed(boot(), { memoryMiB: 64 })).toMatchObject([{ cause: 'firmware-silent' }]);
});
