import { describe, expect, it } from 'vitest';
import { CLIENT, SERVER } from '../../observe/testing/scene.ts';
import { Dhcpv6Scene, PXE6 } from '../../protocols/dhcpv6/testing/scene.ts';
import { NdpScene } from '../../protocols/ndp/testing/scene.ts';
import { boot, type BootStory } from '../testing/boot-story.ts';
import { expecting, judge, planOf } from '../testing/judge-story.ts';

const PROGRAM = 'undionly.kpxe';
const IPXE = { userClass: 'iPXE' };

/** A round for an address by an iPXE that is told to load iPXE; who asks is the ROM or the program, nobody knows. */
function round(story: BootStory, xid: number, asker: { userClass?: string; vendorClass?: string } = IPXE): BootStory {
  const told = { xid, bootfile: PROGRAM, siaddr: SERVER.ip };
  return story.wait(2000).also(({ dhcp }) =>
    dhcp
      .discover({ xid, ...asker })
      .offer(told)
      .choose({ xid, ...asker })
      .grant(told),
  );
}
const loads = (story: BootStory): BootStory => story.loads([PROGRAM, 42_000]);
const rounds = (count: number, asker = IPXE): BootStory =>
  Array.from({ length: count }).reduce<BootStory>((story, _, at) => loads(round(story, at + 1, asker)), boot());
const observed = (story: BootStory) => judge(story).named('boot.repeated');

describe('a ROM that is iPXE and is told to load iPXE', () => {
  it('passes, and is said to load itself, with the frames of each time and the way on', () => {
    const { client, named } = judge(rounds(3));
    expect(client.verdict).toBe('passed');
    const [step, ...more] = named('boot.repeated');
    expect(more).toEqual([]);
    expect(step).toMatchObject({
      verdict: 'recorded',
      cause: 'chain-loading-loop',
      detail: { path: PROGRAM, times: 3, userClass: 'iPXE' },
    });
    expect(step?.frames).toEqual(client.steps.flatMap((one) => (one.step === 'tftp.transfer' ? one.frames[0] : [])));
    expect(client.findings).toEqual([
      `the client loaded “undionly.kpxe” 3 times (frames ${step?.frames.join(', ')}), asked for an address as user class “iPXE” before each further time, and loaded nothing else: the boot program loads itself, unless somebody restarted the machine; give it a script, or another boot file for user class “iPXE”`,
    ]);
  });

  it('is so in a live run, whose verdict stays', () => {
    const plan = planOf({ expectations: expecting(['tftp.transfer', { path: PROGRAM }]) });
    const { client, named } = judge(rounds(2), plan);
    expect([client.verdict, named('boot.repeated').length]).toEqual(['passed', 1]);
  });

  it('looks for a script beside it in vain, and loops', () => {
    const story = loads(round(rounds(1).missesFiles('autoexec.ipxe'), 2));
    expect(observed(story)).toHaveLength(1);
  });
});

describe('is not said of', () => {
  it.each<[string, () => BootStory]>([
    ['one load', () => rounds(1)],
    ['a script that was found', () => loads(round(rounds(1).loads(['autoexec.ipxe', 100]), 2))],
    ['a kernel', () => loads(round(rounds(1).loads(['vmlinuz', 100_000]), 2))],
    [
      'a file over HTTP',
      () =>
        loads(
          round(
            rounds(1).also(({ http }) => http.connect().get('/a').respond('200 OK', ['Content-Length: 0'])),
            2,
          ),
        ),
    ],
    [
      'PXELINUX that stops without its configuration',
      () => loads(round(rounds(1).missesFiles('pxelinux.cfg/default'), 2)),
    ],
    [
      'a system that ran between',
      () =>
        loads(
          round(
            rounds(1)
              .wait(1000)
              .also(({ dhcp }) => dhcp.discover({ xid: 9, vendorClass: 'udhcp 1.37.0' })),
            2,
          ),
        ),
    ],
    ['a file that is read twice in one boot', () => loads(rounds(1))],
    ['two loads without DHCP, where the first may have been lost', () => loads(loads(boot()))],
  ])('%s', (_what, story) => {
    expect(observed(story())).toEqual([]);
  });

  it('a loop that has failed by name already', () => {
    const { failed, named } = judge(loads(round(rounds(1, {} as typeof IPXE), 2)), undefined);
    expect([failed.map(({ cause }) => cause), named('boot.repeated')]).toEqual([['chain-loading-loop'], []]);
  });
});

it('over IPv6 it is the same, whatever neighbour discovery says between', () => {
  const bootfile = `tftp://[fd77::172:22:52:207]/${PROGRAM}`;
  const story = [1, 2].reduce<BootStory>(
    (told) =>
      loads(
        told.also(({ tape }) => {
          new NdpScene(tape).wait(1_000_000).routerSolicit({ mac: CLIENT.mac, ip: 'fe80::1' });
          new Dhcpv6Scene(tape).solicit({ ...PXE6, userClass: 'iPXE' }).advertise({ bootfile });
          new Dhcpv6Scene(tape).request({ userClass: 'iPXE' }).reply({ bootfile });
        }),
      ),
    boot(),
  );
  expect(observed(story)).toMatchObject([{ detail: { path: PROGRAM, times: 2, userClass: 'iPXE' } }]);
});

it('a program that loads itself fails, unless the scenario expects the file once more', () => {
  const story = () => loads(round(rounds(1, {} as typeof IPXE), 2));
  const load = ['tftp.transfer', { path: PROGRAM }] as const;
  const later = ['http.get', { path: '/boot.ipxe' }] as const;
  const [once, twice] = [expecting(load, later), expecting(load, load, later)].map((expectations) =>
    judge(story(), planOf({ expectations })).failed.map(({ cause }) => cause),
  );
  expect(once).toContain('chain-loading-loop');
  expect(twice).not.toContain('chain-loading-loop');
});

it('without DHCP, three loads are told with less certainty', () => {
  const { client } = judge(loads(loads(loads(boot()))));
  expect(client.findings).toEqual([
    expect.stringMatching(
      /3 times \(frames \d+, \d+, \d+\) and nothing else between: if it is a boot program, it loads itself, /,
    ),
  ]);
});
