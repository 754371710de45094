import { mkdtemp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HOSTILE, hostileResult } from '../testing/hostile.ts';
import {
  failedBoot,
  goodBoot,
  mixedResult,
  sampleClient,
  sampleResult,
  sampleScenario,
  sampleStep,
} from '../testing/sample-results.ts';
import { sampleFrame, writeSampleRun } from '../testing/sample-run.ts';
import { cspHash, jsonForScript } from './embed.ts';
import { htmlPage, pageData, writeHtmlReport } from './html.ts';
import type { PageData } from './page-types.ts';
import { viewerScript } from './viewer-script.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pxewright-html-'));
  await writeSampleRun(folder, mixedResult());
});
afterAll(() => rm(folder, { recursive: true }));

/** The data island of a page, as a browser's parser would cut it out. */
function dataOf(page: string): PageData {
  return JSON.parse(
    /<script type="application\/json" id="page-data">(.*?)<\/script>/s.exec(page)?.[1] ?? '',
  ) as PageData;
}

test('the page carries result and evidence, and its policy names the very style and script in it', async () => {
  const page = await readFile(await writeHtmlReport(mixedResult(), folder), 'utf8');
  const { result, evidence } = dataOf(page);
  expect(result).toEqual(mixedResult());
  expect(evidence[0]?.frames.find(({ number }) => number === 11)?.layers.at(-1)?.fields).toContainEqual({
    name: 'bootfile',
    value: 'boot\\x86\\wdsnbp.com',
  });
  expect(evidence[0]?.screenshots.map(({ dataUri }) => dataUri?.slice(0, 30))).toEqual(
    Array(2).fill('data:image/png;base64,iVBORw0K'),
  );
  expect(evidence[0]?.clientLogs['pc']?.[0]?.text).toMatch(/^SeaBIOS .*\niPXE/);
  expect(evidence[0]?.serviceLogs.map(({ title }) => title)).toEqual(['dhcp@host-1', 'tftp@host-207']);
  expect(evidence.map(({ captureHref }) => captureHref)).toContain('./pxe-wrong-bootfile/capture.pcap');
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain(`script-src ${cspHash(/<script>(.*?)<\/script>/s.exec(page)?.[1] ?? '')}`);
  expect(policy).toContain(`style-src ${cspHash(/<style>(.*?)<\/style>/s.exec(page)?.[1] ?? '')}`);
  expect(page.replace(/<script.*?<\/script>/gs, '')).not.toMatch(/(?:src|href)="(?!data:)/);
});

test('hostile text cannot end the data island or add markup', async () => {
  const page = await htmlPage(await pageData(hostileResult(), folder));
  expect(page.match(/<\/script>/g)).toHaveLength(2);
  expect(page.replace(/<script>.*<\/script>/s, '').match(/<img/g)).toBeNull();
  expect(page).not.toMatch(/[\u2028\u2029]/);
  expect(dataOf(page).result.scenarios[0]?.name).toBe(HOSTILE);
  expect(JSON.parse(jsonForScript(HOSTILE))).toBe(HOSTILE);
});

test('files outside the run are not read, missing ones are notes', async () => {
  await writeFile(join(folder, '..', 'outside.png'), 'x').catch(() => undefined);
  const scenario = sampleScenario({
    capture: { file: 'gone/capture.pcap', frames: 1, dropped: 0 },
    clients: [
      sampleClient({
        serialLog: '/etc/hostname',
        screenshots: [
          { file: '../../etc/hostname', atMs: 0, title: 'out' },
          { file: 'gone/a.png', atMs: 0, title: 'gone' },
        ],
      }),
    ],
  });
  const { evidence } = await pageData(sampleResult([scenario]), folder);
  expect(evidence[0]?.notes).toEqual([
    'serial log of pc is missing: /etc/hostname',
    'frames.json is missing: steps are shown without their decoded frames',
  ]);
  expect(evidence[0]?.screenshots.map(({ note, dataUri }) => [note, dataUri])).toEqual([
    ['lies outside the run folder', undefined],
    ['is missing', undefined],
  ]);
  await rm(join(folder, '..', 'outside.png'), { force: true });
});

test('the log of a played client, which is its console and its agent in one, is shown once', async () => {
  const scenario = sampleScenario({
    id: 'played',
    clients: [sampleClient({ nic: 'none', serialLog: 'played/agent-pc.jsonl' })],
  });
  await mkdir(join(folder, 'played'));
  await writeFile(join(folder, 'played/agent-pc.jsonl'), '{"event":"client.ready"}\n');
  const { evidence } = await pageData(sampleResult([scenario]), folder);
  expect(evidence[0]?.clientLogs['pc']?.map(({ title, text }) => [title, text])).toEqual([
    ['agent', '{"event":"client.ready"}\n'],
  ]);
});

test('what is too large is cut, failed evidence kept, and the page says so', async () => {
  const scenario = failedBoot();
  const client = scenario.clients[0] ?? sampleClient();
  const failing = client.steps.find(({ verdict }) => verdict === 'failed') ?? sampleStep();
  const many = {
    ...scenario,
    id: 'big',
    capture: { file: 'big/capture.pcap', frames: 9, dropped: 0 },
    clients: [
      {
        ...client,
        serialLog: 'big/serial.log',
        screenshots: [{ file: 'big/huge.png', atMs: 0, title: 'huge' }],
        steps: [...Array.from({ length: 20_500 }, (_, n) => sampleStep({ frames: [n + 20] })), failing],
      },
    ],
  };
  await mkdir(join(folder, 'big'));
  await writeFile(join(folder, 'big/serial.log'), `${'boot line\n'.repeat(20_000)}last`);
  await writeFile(join(folder, 'big/huge.png'), Buffer.alloc(3e6));
  await writeFile(
    join(folder, 'big/frames.json'),
    JSON.stringify({
      frames: [
        ...Array.from({ length: 3500 }, (_, n) => ({
          ...sampleFrame(n + 20, 0, 'dhcp.ack', {}),
          hex: 'ab'.repeat(1600),
        })),
        sampleFrame(9, 0, 'tftp.error', { code: 1 }),
        sampleFrame(10, 0, 'tftp.error', { code: 1 }),
      ],
    }),
  );
  const { result, evidence } = await pageData(sampleResult([many]), folder);
  const page = evidence[0];
  expect(result.scenarios[0]?.clients[0]?.steps).toHaveLength(20_001);
  expect(page?.frames.slice(0, 2).map(({ number }) => number)).toEqual([9, 10]);
  expect(JSON.stringify(page?.frames).length).toBeLessThan(13e6);
  expect(page?.notes.join('\n')).toMatch(/decoded frames of 3502 left out.*\n.*500 of 20501 steps left out/);
  expect(page?.clientLogs['laptop']?.[0]).toMatchObject({
    title: 'serial console',
    text: expect.stringMatching(/^boot line\n[^]*last$/) as string,
  });
  expect(page?.clientLogs['laptop']?.[0]?.omittedBytes).toBeGreaterThan(130_000);
  expect(page?.screenshots[0]?.note).toBe('3.00 MB: too large to embed');
});

test('empty results and scenarios without clients make a page', async () => {
  for (const result of [sampleResult([]), sampleResult([sampleScenario({ clients: [] })]), sampleResult([goodBoot()])])
    expect(dataOf(await htmlPage(await pageData(result, folder))).result).toEqual(result);
});

test('the viewer is one classic script that may stand in a page, without modules or eval', async () => {
  const script = await viewerScript();
  expect(() => new Script(script)).not.toThrow();
  expect(script.match(/<\/script|<!--|\beval\(|new Function\b/gi)).toBeNull();
});

test('the viewer never makes markup from text', async () => {
  // Preact itself knows dangerouslySetInnerHTML, so sources are searched and not the script.
  const folder = join(import.meta.dirname, '../viewer');
  const sources = (await readdir(folder)).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  expect(sources).toContain('main.ts');
  for (const name of sources)
    expect(await readFile(join(folder, name), 'utf8'), name).not.toMatch(
      /innerHTML|dangerouslySet|document\.write|insertAdjacentHTML/,
    );
});
