import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCaptureWriter } from '#tcpdump-wrapper';
import { expect, it } from 'vitest';
import type { Frame } from '../../packet/frame.ts';
import { planScenarios } from '../../plan/scenarios.ts';
import { HttpScene } from '../../protocols/http/testing/scene.ts';
import { loadScenarios } from '../../scenario/load-scenarios.ts';
import { boot } from '../../verdict/testing/boot-story.ts';
import { replayCapture } from './replay.ts';

const SCENARIO = `
name: HTTP on a port of its own
clients: [{ name: pc, firmware: bios, mac: 00:11:11:80:d2:92 }]
services: { dhcp: {}, tftp: {}, http: { port: 8123, root: boot-files/wds } }
`;

/** Summaries of the frames of a story, as `replay --frames` shows them. */
async function summaries(frames: readonly Frame[], scenarioText: string): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'pxewright-test-'));
  try {
    const file = join(folder, 'capture.pcap');
    const writer = await createCaptureWriter(file, { linkType: 1, format: 'pcap' });
    for (const frame of frames) writer.write(frame);
    await writer.close();
    const scenarioFile = join(folder, 'scenario.yaml');
    await writeFile(scenarioFile, scenarioText);
    const [plan] = (await loadScenarios([scenarioFile])).flatMap((scenario) => planScenarios(scenario));
    const { scenarios } = await replayCapture(file, plan, { frames: true });
    return (scenarios[0]?.frames ?? []).map(({ summary }) => summary);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
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
