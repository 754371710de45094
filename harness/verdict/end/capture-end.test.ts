import { describe, expect, it } from 'vitest';
import { SERVER } from '../../observe/testing/scene.ts';
import type { Matcher } from '../../plan/plan.ts';
import type { Frame } from '../../packet/frame.ts';
import { boot, type BootStory } from '../testing/boot-story.ts';
import { recorded } from '../testing/captures.ts';
import { expecting, judge, type Judged, planOf, type PlanPart } from '../testing/judge-story.ts';

// A capture ends; nothing comes after its last frame that could let a deadline pass.

const MINUTES_LATER = { idleMs: 180_000 };
const wanting = (...list: readonly (readonly [step: string, wanted?: Readonly<Record<string, Matcher>>])[]): PlanPart =>
  planOf({ expectations: expecting(...list) });
const NAMED = { siaddr: SERVER.ip, bootfile: 'undionly.kpxe' };
const DEAD = { ...SERVER, ip: '172.22.52.99' };

/** A request each time after so many milliseconds. */
function each(story: BootStory, waitsMs: readonly number[], ask: (story: BootStory) => unknown): BootStory {
  for (const ms of waitsMs) story.wait(ms).also(ask);
  return story;
}

const discovers = (...waitsMs: number[]): BootStory =>
  each(boot(), waitsMs, ({ dhcp }) => dhcp.discover({ userClass: 'iPXE' }));
const unknownDiscovers = (...waitsMs: number[]): BootStory => each(boot(), waitsMs, ({ dhcp }) => dhcp.discover());
const readRequests = (...waitsMs: number[]): BootStory =>
  each(boot().dhcpRound(NAMED).arp(), waitsMs, ({ tftp }) => tftp.request('undionly.kpxe', 'blksize=1432', 'tsize=0'));
const clientAsksFor = (host: typeof SERVER, ...waitsMs: number[]): BootStory =>
  each(boot().dhcpRound({ ...NAMED, siaddr: host.ip }), waitsMs, ({ link, client }) =>
    link.arp(1, client, { ip: host.ip }),
  );
const serverAsksForClient = (...waitsMs: number[]): BootStory =>
  each(boot().dhcpRound(), waitsMs, ({ link, client }) => link.arp(1, SERVER, { ip: client.ip }));

/** What iPXE does (QEMU's ROM, as captured), and what must have failed: the step, its cause, and the frames that show it. */
const GIVEN_UP: Readonly<Record<string, readonly [BootStory, string, string, frames: readonly number[]]>> = {
  'bios-nodhcp': [discovers(3000, 1000, 2000, 4000), 'dhcp.offer', 'dhcp-silent', [1, 2, 3, 4]],
  'bios-nobootfile': [serverAsksForClient(5000, 1024, 1024), 'tftp.read-request', 'no-boot-file', [5, 6, 7, 8]],
  'bios-wrongserver': [
    clientAsksFor(DEAD, 1000, 150, 275, 550, 1050),
    'tftp.read-request',
    'arp-silent',
    [5, 6, 7, 8, 9, 10],
  ],
  'bios-tftpdown': [
    readRequests(10, 250, 500, 1000, 2000, 4000),
    'tftp.read-request',
    'tftp-silent',
    [8, 9, 10, 11, 12, 13],
  ],
};

/** Milliseconds between the tries of PXELINUX 6.04 and GRUB 2.12 for a file that nobody serves, as captured in a lab. */
const PXELINUX_MS = [
  10, 110, 90, 170, 170, 290, 340, 260, 370, 510, 670, 670, 800, 1040, 1160, 1470, 1810, 2320, 2450, 3350, 3840, 4630,
  5660, 6180, 7390, 8930, 10_700, 13_050, 14_760, 15_240, 15_400,
];
const GRUB_MS = [
  10, 400, 420, 440, 460, 490, 500, 520, 550, 560, 580, 600, 620, 640, 670, 670, 700, 720, 740, 760, 790, 820, 820, 850,
  880, 900, 940, 940, 1030, 970, 980, 990, 1020, 1030, 1070, 1070, 1100, 1110, 1150, 1160,
];
/** And between PXELINUX's acknowledgements of block 600 of a kernel, after which the server was silent. */
const PXELINUX_ACKS_MS = [
  90, 110, 160, 170, 220, 270, 320, 400, 490, 700, 640, 930, 970, 1240, 1670, 1760, 2030, 2470, 2980, 3510, 4450, 5560,
  6440, 7230, 9120, 10_880, 12_900, 14_120, 14_110, 14_500,
];

const failure = ({ client: { verdict }, failed: [first, ...others] }: Judged) => [
  verdict,
  first?.step,
  first?.cause,
  others.length,
];

describe('a client that has given up has failed when its capture ends, by the cause that the deadline has', () => {
  it.each(Object.entries(GIVEN_UP))('%s, from frames', (_, [story, step, cause, frames]) => {
    const atEnd = judge(story);
    expect(failure(atEnd)).toEqual(['failed', step, cause, 0]);
    expect(failure(judge(story, undefined, MINUTES_LATER))).toEqual(failure(atEnd));
    expect(atEnd.failed[0]?.frames).toEqual(frames);
  });

  it.each(Object.entries(GIVEN_UP))('%s, as captured', async (name, [, step, told]) => {
    // There the server's host says by ICMP that nobody listens.
    const cause = name === 'bios-tftpdown' ? 'port-unreachable' : told;
    const capture = { ...(await recorded(name)), tape: undefined };
    const startUs = capture.frames[0]?.atUs ?? 0;
    const atEnd = judgeAt(capture.frames, startUs);
    expect(failure(atEnd)).toEqual(['failed', step, cause, 0]);
    expect(failure(judgeAt(capture.frames, startUs, MINUTES_LATER.idleMs))).toEqual(failure(atEnd));
  });

  it('names the address that nobody has, and how often it was asked for', () => {
    expect(judge(clientAsksFor(DEAD, 1000, 150, 275, 550, 1050)).failed[0]?.actual).toBe(
      'nobody has 172.22.52.99: ARP got no answer to 5 requests, so the client could not ask',
    );
  });

  it('says by which ladder the client went', () => {
    expect(judge(discovers(3000, 1000, 2000, 4000)).failed[0]).toMatchObject({
      actual:
        'no answer to 4 DISCOVERs: 4 DISCOVERs (frames 1, 2, 3, 4, after 1.0 s, 2.0 s, 4.0 s); the client tries no further',
    });
  });

  it('by the standards where nobody knows its program, and by nobody else’s ladder', () => {
    expect(failure(judge(unknownDiscovers(3000, 4000, 8000, 16_000)))).toEqual([
      'failed',
      'dhcp.offer',
      'dhcp-silent',
      0,
    ]);
    // iPXE gives up after these, and this client is not known to be iPXE.
    expect(judge(unknownDiscovers(3000, 1000, 2000, 4000)).client.verdict).toBe('inconclusive');
    // RFC 1350 says neither how often nor how long a file is asked for.
    const file = (...options: string[]): BootStory =>
      each(boot().dhcpRound(NAMED).arp(), [10, 250, 500, 1000, 2000, 4000], ({ tftp }) =>
        tftp.request('undionly.kpxe', ...options),
      );
    expect(judge(file('blksize=1456')).client.verdict).toBe('inconclusive');
    expect(judge(file('blksize=1432', 'tsize=0')).client.verdict).toBe('failed');
  });

  it('whatever its ladder: EDK2 asks for a file every 4 s', () => {
    const file = each(boot().dhcpRound(NAMED).arp(), [10, 4000, 4000, 4000, 4000, 4000], ({ tftp }) =>
      tftp.request('undionly.kpxe', 'blksize=1468', 'windowsize=4'),
    );
    expect(failure(judge(file))).toEqual(['failed', 'tftp.read-request', 'tftp-silent', 0]);
    const proxy = each(boot().pxeRound().arp(), [10, 1000, 2000, 3000], ({ dhcp }) => dhcp.askBootServer());
    expect(failure(judge(proxy))).toEqual(['failed', 'proxydhcp.ack', 'proxydhcp-silent', 0]);
    const syns = each(
      boot().dhcpRound({ bootfile: 'http://172.22.52.207/a' }).arp(),
      [10, 1000, 2000, 4000],
      ({ http }) => http.tcp(http.client, http.server, 'S', 1000, 0),
    );
    expect(failure(judge(syns))).toEqual(['failed', 'tcp.connect', 'server-unreachable', 0]);
  });

  it.each<[string, string, readonly number[]]>([
    ['PXELINUX', 'pxelinux.cfg/01-00-11-11-80-d2-92', PXELINUX_MS],
    ['GRUB', '/boot/x64/grub.cfg', GRUB_MS],
  ])('%s, that asks for its configuration as often as it was captured to', (_, file, waitsMs) => {
    const asks = (count: number): BootStory =>
      each(boot().dhcpBoot(), waitsMs.slice(0, count), ({ tftp }) => tftp.request(file, 'tsize=0'));
    expect(judge(asks(waitsMs.length)).failed).toMatchObject([{ step: 'tftp.read-request', cause: 'tftp-silent' }]);
    // These are as many tries as iPXE makes, and more, over a time in which iPXE has given up.
    for (const count of [2, 8, 15, 18]) {
      const { client, failed } = judge(asks(count));
      expect([client.verdict, failed], `${count} tries`).toEqual(['inconclusive', []]);
    }
  });

  it('PXELINUX, that repeats its acknowledgement in the middle of a kernel as often as it was captured to', () => {
    const stalls = (count: number): BootStory =>
      each(
        boot()
          .dhcpBoot()
          .also(({ tftp }) =>
            tftp.next().request('boot/vmlinuz', 'tsize=0', 'blksize=1408').optionAck('blksize=1408').ack(0),
          )
          .also(({ tftp }) => tftp.lockstep(1, 9, 1408)),
        PXELINUX_ACKS_MS.slice(0, count),
        ({ tftp }) => tftp.ack(9),
      );
    const [failed, ...more] = judge(stalls(PXELINUX_ACKS_MS.length)).failed;
    expect(more).toEqual([]);
    expect(failed).toMatchObject({ step: 'tftp.transfer', cause: 'transfer-stalled' });
    expect(failed?.actual).toMatch(/30 repeated ACKs \(.*; the client tries no further$/);
    expect(judge(stalls(20)).client.verdict).toBe('inconclusive');
  });

  it('when it begins anew after it asked twice in vain, or had been given no boot file', () => {
    const anew = readRequests(10, 250)
      .wait(2000)
      .also(({ dhcp }) => dhcp.discover({ xid: 9 }));
    expect(judge(anew).failed[0]).toMatchObject({
      cause: 'tftp-silent',
      actual: expect.stringContaining('; then the client began anew (frame 10)') as string,
    });
    const lost = boot()
      .dhcpRound()
      .wait(20_000)
      .also(({ dhcp }) => dhcp.discover({ xid: 9 }));
    expect(judge(lost).failed[0]).toMatchObject({ cause: 'no-boot-file', frames: [5, 6] });
  });
});

describe('a capture that ends while the client may still go on is inconclusive, and names what is open', () => {
  const open: readonly (readonly [string, BootStory, RegExp])[] = [
    ['three DISCOVERs', discovers(3000, 1000, 2000), /ends right after DISCOVER 3 \(frame 3\), no OFFER yet/],
    ['four that came too fast for any client', discovers(3000, 10, 10, 10), /DISCOVER 4 \(frame 4\), no OFFER yet/],
    ['five read requests', readRequests(10, 250, 500, 1000, 2000), /after read request 5 \(frame 12\), no answer yet/],
    [
      'four ARP requests',
      clientAsksFor(DEAD, 1000, 150, 275, 550),
      /after frame 5, and the client has loaded nothing yet/,
    ],
    [
      'two ARP requests of the server',
      serverAsksForClient(5000, 1024),
      /loaded nothing yet: no server named a boot file/,
    ],
    [
      'iPXE on port 4011, which goes on by what DHCP told it',
      each(boot().pxeRound({}, NAMED).arp(), [10, 250, 500, 1000], ({ dhcp }) => dhcp.askBootServer()),
      /after port 4011 REQUEST 4 \(frame \d+\), no ACK yet/,
    ],
    // The usual filter of DHCP's ports shows no loading: beginning anew proves nothing.
    [
      'a second boot in a capture of DHCP alone',
      boot()
        .dhcpRound(NAMED)
        .wait(20_000)
        .also(({ dhcp }) => dhcp.discover({ xid: 9 })),
      /after DISCOVER \(frame 6\), no OFFER yet/,
    ],
    ['a booted system that asks four times', udhcp(), /after DISCOVER 4 \(frame \d+\), no OFFER yet/],
  ];
  it.each(open)('%s', (_, story, why) => {
    const { client, failed } = judge(story);
    expect([client.verdict, failed.length]).toEqual(['inconclusive', 0]);
    expect(client.why).toMatch(why);
  });

  it('and passed where the boot went through', () => {
    for (const story of [boot().booted(), boot().proxyBoot().pxelinux(), boot().wdsInstall()])
      expect(judge(story).client.verdict).toBe('passed');
  });
});

/** A system that was booted and asks for an address; nobody knows how often it does. */
function udhcp(): BootStory {
  const ask = { xid: 0x77, vendorClass: 'udhcp 1.37.0' };
  return each(boot().proxyBoot().pxelinux(), [3000, 3000, 3000, 3000], ({ dhcp }) => dhcp.ask('discover', ask));
}

describe('what a scenario wants of somebody else’s capture', () => {
  const WDS = wanting(
    ['dhcp.ack'],
    ['proxydhcp.ack'],
    ['tftp.transfer', { path: 'boot/vmlinuz' }],
    ['smb.tree-connect'],
  );

  it('is open where the boot was under way', () => {
    const { client } = judge(boot().proxyBoot().pxelinux(), WDS, { isOpen: true });
    expect(client.verdict).toBe('inconclusive');
    expect(client.why).toMatch(
      /^the capture ends .*, and smb\.tree-connect \(scenario\.yaml:13:3\) has not come yet: capture/,
    );
    expect(client.steps.at(-1)).toMatchObject({
      step: 'smb.tree-connect',
      verdict: 'skipped',
      why: 'not reached: the capture ends before',
    });
  });

  it('has failed where the boot went past it, or the frames contradict it', () => {
    const past = judge(boot().dhcpBoot().loads(['boot/vmlinuz', 2000]), WDS, { isOpen: true });
    expect(failure(past).slice(0, 2)).toEqual(['failed', 'proxydhcp.ack']);
    const other = judge(boot().dhcpBoot(), wanting(['tftp.transfer', { path: 'pxelinux.0', bytes: 1 }], ['dhcp.nak']), {
      isOpen: true,
    });
    expect(failure(other).slice(0, 3)).toEqual(['failed', 'tftp.transfer', 'different-detail']);
    const missing = judge(boot().dhcpBoot().missesFiles('a'), wanting(['tftp.transfer', { path: 'a' }]), {
      isOpen: true,
    });
    expect(missing.client.verdict).toBe('failed');
  });

  it('has failed where the client has given up, and passed where the scenario wants that', () => {
    const silent = discovers(3000, 1000, 2000, 4000);
    expect(failure(judge(silent, WDS, { isOpen: true })).slice(0, 3)).toEqual(['failed', 'dhcp.offer', 'dhcp-silent']);
    const wanted = planOf({ expectFailure: { step: 'dhcp.offer', cause: 'dhcp-silent' } });
    expect(judge(silent, wanted, { isOpen: true }).client.verdict).toBe('passed');
    expect(judge(discovers(3000, 1000), wanted, { isOpen: true }).client.verdict).toBe('inconclusive');
    // Nothing can fail any more.
    expect(failure(judge(boot().booted(), wanted, { isOpen: true })).slice(0, 3)).toEqual([
      ...['failed', 'dhcp.offer', 'failure-missing'],
    ]);
  });

  it('has failed as ever where the end is known: a lab’s own frames', () => {
    expect(judge(boot().proxyBoot().pxelinux(), WDS).client.verdict).toBe('failed');
    expect(
      judge(discovers(3000, 1000, 2000, 4000), planOf({ expectations: expecting(['dhcp.ack']) })).failed[0],
    ).toMatchObject({ step: 'dhcp.ack', cause: 'dhcp-silent' });
  });
});

function judgeAt(frames: readonly Frame[], startUs: number, idleMs = 0): Judged {
  return judge({ frames, startUs }, undefined, { idleMs });
}
