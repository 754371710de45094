import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../../reports/result.ts';
import { CLIENT, SERVER } from '../../observe/testing/scene.ts';
import { limitOf } from '../../verdict/end/capture-limit.ts';
import type { Frame } from '../../packet/frame.ts';
import { createJudge } from '../../verdict/judge.ts';
import { boot } from '../../verdict/testing/boot-story.ts';
import { recorded } from '../../verdict/testing/captures.ts';
import {
  begunLate,
  cutTo,
  duplicated,
  endedEarly,
  misdated,
  onlyPorts,
  oneSide,
  withHoles,
} from '../testing/capture-faults.ts';
import { captureVerdict } from './capture-verdict.ts';

// What captures do wrong, done to good boots and to failed ones: a verdict stays, or becomes inconclusive.

const told = () => boot().dhcpRound({ siaddr: SERVER.ip, bootfile: 'pxelinux.0' }).arp();
const SHARED_PORTS = [67, 68, 69, 4011];

const BOOTS: readonly (readonly [name: string, mac: string, frames: readonly Frame[]])[] = [
  ['a WDS installation', CLIENT.mac, boot().wdsInstall().frames],
  ['a boot with PXELINUX', CLIENT.mac, boot().booted().frames],
  ['a boot by DHCP alone', CLIENT.mac, boot().dhcpBoot().pxelinux().guestDhcp().frames],
  ['a boot file that is missing', CLIENT.mac, told().missesFiles('pxelinux.0').frames],
  [
    'a TFTP server that is down',
    CLIENT.mac,
    told().also(({ tftp }) => {
      for (const waitMs of [0, 350, 700, 1000, 2000, 4000, 8000]) tftp.wait(waitMs * 1000).request('pxelinux.0');
    }).frames,
  ],
  [
    'a DHCP server that is silent',
    CLIENT.mac,
    boot().also(({ dhcp }) => {
      for (const waitMs of [0, 1000, 2000, 4000, 8000, 16_000]) dhcp.wait(waitMs * 1000).discover();
    }).frames,
  ],
  [
    'an access that the TFTP server denies',
    CLIENT.mac,
    told().also(({ tftp }) => tftp.next().request('pxelinux.0').error(2, 'Access violation', 'server')).frames,
  ],
  ['curl and dnsmasq', '52:54:00:12:34:56', (await recorded('tftp-curl-dnsmasq')).frames],
  ['a logon that Samba refuses', '52:54:00:12:34:56', (await recorded('smb-refused')).frames],
];

// A chained boot program, and failures over TCP.
const MORE_BOOTS: typeof BOOTS = [
  ['a logon that is refused', CLIENT.mac, boot().booted().controlled().smbLogon(0xc000_006d).frames],
  ['an endpoint that is not mapped', CLIENT.mac, boot().booted().unmapped().frames],
  [
    'iPXE that is offered an address',
    CLIENT.mac,
    told()
      .also(({ tftp }) => tftp.probe('pxelinux.0', 20_000).transfer('pxelinux.0', 20_000))
      .wait(2000)
      .also(({ dhcp }) => dhcp.ask('discover', { xid: 9, userClass: 'iPXE' }).offer({ xid: 9 })).frames,
  ],
  ['a logon to Samba, and its files', '', (await recorded('smb-smbclient-samba')).frames],
  ['impacket and Samba', '', (await recorded('smb-impacket-header-and-tail')).frames],
  ['no server at all', '', (await recorded('bios-nodhcp')).frames],
  ['no boot file', '', (await recorded('bios-nobootfile')).frames],
  ['a boot server that is not there', '', (await recorded('bios-wrongserver')).frames],
  ['a TFTP server that is not there', '', (await recorded('bios-tftpdown')).frames],
];

/** The verdict of a replay; `skipped` for a capture that shows no client, which a replay refuses. */
function verdictOf(frames: readonly Frame[], idleUs = 0): Verdict {
  const judge = createJudge({ linkType: 1, clients: [], openEnd: true, door: {} });
  judge.frames(frames);
  if (idleUs > 0) judge.advance((frames.at(-1)?.atUs ?? 0) + idleUs);
  const clients = judge.finish();
  if (clients.length === 0) return 'skipped';
  const limits = judge.cutFrames > 0 ? 'cut' : limitOf(judge.quality);
  return captureVerdict(clients, { named: false, limits }).verdict;
}

/** Indices all over a capture. */
const places = (frames: readonly Frame[], count: number): number[] => [
  ...new Set(Array.from({ length: count }, (_, i) => 1 + Math.floor((i * (frames.length - 2)) / count))),
];

const FAULTS: Readonly<Record<string, (frames: readonly Frame[], mac: string) => Frame[][]>> = {
  'every frame twice': (frames) => [duplicated(frames), duplicated(frames, { routers: 1, laterUs: 90 })],
  'frames that are cut': (frames) => Array.from({ length: 28 }, (_, i) => cutTo(frames, 34 + 14 * i)),
  'one direction': (frames, mac) => [oneSide(frames, mac, 'sent'), oneSide(frames, mac, 'received')],
  'some ports': (frames) => [onlyPorts(frames, SHARED_PORTS), onlyPorts(frames, [67, 68]), onlyPorts(frames, [69])],
  'a late begin': (frames) => places(frames, 40).map((at) => begunLate(frames, at)),
  'an early end': (frames) => places(frames, 40).map((at) => endedEarly(frames, at)),
  'a frame by a wrong clock': (frames) =>
    places(frames, 20).flatMap((at) => [misdated(frames, at), misdated(frames, at, 1, -3_600_000_000)]),
  'a clock that is set': (frames) =>
    places(frames, 8).map((at) => misdated(frames, at, frames.length, -86_400_000_000)),
};

/** How long nothing comes after the end, microseconds: no time, and longer than every wait. */
const SILENCES_US = [0, 600_000_000];

/** Whether a fault of the capture has made another verdict of one that it can only leave open. */
const isWrong = (without: Verdict, withFault: Verdict): boolean =>
  withFault !== without && withFault !== 'inconclusive' && withFault !== 'skipped';

describe('a verdict stays or becomes inconclusive, whatever the capture does wrong', { timeout: 60_000 }, () => {
  const counted = { tried: 0, kept: 0, wrong: [] as string[] };

  it.each(Object.entries(FAULTS))('%s', (fault, faulty) => {
    for (const [name, mac, frames] of BOOTS) {
      for (const idleUs of fault === 'an early end' ? [0] : [0, 200_000_000]) {
        const without = verdictOf(frames, idleUs);
        for (const [index, some] of faulty(frames, mac).entries()) {
          if (some.length === 0) continue;
          const withFault = verdictOf(some, idleUs);
          counted.tried += 1;
          if (withFault === without) counted.kept += 1;
          if (isWrong(without, withFault)) counted.wrong.push(`${name}, ${fault} ${index}: ${without} → ${withFault}`);
        }
      }
    }
    // Each kind by itself: not one in a hundred.
    const ofKind = counted.wrong.filter((one) => one.includes(fault));
    expect(ofKind, ofKind.join('\n')).toHaveLength(0);
  });

  it('in all, and most of them stay', () => {
    expect(counted.tried).toBeGreaterThan(1900);
    expect(counted.wrong.length / counted.tried).toBeLessThan(0.01);
    expect(counted.kept / counted.tried).toBeGreaterThan(0.4);
  });

  it('of boots that pass and of boots that fail', () => {
    expect(new Set(BOOTS.map(([, , frames]) => verdictOf(frames, 200_000_000)))).toEqual(
      new Set(['passed', 'failed', 'inconclusive']),
    );
  });
});

describe('one frame is lost, and then nothing comes for minutes', { timeout: 60_000 }, () => {
  const counted = { tried: 0, kept: 0, wrong: [] as string[] };

  it.each([...BOOTS, ...MORE_BOOTS])('%s', (name, _mac, frames) => {
    for (const idleUs of SILENCES_US) {
      const without = verdictOf(frames, idleUs);
      for (const at of places(frames, 18)) {
        const withFault = verdictOf(
          withHoles(frames, (index) => index === at),
          idleUs,
        );
        counted.tried += 1;
        if (withFault === without) counted.kept += 1;
        if (isWrong(without, withFault))
          counted.wrong.push(`${name}, frame ${at + 1}, ${idleUs}: ${without} → ${withFault}`);
      }
    }
  });

  it('and not one verdict in a hundred turns; most stay', () => {
    expect(counted.tried).toBeGreaterThan(500);
    expect(counted.wrong.length / counted.tried, counted.wrong.join('\n')).toBeLessThan(0.01);
    expect(counted.kept / counted.tried).toBeGreaterThan(0.85);
  });
});
