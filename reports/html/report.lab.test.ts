import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, afterEach, expect, test } from 'vitest';
import type { Result } from '../result.ts';
import { HOSTILE, hostileResult } from '../testing/hostile.ts';
import {
  failedBoot,
  goodBoot,
  mixedResult,
  sampleClient,
  sampleResult,
  sampleScenario,
  sampleStep,
  sampleTransfer,
  severalFindings,
} from '../testing/sample-results.ts';
import { writeSampleRun } from '../testing/sample-run.ts';
import { writeHtmlReport } from './html.ts';

// The report in a real browser, from file://, as a person opens it from a CI artefact.

const ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

let folder = '';
let browser: BrowserContext;
let page: Page;
let noise: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pxewright-report-'));
  browser = await chromium.launchPersistentContext(join(folder, 'profile'), {
    executablePath: '/usr/bin/chromium',
    args: ARGS,
    headless: true,
  });
});
afterAll(async () => {
  await browser.close();
  await rm(folder, { recursive: true });
});

beforeEach(async () => {
  noise = [];
  page = await browser.newPage();
  page.on('console', (message) => noise.push(`console ${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => noise.push(`error: ${error.message}`));
  page.on('request', (request) => {
    if (!/^data:/.test(request.url()) && !request.url().startsWith(pathToFileURL(folder).href))
      noise.push(`request: ${request.url()}`);
  });
});
// For every test: no message on the console, no exception, no request other than for the file itself.
afterEach(async () => {
  await page.close();
  expect(noise).toEqual([]);
});

async function openReport(name: string, result: Result, hash = ''): Promise<void> {
  const at = join(folder, name);
  await writeSampleRun(at, result);
  await page.goto(`${pathToFileURL(await writeHtmlReport(result, at)).href}${hash}`);
  await page.waitForSelector('main');
}

test('opens on what failed: reason, expected and actual before anything else', async () => {
  await openReport('mixed', mixedResult());
  expect(await page.title()).toBe('error: 1 error, 1 failed, 1 skipped, 2 passed – pxewright');
  expect(await page.textContent('main h2')).toBe('UEFI client fetches ipxe.efi');
  expect(await page.textContent('.failure .expected p')).toBe('the whole of ipxe.efi by TFTP');
  expect(await page.textContent('.failure .actual p')).toContain('ERROR code 1');
  expect(await page.textContent('header')).toContain('the canary boot under kvm did not print');
});

test('a step opens to its decoded frame, and pointing at a layer marks its bytes', async () => {
  await openReport('mixed', mixedResult(), '#0');
  await page.click('.row:has-text("proxydhcp.ack")');
  expect(await page.textContent('.frame[open] .layers')).toContain('boot\\x86\\wdsnbp.com');
  expect(await page.textContent('.frame[open] .hex')).toMatch(/0000.*52 54 00 00 02 07/);
  await page.hover('.layer summary:has-text("ethernet")');
  expect(await page.locator('.hex code .marked').count()).toBe(14);
  await page.click('.row:has-text("proxydhcp.ack")');
  expect(await page.locator('.frame').count()).toBe(0);
});

test('filters narrow scenarios by verdict and text, and steps by words', async () => {
  await openReport('mixed', mixedResult());
  await page.click('.chip.passed');
  expect(await page.locator('.pick').allInnerTexts()).toHaveLength(2);
  await page.fill('input[aria-label="Filter scenarios"]', 'wds install');
  expect(await page.locator('.pick-name').allInnerTexts()).toEqual(['WDS install on a BIOS client']);
  await page.click('.pick');
  await page.fill('input[aria-label="Filter steps"]', 'ntlm');
  expect(await page.locator('.row .name').allInnerTexts()).toEqual([
    'ntlm.negotiate',
    'ntlm.challenge',
    'ntlm.authenticate',
    'rpc.alter-context',
  ]);
});

test('figures, screenshots, logs and commands of a good boot are there', async () => {
  await openReport('good', sampleResult([goodBoot()]));
  const text = await page.innerText('main');
  for (const part of [
    'Transfers',
    '90.0 MB/s',
    'Phases',
    '8.77 s',
    'Guest',
    '1204 paths',
    'Run it again',
    'Time spent in pxewright itself',
    'teardown',
    'dhcp@host-1',
  ])
    expect(text).toContain(part);
  expect(
    await page.evaluate('[...document.querySelectorAll(".shots img")].map((image) => image.naturalWidth)'),
  ).toEqual([360, 360]);
  await page.click('summary:has-text("serial console")');
  expect(await page.textContent('.log[open] pre')).toContain('iPXE (http://ipxe.org)');
  await page.click('summary:has(b:text-is("Command"))');
  expect(await page.innerText('.log[open] .command pre')).toContain("-drive 'file=disk pc.qcow2,if=none");
});

test('three reads of one image are told apart, and a result of an earlier version has no operation', async () => {
  const image = { protocol: 'smb', path: 'Images\\Linux\\sample.wim' } as const;
  const transfers = [
    sampleTransfer({ ...image, operation: 'read-begin', bytes: 65_536 }),
    sampleTransfer({ ...image, operation: 'read-end', bytes: 65_536 }),
    sampleTransfer({ ...image, operation: 'read-bulk', bytes: 67_108_864 }),
    sampleTransfer({ path: 'vmlinuz', operation: 'get' }),
    sampleTransfer({ path: 'earlier' }),
  ];
  await openReport('reads', sampleResult([sampleScenario({ clients: [sampleClient({ transfers })] })]));
  expect(await page.locator('.transfers thead th').nth(1).innerText()).toBe('operation');
  expect(await page.locator('.transfers tbody tr > :nth-child(2)').allInnerTexts()).toEqual([
    'read-begin',
    'read-end',
    'read-bulk',
    'get',
    '–',
  ]);
});

test('several findings of several clients are all shown, each with its client, who is a click away', async () => {
  await openReport('several', sampleResult([severalFindings()]));
  const shown = (await page.locator('.failure').allInnerTexts()).map((text) => text.replace(/\s+/g, ' '));
  expect(shown.map((text) => /alpha|beta|gamma/.exec(text)?.[0])).toEqual(['alpha', 'alpha', 'alpha', 'beta', 'beta']);
  expect(shown.join()).toMatch(/the lease.*fell silent.*the agent in the guest.*3 files.*does not boot by itself/);
  await page.click('.failure:has-text("3 files") button');
  expect(await page.textContent('.client-pick[aria-pressed=true]')).toContain('beta');
});

test('a negative scenario reads as a pass', async () => {
  await openReport('mixed', mixedResult(), '#4');
  expect(await page.textContent('.callout.passed')).toBe('failed as expected: tftp.transfer (boot-file-missing)');
});

test('everything is reachable by keyboard', async () => {
  await openReport('mixed', mixedResult());
  const active = (): Promise<string> =>
    page.evaluate('document.activeElement.textContent || document.activeElement.getAttribute("aria-label")');
  await page.keyboard.press('Tab');
  expect(await active()).toBe('Skip to the scenario');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  for (let tabs = 0; tabs < 12 && !(await active()).includes('Show the step'); tabs += 1)
    await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.step.failed.open .frame[open]');
  await page.waitForFunction('document.activeElement.matches(".step.failed .row")');
  await page.keyboard.press('ArrowUp');
  expect(await active()).toContain('tftp.read-request');
  await page.keyboard.press('Space');
  expect(await page.getAttribute('.row:focus', 'aria-expanded')).toBe('true');
  expect(await page.evaluate('location.hash')).toBe('#1.0.5');
});

test('hostile text is shown as text; nothing of it runs', async () => {
  await openReport('hostile', hostileResult());
  await page.click('.row');
  await page.evaluate('document.querySelectorAll("details").forEach((part) => { part.open = true; })');
  expect(await page.evaluate('globalThis.pwned')).toBeUndefined();
  expect(await page.locator('img, script[src], iframe, object, embed').count()).toBe(0);
  const visible = HOSTILE.slice(0, 40);
  expect(await page.textContent('main h2')).toContain(visible);
  expect(await page.textContent('.step-detail')).toContain(visible);
  expect(
    await page.evaluate('[...document.links].map((link) => link.protocol).filter((protocol) => protocol !== "file:")'),
  ).toEqual([]);
});

test('ten thousand steps open without drawing them all, and the last one can be found', async () => {
  const steps = Array.from({ length: 10_000 }, (_, n) =>
    sampleStep({ step: 'tftp.read-request', atMs: n, frames: [n + 1], detail: { path: `file-${n}` } }),
  );
  await openReport(
    'many',
    sampleResult([
      sampleScenario({
        clients: [
          sampleClient({
            steps: [...steps, ...(failedBoot().clients[0]?.steps.filter(({ verdict }) => verdict === 'failed') ?? [])],
          }),
        ],
      }),
    ]),
  );
  expect(await page.locator('.row').count()).toBe(400);
  expect(await page.textContent('.more')).toContain('9601 left');
  await page.fill('input[aria-label="Filter steps"]', 'file-9999');
  expect(await page.locator('.row').count()).toBe(1);
  await page.click('text=Show the step');
  await page.waitForSelector('.step.failed.open');
  expect(await page.locator('.row').count()).toBeLessThanOrEqual(400);
  expect(await page.textContent('.more')).toContain('earlier');
});

test('names asked for in vain are one row that opens to its steps; a chosen phase fills the axis', async () => {
  const probes = ['01-52', 'AC16', 'AC1'].flatMap((path, n) => [
    sampleStep({ step: 'tftp.read-request', verdict: 'passed', atMs: 5000 + n, frames: [n + 1], detail: { path } }),
    sampleStep({ step: 'tftp.error', verdict: 'recorded', atMs: 5000 + n, frames: [n + 1], detail: { path } }),
  ]);
  await openReport(
    'probes',
    sampleResult([
      sampleScenario({
        clients: [sampleClient({ steps: [sampleStep(), ...probes], phases: { firmware: 4900, nbp: 200 } })],
      }),
    ]),
  );
  expect(await page.locator('.row').count()).toBe(2);
  expect(await page.textContent('.fold')).toContain('3 not on the server: 01-52, AC16, AC1');
  await page.click('.fold > .row');
  expect(await page.locator('.fold .inside .row').count()).toBe(6);
  await page.click('.zoom:has-text("nbp")');
  expect(await page.textContent('.axis-ticks')).toContain('4.95 s');
  await page.goto('about:blank');
  await openReport(
    'probes',
    sampleResult([sampleScenario({ clients: [sampleClient({ steps: [sampleStep(), ...probes] })] })]),
    '#0.0.4',
  );
  expect(await page.locator('.fold .step.open').count()).toBe(1);
});

test('missing evidence: the page says so and how to see the frame', async () => {
  const at = join(folder, 'bare');
  await page.goto(`${pathToFileURL(await writeHtmlReport(mixedResult(), at)).href}#1.0.6`);
  expect(await page.textContent('.notes')).toContain('frames.json is missing');
  expect(await page.textContent('.step.open .missing')).toContain(
    "tshark -V -r 'pxe-boot-file-missing-firmware-uefi/capture.pcap' -Y 'frame.number==9 || frame.number==10'",
  );
});

test('an empty run and a narrow window: no sideways scrolling, in light and dark', async () => {
  await openReport('empty', sampleResult([]));
  expect(await page.innerText('main')).toContain('No scenario ran');
  for (const width of [1280, 800, 420]) {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme });
      await openReport('mixed', mixedResult(), '#0.0.13');
      expect(
        await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
        `${width} ${colorScheme}`,
      ).toBeLessThanOrEqual(0);
    }
  }
});

test('shows what a boot changed in the variables of a UEFI', async () => {
  await openReport('firmware', sampleResult([failedBoot()]));
  const rows = await page.locator('[aria-label="Changed firmware variables"] tr').allTextContents();
  expect(rows).toEqual([
    'variablebeforeafter',
    'Boot0001–UEFI PXEv4 (MAC:525400000001): PciRoot(0x0)/Pci(0x2,0x0)',
    'BootOrderBoot0000Boot0001, Boot0000',
  ]);
  expect(await page.locator('.boot-order li').allTextContents()).toEqual([
    'Boot0001 UEFI PXEv4 (MAC:525400000001)',
    'Boot0000 UiApp',
  ]);
});
