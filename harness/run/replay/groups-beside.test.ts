import { describe, expect, it } from 'vitest';
import { CLIENT, type Host, SERVER, Tape } from '../../observe/testing/scene.ts';
import type { Frame } from '../../packet/frame.ts';
import { IgmpScene } from '../../protocols/igmp/testing/scene.ts';
import { createJudge } from '../../verdict/judge.ts';
import { boot } from '../../verdict/testing/boot-story.ts';
import { recorded } from '../../verdict/testing/captures.ts';

// Kernels speak IGMP whether or not anything boots: boots and failures, each with such words between its frames.

const told = () => boot().dhcpRound({ siaddr: SERVER.ip, bootfile: 'pxelinux.0' }).arp();
const PC = '52:54:00:12:34:56';
const BOOTS: readonly (readonly [name: string, mac: string, frames: readonly Frame[]])[] = [
  ['a WDS installation', CLIENT.mac, boot().wdsInstall().frames],
  ['a boot with PXELINUX', CLIENT.mac, boot().booted().frames],
  ['a boot file that is missing', CLIENT.mac, told().missesFiles('pxelinux.0').frames],
  [
    'a TFTP server that is down',
    CLIENT.mac,
    told().also(({ tftp }) => {
      for (const waitMs of [0, 350, 700, 1000, 2000, 4000, 8000]) tftp.wait(waitMs * 1000).request('pxelinux.0');
    }).frames,
  ],
  ['a configuration that does not come', CLIENT.mac, told().loads(['pxelinux.0', 42_000]).missesFiles('a').frames],
  ['a file that is loaded again and again', CLIENT.mac, boot().dhcpBoot().dhcpBoot().dhcpBoot().frames],
  ['a logon that is refused', CLIENT.mac, boot().booted().controlled().smbLogon(0xc000_006d).frames],
  ['no server at all', '52:54:00:77:00:01', (await recorded('bios-nodhcp')).frames],
  ['no boot file', '52:54:00:77:00:01', (await recorded('bios-nobootfile')).frames],
  ['a boot server that is not there', '52:54:00:77:00:01', (await recorded('bios-wrongserver')).frames],
  ['a TFTP server that is not there', '52:54:00:77:00:01', (await recorded('bios-tftpdown')).frames],
  ['UEFI over HTTP', '52:54:00:77:00:01', (await recorded('efi-http')).frames],
  ['UEFI over IPv6', '52:54:00:77:00:01', (await recorded('efi-v6')).frames],
  ['curl and dnsmasq', PC, (await recorded('tftp-curl-dnsmasq')).frames],
  ['a logon that Samba refuses', PC, (await recorded('smb-refused')).frames],
  ['a logon to Samba, and its files', PC, (await recorded('smb-smbclient-samba')).frames],
];

const GROUPS = ['224.0.0.251', '224.0.0.252', '239.255.255.250', '224.0.0.22', '224.0.0.1', '239.1.2.3'];
/** Words between two frames, one after the other: some wait for an answer that comes late or never. */
const WORDS: readonly ((scene: IgmpScene, host: Host, group: string) => IgmpScene)[] = [
  (scene, host, group) => scene.record(host, group, 'change-to-exclude'),
  (scene) => scene.query({ version: 3 }),
  (scene, host, group) => scene.report(host, group),
  (scene) => scene.query(),
  (scene, host, group) => scene.query({ group, maxRespCode: 10 }),
  (scene, host, group) => scene.leave(host, group),
  (scene, host, group) => scene.record(host, group, 'mode-is-exclude'),
];

/** The frames with words of a host after each that has time behind it, numbered anew. */
function withGroups(frames: readonly Frame[], host: Host): Frame[] {
  let said = 0;
  return frames
    .flatMap((frame, index) => {
      const next = frames[index + 1];
      if (next && next.atUs - frame.atUs < 2) return [frame];
      const tape = new Tape(frame.atUs);
      const group = GROUPS[said % GROUPS.length] ?? '';
      WORDS[said++ % WORDS.length]?.(new IgmpScene(tape), host, group);
      return [frame, ...tape.frames.map((word) => ({ ...word, atUs: frame.atUs + 1 }))];
    })
    .map((frame, index) => ({ ...frame, number: index + 1 }));
}

/** What a replay makes of each client: what happened apart from its groups, without numbers of frames. */
function essence(frames: readonly Frame[], idleUs: number) {
  const judge = createJudge({ linkType: 1, clients: [], openEnd: true, door: {} });
  judge.frames(frames);
  judge.advance((frames.at(-1)?.atUs ?? 0) + idleUs);
  const plain = (text: string | undefined): string | undefined => text?.replaceAll(/\bframes? \d+(, \d+)*/g, 'a frame');
  return judge.finish().map(({ name, mac, firmware, verdict, why, findings = [], phases, steps }) => ({
    ...{ name, mac, firmware, verdict, phases },
    why: plain(why),
    findings: findings.map((one) => plain(JSON.stringify(one))),
    steps: steps
      .filter(({ step }) => !step.startsWith('igmp.'))
      .map(({ step, verdict: of, detail, cause, actual }) => [step, of, detail, cause, plain(actual)]),
  }));
}

describe('what a system says of its groups changes no boot', { timeout: 60_000 }, () => {
  it.each(BOOTS)('%s', (_, mac, frames) => {
    for (const idleUs of [0, 5_000_000, 600_000_000]) {
      const quiet = essence(frames, idleUs);
      for (const host of [
        { mac, ip: CLIENT.ip },
        { mac: '00:1f:29:04:77:0e', ip: '172.22.52.208' },
      ]) {
        const spoken = withGroups(frames, host);
        expect(spoken.length).toBeGreaterThan(frames.length + 5);
        expect(essence(spoken, idleUs)).toEqual(quiet);
      }
    }
  });
});
