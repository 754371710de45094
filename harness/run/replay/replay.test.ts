import { mkdtemp, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCaptureWriter } from '#tcpdump-wrapper';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Frame } from '../../packet/frame.ts';
import { planScenarios } from '../../plan/scenarios.ts';
import { HttpScene } from '../../protocols/http/testing/scene.ts';
import { loadScenarios } from '../../scenario/load-scenarios.ts';
import { boot } from '../../verdict/testing/boot-story.ts';
import { reportError } from '../../cli/report-error.ts';
import { CLIENT, Scene, SERVER } from '../../observe/testing/scene.ts';
import { cutTo, duplicated, misdated, onlyPorts, oneSide, withHoles } from '../testing/capture-faults.ts';
import { replayCapture } from './replay.ts';
import { accounted } from './testing/accounted.ts';

const SCENARIO = `
name: HTTP on a port of its own
clients: [{ name: pc, firmware: bios, mac: 00:11:11:80:d2:92 }]
services: { dhcp: {}, tftp: {}, http: { port: 8123, root: boot-files/wds } }
`;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pxewright-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A capture file with these frames; of each `bytes` at most. */
async function captured(frames: readonly Frame[], bytes = Number.MAX_SAFE_INTEGER): Promise<string> {
  const file = join(folder, 'capture.pcap');
  const writer = await createCaptureWriter(file, { linkType: 1, format: 'pcap' });
  for (const frame of frames) writer.write(frame, Math.min(bytes, frame.bytes.length));
  await writer.close();
  return file;
}

/** Summaries of the frames of a story, as `replay --frames` shows them. */
async function summaries(frames: readonly Frame[], scenarioText: string): Promise<readonly string[]> {
  const file = await captured(frames);
  const scenarioFile = join(folder, 'scenario.yaml');
  await writeFile(scenarioFile, scenarioText);
  const [plan] = (await loadScenarios([scenarioFile], { judgesCapture: true })).flatMap((scenario) =>
    planScenarios(scenario),
  );
  const { scenarios } = await accounted(file, plan);
  return (scenarios[0]?.frames ?? []).map(({ summary }) => summary);
}

it('reads HTTP on the port that the scenario gives its server, and TFTP on the ports that a transfer chose', async () => {
  const { frames } = boot().also(({ tape, tftp }) => {
    tftp.next().request('a').lockstep(1, 2, 512);
    new HttpScene(tape, 8123).connect().get('/a').respond('200 OK', ['Content-Length: 5'], 'hello');
  });
  const shown = (await summaries(frames, SCENARIO)).filter((summary) => /^(TFTP|HTTP)/.test(summary));
  expect(shown).toEqual([
    'TFTP read request a octet',
    'TFTP data block 1, 512 bytes',
    'TFTP ack block 1',
    'TFTP data block 2, 512 bytes',
    'TFTP ack block 2',
    'HTTP GET /a HTTP/1.1',
    'HTTP HTTP/1.1 200 OK',
  ]);
});

describe('a file in which there is nothing to judge is unusable input, and the message says what it holds', () => {
  const noise = (): Frame[] => {
    const scene = new Scene();
    for (let i = 0; i < 5; i++) scene.raw(Uint8Array.from({ length: 80 }, (_, at) => (at * 37 + i) & 0xff));
    return scene.frames;
  };
  const files: readonly (readonly [string, () => Promise<string>, RegExp])[] = [
    ['no frame at all', () => captured([]), /expected the frames of a PXE client, got a capture without any frame/],
    ['frames of no protocol', () => captured(noise()), /got 5 frames of which none is IP or ARP/],
    [
      'hosts that do not boot',
      () =>
        captured(
          boot()
            .arp()
            .also(({ link, client }) =>
              link.udp({ ...client, port: 5353 }, { ...client, port: 5353 }, noise()[0]?.bytes ?? new Uint8Array()),
            )
            .frames.slice(2),
        ),
      /got 1 frame and in none of them a DHCP request, a TFTP read request or a logon/,
    ],
    [
      'DHCP that is cut before it says what it is',
      () =>
        captured(
          boot()
            .dhcpRound()
            .frames.map((frame) => ({ ...frame, bytes: frame.bytes.subarray(0, 120) })),
        ),
      /got \d+ frames, of which \d+ were cut while they were captured \(snap length\), .*capture whole frames: tcpdump -s 0$/,
    ],
    [
      'an end in its first frame',
      async () => {
        const file = await captured(boot().dhcpBoot().frames);
        await truncate(file, 100);
        return file;
      },
      /cut in its first frame: a record needs \d+ bytes but only 76 remain/,
    ],
    [
      'noise',
      async () => {
        const file = join(folder, 'noise');
        await writeFile(file, 'This is no capture. '.repeat(40));
        return file;
      },
      /expected the magic number of a pcap or pcapng capture, got 0x/,
    ],
  ];
  it.each(files)('%s', async (_, fileOf, message) => {
    const file = await fileOf();
    const error: unknown = await replayCapture(file).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ message: expect.stringMatching(message) as string });
    expect((error as Error).message).toContain(file);
    expect(reportError(error)).toBe(3);
  });
});

describe('the reason of a replay', () => {
  const story = boot().dhcpRound({ siaddr: SERVER.ip, bootfile: 'gone.0' }).missesFiles('gone.0', 'gone.1');

  it("is its client's, as in a live run", async () => {
    const { scenarios } = await replayCapture(await captured(story.frames));
    expect(scenarios[0]?.why).toMatch(/^tftp.error: .+/);
    expect(scenarios[0]?.why).toBe(scenarios[0]?.clients[0]?.why);
  });

  it("names what limits the verdict before its client's", async () => {
    const file = await captured(story.frames);
    await truncate(file, (await stat(file)).size - 20);
    const { scenarios } = await replayCapture(file);
    expect(scenarios[0]?.why).toMatch(/^the capture is truncated: .*; tftp.error: .+/);
  });
});

describe('a capture that is not whole does not pass', () => {
  const good = boot().booted().frames;

  it('but a whole one does', async () => {
    const { verdict, scenarios } = await replayCapture(await captured(good));
    expect([verdict, scenarios[0]?.why]).toEqual(['passed', undefined]);
  });

  it('when it ends in the middle of a record', async () => {
    const file = await captured(good);
    await truncate(file, (await stat(file)).size - 20);
    const { verdict, scenarios } = await replayCapture(file);
    expect(verdict).toBe('inconclusive');
    expect(scenarios[0]?.why).toMatch(
      new RegExp(`the capture is truncated: .*; the verdict covers the ${good.length - 1} frames before`),
    );
  });

  it('when a snap length cut its frames', async () => {
    const { verdict, scenarios } = await replayCapture(await captured(good, 96));
    expect(verdict).toBe('inconclusive');
    expect(scenarios[0]?.why).toMatch(/\d+ of \d+ frames were cut while they were captured \(snap length\)/);
  });

  it.each([
    [
      'before any file was loaded',
      boot().dhcpRound({ bootfile: 'pxelinux.0' }),
      'right after frame 5, and the client has loaded nothing yet',
    ],
    ['before an answer', boot().offered(), 'right after DISCOVER 2 (frame 2), no REQUEST yet'],
    [
      'in the middle of a file',
      boot()
        .dhcpBoot()
        .also(({ tftp }) => tftp.next().request('boot/vmlinuz').lockstep(1, 5, 512)),
      'before “boot/vmlinuz” was loaded to its end',
    ],
  ])('when the boot stops %s', async (_, story, open) => {
    const { verdict, scenarios } = await replayCapture(await captured(story.frames));
    const why = `the capture ends ${open}: capture until the client gives up, or until its system runs`;
    expect([verdict, scenarios[0]?.why, scenarios[0]?.clients[0]?.why]).toEqual(['inconclusive', why, why]);
  });
});

describe('a capture says what is wrong with itself, and how to do better', () => {
  const good = boot().booted().frames;
  const block = good.findIndex(({ originalLength }) => originalLength > 1400);
  const faulty: readonly (readonly [string, readonly Frame[], string, RegExp])[] = [
    [
      'duplicated',
      duplicated(good),
      'passed',
      /^\d+ frames are in the capture again \(frame 2 is frame 1\).*on one interface/,
    ],
    ['clock-step', misdated(good, 20), 'passed', /^the capture has 1 frame with a time that no other confirms/],
    ['cut', cutTo(good, 96), 'inconclusive', /frames of clients were cut.*tcpdump -s 0/],
    ['one-sided', oneSide(good, CLIENT.mac, 'sent'), 'inconclusive', /holds one direction only: frame \d+ answers/],
    ['filtered', onlyPorts(good, [67, 68, 69, 4011]), 'inconclusive', /a filter left the transfers out.*ether host/],
    [
      'gap',
      withHoles(good, (index) => index === block),
      'passed',
      /^frame \d+ shows that frames before it are missing/,
    ],
  ];

  it.each(faulty)('%s', async (kind, frames, verdict, what) => {
    const { scenarios } = await replayCapture(await captured(frames));
    const flaw = scenarios[0]?.capture?.quality?.find((one) => one.kind === kind);
    expect(flaw?.what).toMatch(what);
    expect(flaw?.frames).toBeGreaterThan(0);
    expect([
      scenarios[0]?.verdict,
      scenarios[0]?.clients[0]?.steps.filter((step) => step.verdict === 'failed'),
    ]).toEqual([verdict, []]);
  });

  it('and says nothing of one that is whole', async () => {
    const { scenarios } = await replayCapture(await captured(good));
    expect(scenarios[0]?.capture).not.toHaveProperty('quality');
  });
});
