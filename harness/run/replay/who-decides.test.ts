import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createCaptureWriter } from '#tcpdump-wrapper';
import { describe, expect, it } from 'vitest';
import { findings } from '../../../reports/findings.ts';
import { temporaryFolder } from '../../../reports/testing/temporary-folder.ts';
import type { ScenarioResult } from '../../../reports/result.ts';
import { reportError } from '../../cli/report-error.ts';
import { CLIENT, type Host } from '../../observe/testing/scene.ts';
import { STATUS } from '../../protocols/smb/testing/scene.ts';
import { roomOfStep } from '../../protocols/rooms.ts';
import { boot, BootStory } from '../../verdict/testing/boot-story.ts';
import { replayCapture, type ReplayOptions } from './replay.ts';

/** Another host on the same network. */
const OFFICE: Host = { mac: '00:11:11:80:d2:93', ip: '172.22.52.223' };

async function replayed(story: BootStory, options: ReplayOptions = {}): Promise<ScenarioResult> {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'capture.pcap');
  const writer = await createCaptureWriter(file, { linkType: 1, format: 'pcap' });
  for (const frame of story.frames) writer.write(frame, frame.bytes.length);
  await writer.close();
  const [scenario] = (await replayCapture(file, undefined, options)).scenarios;
  if (scenario === undefined) throw new Error('expected the result of one replay, got none');
  return scenario;
}

/** A host that has an address, and whose logon is refused. */
const office = (story = boot()): BootStory => {
  const windows = { xid: 5, vendorClass: 'MSFT 5.0' };
  new BootStory(story.tape, OFFICE)
    .also(({ dhcp }) => dhcp.ask('discover', windows).offer(windows).ask('request', windows).grant(windows))
    .smbLogon(STATUS.logonFailure);
  return story;
};
/** The same beside a client that boots. */
const mixed = (): BootStory => office(boot().booted());

describe('who decides the verdict of a capture', () => {
  it('is who boots: the refused logon of another host is no failed boot', async () => {
    const scenario = await replayed(mixed());
    expect(scenario.verdict).toBe('passed');
    expect(scenario.clients.map(({ mac, verdict, booting }) => [mac, verdict, booting])).toEqual([
      [CLIENT.mac, 'passed', undefined],
      [OFFICE.mac, 'failed', false],
    ]);
    expect(findings(scenario)).toEqual([]);
  });

  it('is nobody, where no host boots: inconclusive, with the reason and without findings', async () => {
    const scenario = await replayed(office());
    expect(scenario).toMatchObject({
      verdict: 'inconclusive',
      why: expect.stringMatching(
        /^no host in this capture boots over the network \(1 host; none has a PXEClient.*judge one of them with --client; judged by itself: 1 failed$/,
      ) as string,
    });
    expect(findings(scenario)).toEqual([]);
  });

  it('is the one whose MAC address is asked for, and that alone', async () => {
    const scenario = await replayed(mixed(), { client: OFFICE.mac.toUpperCase() });
    expect(scenario.clients.map(({ mac }) => mac)).toEqual([OFFICE.mac]);
    expect(scenario.verdict).toBe('failed');
    expect(findings(scenario)).toMatchObject([{ step: { step: 'smb.session-setup' } }]);
  });

  it('cannot be one that the capture does not have: unusable input', async () => {
    const error: unknown = await replayed(mixed(), { client: '52:54:00:00:00:09' }).catch((reason: unknown) => reason);
    expect((error as Error).message).toContain(
      `expected the MAC or IP address of a client of this capture (${CLIENT.mac}, ${OFFICE.mac}), got 52:54:00:00:00:09`,
    );
    expect(reportError(error)).toBe(3);
  });
});

describe('a capture of software that is not ours', async () => {
  const folder = join(import.meta.dirname, '../../observe/testdata');
  const files = (await readdir(folder)).filter((name) => name.endsWith('.pcap')).sort();

  it.each(files)('%s passes only where nothing that a boot needs is unfinished', async (name) => {
    const { verdict, why, clients } = (await replayCapture(join(folder, name))).scenarios[0] ?? { clients: [] };
    const open = clients
      .filter(({ booting }) => booting !== false)
      .flatMap(({ steps }) => steps.filter(({ step }) => /\.(unfinished|abandoned)$/.test(step)))
      .filter(({ step }) => roomOfStep(step)?.incidental !== true);
    if (verdict === 'passed') expect(open).toEqual([]);
    else expect(why).toBeTruthy();
  });

  it('is judged as it ends', async () => {
    const verdicts = await Promise.all(
      files.map(
        async (name) => [name.replace('.pcap', ''), (await replayCapture(join(folder, name))).verdict] as const,
      ),
    );
    expect(Object.fromEntries(verdicts)).toEqual({
      'bios-nobootfile': 'failed',
      'bios-nodhcp': 'failed',
      'bios-proxy': 'failed',
      'bios-tftp-any': 'passed',
      'bios-tftp-singleport': 'passed',
      'bios-tftpdown': 'failed',
      'bios-wrongserver': 'failed',
      // Nobody answers iPXE, which HTTP loaded.
      'efi-http': 'failed',
      // Its data is on ports that the filter let nothing through of.
      'efi-tftp-portfilter': 'inconclusive',
      'efi-v6': 'passed',
      'one-frame-an-hour-ahead': 'passed',
      // It ends during a round for an address.
      'relay-at-server': 'inconclusive',
      'sll-tftp-only': 'passed',
      // One round for an address, and no more.
      'dhcp-dnsmasq': 'inconclusive',
      // Programs that log on and load by HTTP, and boot nothing.
      'http-curl-python': 'inconclusive',
      'kerberos-refusals': 'inconclusive',
      'kerberos-skew': 'inconclusive',
      'kerberos-smbclient': 'inconclusive',
      'smb-impacket-encrypted': 'inconclusive',
      'smb-refused': 'inconclusive',
      'smb-refused-by-directory': 'inconclusive',
      // Those look at a WIM, and those load by TFTP.
      'smb-impacket-header-and-tail': 'passed',
      'smb-smbclient-samba': 'passed',
      'tftp-curl-dnsmasq': 'passed',
    });
  });
});
