import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import type { ClientResult } from '../result.ts';
import {
  failedBoot,
  goodBoot,
  mixedResult,
  sampleClient,
  sampleResult,
  sampleScenario,
  sampleStep,
} from '../testing/sample-results.ts';
import { liveFrame } from './live.ts';
import { phaseBar } from './phase-bar.ts';
import { summaryLines } from './summary.ts';
import { terminalStyle } from './style.ts';
import { createTerminalReporter } from './terminal.ts';

const PLAIN = { colour: false, live: false, unicode: true };

// eslint-disable-next-line no-control-regex -- it removes escape sequences
const ANSI = /\u001b\[[0-9;]*m/g;

// eslint-disable-next-line no-control-regex -- it removes cursor movements and modes, too
const CONTROLS = /\u001b\[[0-9;?]*[A-Za-z]/g;

/** A stream that keeps what was written to it. */
class Sink extends EventEmitter {
  text = '';
  readonly isTTY: boolean;
  readonly columns = 100;
  readonly rows = 40;
  constructor(isTTY = false) {
    super();
    this.isTTY = isTTY;
  }
  write(chunk: string): boolean {
    this.text += chunk;
    return true;
  }
}

const asStream = (sink: Sink): NodeJS.WriteStream => sink as unknown as NodeJS.WriteStream;

async function runThrough(sink: Sink, env: Record<string, string>, result = mixedResult()): Promise<string> {
  const reporter = createTerminalReporter({ stream: asStream(sink), env });
  reporter.onRunBegin?.({
    folder: '/runs/1',
    plans: result.scenarios.map(({ id, name }) => ({ id, name, clients: ['pc'] })),
    host: result.host,
  });
  reporter.onSetup?.({ title: 'agent initramfs', why: 'wds/install-bios boots it', state: 'start' });
  reporter.onSetup?.({ title: 'agent initramfs', why: 'wds/install-bios boots it', state: 'done', detail: '14.2 MB' });
  for (const scenario of result.scenarios) {
    reporter.onScenarioBegin?.({ id: scenario.id, name: scenario.name, attempt: 1 });
    reporter.onLabStep?.({ scenario: scenario.id, title: 'namespace and bridge', state: 'start' });
    for (const client of scenario.clients)
      for (const step of client.steps) reporter.onStep?.({ scenario: scenario.id, client: client.name, step });
    reporter.onGuest?.({
      scenario: scenario.id,
      client: 'pc',
      event: 'menu',
      detail: { entries: ['a\u001b]0;x\u0007'] },
    });
    reporter.onProgress?.({ scenario: scenario.id, client: 'pc', text: '4 of 12 MB' });
    reporter.onScenarioEnd?.(scenario);
  }
  await reporter.onRunEnd?.(result, '/runs/1', [{ what: 'report', path: '/runs/1/report.html' }]);
  return sink.text;
}

test('plain: a line a step with time, frames and figures, and no control byte but the newline', async () => {
  const text = await runThrough(new Sink(), { LANG: 'C.UTF-8' });
  // eslint-disable-next-line no-control-regex -- the assertion is about control characters
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  expect(text).toMatch(
    /pc {3}\+7\.70 s ✓ tftp\.transfer +vmlinuz {2}12\.1 MB at 2\.16 MB\/s {2}blksize 1408 {2}5\.61 s {2}#73–17283/,
  );
  expect(text).toContain('setup  done  agent initramfs  14.2 MB');
});

test('the summary says verdicts, failures with expected, actual, why, frame and the command, and where the evidence is', async () => {
  const text = await runThrough(new Sink(), {});
  const summary = text.slice(text.lastIndexOf('passed  WDS install'));
  expect(summary).toContain('failed as expected: tftp.transfer (boot-file-missing)');
  expect(summary).toMatch(
    /laptop: tftp\.transfer at \+7\.00 s, frames #9–10\n\s+expected the whole of ipxe\.efi by TFTP\n\s+actual {3}ERROR code 1.*\n\s+why {6}the boot file/,
  );
  expect(summary).toContain('npm run -s pxewright -- run scenarios/pxe/uefi.yaml --matrix firmware=uefi');
  expect(summary).toContain('1 error, 1 failed, 1 skipped, 2 passed');
  expect(summary).toContain('/runs/1/report.html');
  expect(summary).toContain('/runs/1/wds-install-bios/capture.pcap');
  expect(summary).toMatch(/slowest kernel 8\.77 s/);
});

test('the summary keeps repetitions and attempts apart, counts what counts, and says what was not run', () => {
  const notRun = (id: string) =>
    sampleScenario({
      id,
      verdict: 'skipped',
      notRun: true,
      why: 'not run: the run ended after 1 failure (--max-failures 1)',
    });
  const lines = summaryLines(
    sampleResult([
      sampleScenario({ repetition: 1 }),
      sampleScenario({ repetition: 2, verdict: 'failed', why: 'silence' }),
      sampleScenario({ repetition: 2, attempt: 2 }),
      sampleScenario({ id: 'bad', name: 'Bad', verdict: 'failed' }),
      notRun('rest/a'),
      notRun('rest/b'),
    ]),
    '/runs/1',
    PLAIN,
  );
  const text = lines.join('\n');
  expect(text).toMatch(/failed {2}WDS install on a BIOS client {2}wds\/install-bios repetition 2 /);
  expect(text).toMatch(/passed {2}WDS install on a BIOS client {2}wds\/install-bios repetition 2, attempt 2, flaky /);
  expect(text).toContain(
    'skipped  2 scenarios: not run: the run ended after 1 failure (--max-failures 1)\n      rest/a\n      rest/b',
  );
  expect(text).toContain('1 failed, 2 skipped, 2 passed, 1 of them flaky');
});

test('wire strings cannot repaint the terminal', async () => {
  const evil = '\u001b[2J\u001b]8;;http://e.example\u0007x\u009b31m\u202e';
  const scenario = { ...failedBoot(), name: evil, why: evil, rerun: [evil] };
  scenario.clients = scenario.clients.map((client) => ({
    ...client,
    name: evil,
    steps: [sampleStep({ verdict: 'failed', detail: { path: evil }, expected: evil, actual: evil, why: evil })],
  }));
  const text = await runThrough(new Sink(), {}, sampleResult([scenario]));
  // eslint-disable-next-line no-control-regex -- the assertion is about control characters
  expect(text).not.toMatch(/[\u001b\u0007\u009b\u202e]/);
});

test('on a terminal: settled steps scroll above a part that is redrawn and gone at the end', async () => {
  const text = await runThrough(new Sink(true), { TERM: 'xterm', LANG: 'C.UTF-8' });
  expect(text).toContain('\u001b[32m✓\u001b[39m');
  expect(text.replaceAll(ANSI, '')).toMatch(
    /[\u2800-\u28ff] +\d+\.\d s WDS install on a BIOS client {2}after dhcp\.discover/,
  );
  expect(text).toContain('\u001b[2K');
  expect(text.slice(text.lastIndexOf('report '))).not.toMatch(/[\u2800-\u28ff]/);
});

test('colour and animation only where a person watches', () => {
  const tty = { isTTY: true };
  expect(terminalStyle(tty, { TERM: 'xterm', LANG: 'C.UTF-8' })).toEqual({ colour: true, live: true, unicode: true });
  expect(terminalStyle(tty, { TERM: 'dumb' })).toEqual({ colour: false, live: false, unicode: false });
  for (const env of [{ NO_COLOR: '1' }, { CI: 'true' }])
    expect(terminalStyle(tty, env)).toMatchObject({ colour: false, live: false });
  expect(terminalStyle({}, {})).toEqual({ colour: false, live: false, unicode: true });
  expect(terminalStyle({}, { FORCE_COLOR: '1' })).toMatchObject({ colour: true, live: false });
});

test('the live part names what each scenario does now and fits the width', () => {
  const doing = new Map([['pc', 'tftp.transfer 4.2 of 12 MB']]);
  const frame = liveFrame(
    [{ name: 'WDS install', startedMs: 1000, doing, lab: '' }],
    new Map([['kernel', 'downloading']]),
    '2 scenarios wait, first wds/install-uefi: it needs 900 MiB',
    { style: PLAIN, tick: 3, columns: 60, nowMs: 13_400 },
  );
  expect(frame.split('\n')).toEqual([
    '⠸ kernel  downloading',
    '⠸  12.4 s WDS install  tftp.transfer 4.2 of 12 MB',
    '  2 scenarios wait, first wds/install-uefi: it needs 900 …',
  ]);
});

test('who waits for room on the host, and why, is a line when the reason becomes another', () => {
  const sink = new Sink();
  const reporter = createTerminalReporter({ stream: asStream(sink), env: {} });
  const waits = { scenario: 'pxe/menu', what: 'cores' };
  reporter.onWaiting?.({ ...waits, count: 3, why: 'it keeps 1.0 cores busy, and running boots 2.0 of 2' });
  reporter.onWaiting?.({ ...waits, count: 2, why: 'it keeps 1.0 cores busy, and running boots 1.9 of 2' });
  reporter.onWaiting?.({ ...waits, count: 1, what: 'memory', why: 'it needs 900 MiB' });
  reporter.onWaiting?.(undefined);
  expect(sink.text.split('\n')).toEqual([
    '  3 scenarios wait, first pxe/menu: it keeps 1.0 cores busy, and running boots 2.0 of 2',
    '  1 scenario waits, first pxe/menu: it needs 900 MiB',
    '',
  ]);
});

test('a phases bar is as wide as asked, neighbours differ, and nothing makes nothing', () => {
  const { bar, legend } = phaseBar(goodBoot().clients[0]?.phases ?? {}, PLAIN, 48);
  expect(Math.abs(bar.length - 48)).toBeLessThanOrEqual(8);
  expect(legend.join('\n')).toMatch(/^.*firmware 3\.0 .* kernel 8\.8 .* s$/);
  expect(phaseBar({}, PLAIN, 48)).toEqual({ bar: '', legend: [] });
});

test('on a terminal no step, reason or legend is wider than it; in a pipe nothing is cut', async () => {
  const why =
    'the boot file is not on the TFTP server, or below another name than the one that the boot server gave away: look at the name';
  const step = sampleStep({
    verdict: 'failed',
    frames: [9, 10],
    detail: { path: `boot/${'x'.repeat(90)}` },
    expected: 'an answer',
    actual: 'none',
    why,
  });
  const phases = Object.fromEntries(
    ['firmware', 'dhcp', 'proxy', 'nbp', 'kernel', 'os', 'guest-dhcp', 'authentication', 'image'].map(
      (phase, index) => [phase, 1000 * (index + 1)],
    ),
  );
  const result = sampleResult([
    sampleScenario({ verdict: 'failed', why, clients: [sampleClient({ verdict: 'failed', steps: [step], phases })] }),
  ]);
  const lines = (await runThrough(new Sink(true), { TERM: 'xterm', LANG: 'C.UTF-8' }, result))
    .replaceAll(CONTROLS, '')
    .split(/[\r\n]+/);
  const wide = lines.filter((line) => line.length > 100 && !/^pxewright|capture|1 failed in/.test(line));
  expect(wide).toEqual([]);
  expect(lines.find((line) => line.includes('✗ ') && line.includes('boot/x'))).toMatch(/x… {2}#9–10$/);
  expect(await runThrough(new Sink(), {}, result)).toContain('x'.repeat(90));
});

test('a run of nothing still ends in a summary', async () => {
  expect(await runThrough(new Sink(), {}, sampleResult([]))).toContain('nothing ran');
  expect(await runThrough(new Sink(), {}, sampleResult([sampleScenario()]))).toContain('1 passed');
});

test('the summary says what a boot did with its TPM', () => {
  const line = (tpm: NonNullable<ClientResult['tpm']>): string | undefined =>
    summaryLines(
      sampleResult([sampleScenario({ clients: [sampleClient({ phases: { dhcp: 1 }, tpm })] })]),
      '/runs/1',
      PLAIN,
    ).find((one) => one.includes('TPM'));
  expect(line({ commands: 20, measurements: { 0: 1, 2: 5, 7: 1 } })).toBe(
    '      TPM: 7 measurements (PCR 0, 2, 7) in 20 commands',
  );
  expect(line({ commands: 0, measurements: {} })).toBe('      TPM: the firmware never started it');
});

test('the summary says what a boot left in the firmware of a UEFI client', () => {
  const { firmwareVariables } = failedBoot().clients[0] ?? {};
  const lines = (own: Partial<NonNullable<typeof firmwareVariables>>): string[] => {
    const variables = { bootOrder: [], secureBoot: false, changes: [], ...firmwareVariables, ...own };
    const client = sampleClient({ phases: { dhcp: 1 }, firmwareVariables: variables });
    return summaryLines(sampleResult([sampleScenario({ clients: [client] })]), '/runs/1', PLAIN).filter((line) =>
      line.includes('firmware: '),
    );
  };
  expect(lines({})).toEqual([
    '      firmware: next start: Boot0001 UEFI PXEv4 (MAC:525400000001) of 2, Secure Boot on, 2 boot variables changed',
  ]);
  expect(lines({ bootNext: 'Boot0000 UiApp', secureBoot: false, changes: [] })).toEqual([
    '      firmware: next start: Boot0000 UiApp (BootNext), Secure Boot off, no boot variable changed',
  ]);
});

test('the summary says what was noticed of a client that passed', () => {
  const client = sampleClient({ phases: { backup: 1 }, findings: ['judged by its connections and volumes'] });
  const noticed = (clients: readonly ClientResult[]): string[] =>
    summaryLines(sampleResult([sampleScenario({ clients: [...clients] })]), '/runs/1', PLAIN).filter((line) =>
      line.includes('connections and volumes'),
    );
  expect(noticed([client])).toEqual(['      noticed: judged by its connections and volumes']);
});
