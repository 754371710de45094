import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  goodBoot,
  mixedResult,
  sampleClient,
  sampleResult,
  sampleScenario,
  sampleStep,
} from '../testing/sample-results.ts';
import { foldFrames, foldSpan, foldSteps, isFold } from './fold.ts';
import { hexRows, shellCommand } from './hex.ts';
import { PHASE_COLOURS, phaseColours } from './phase-colours.ts';
import { firstSelection, parseSelection, selectionHash, visibleScenarios } from './selection.ts';
import { bandGradient, matchingSteps, percent, phaseBands, tickLabel, timeAxis, zoomAxis } from './timeline.ts';

test('phases follow one another from power-on unless the Result says where they lie', () => {
  expect(phaseBands({ phases: { firmware: 3000, dhcp: 50 } })).toEqual([
    { phase: 'firmware', startMs: 0, durationMs: 3000 },
    { phase: 'dhcp', startMs: 3000, durationMs: 50 },
  ]);
  const spans = [{ phase: 'dhcp', startMs: 10, durationMs: 5 }];
  expect(phaseBands({ phases: { dhcp: 5 }, phaseSpans: spans })).toEqual(spans);
});

test('the axis holds every step, with round ticks', () => {
  const axis = timeAxis(goodBoot().clients);
  expect(axis.ticksMs).toEqual([0, 5000, 10_000, 15_000, 20_000]);
  expect(axis.ticksMs.map((tick) => tickLabel(tick, axis))).toEqual(['0', '5 s', '10 s', '15 s', '20 s']);
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          atMs: fc.double({ min: -1e4, max: 1e8, noNaN: true }),
          durationMs: fc.double({ min: 0, max: 1e8, noNaN: true }),
        }),
        { maxLength: 20 },
      ),
      (times) => {
        const any = timeAxis([sampleClient({ steps: times.map((time) => sampleStep(time)) })]);
        expect(any.ticksMs.length).toBeLessThan(20);
        for (const { atMs, durationMs } of times) {
          expect(any.startMs).toBeLessThanOrEqual(atMs);
          expect(any.endMs).toBeGreaterThanOrEqual(atMs + durationMs);
          expect(percent(any, atMs)).toBeGreaterThanOrEqual(0);
        }
      },
    ),
  );
});

test('a band gradient holds only numbers and known colours, whatever a phase is called', () => {
  const phase = 'x); background: url(http://e.example';
  const colourOf = phaseColours(
    sampleResult([sampleScenario({ clients: [sampleClient({ phases: { dhcp: 1, [phase]: 5 } })] })]),
  );
  const axis = { startMs: 0, endMs: 10, ticksMs: [] };
  const gradient = bandGradient([{ phase, startMs: 0, durationMs: 5 }], axis, colourOf);
  expect(gradient).toMatch(
    /^linear-gradient\(to right, transparent 0%, var\(--band-1\) 0%, var\(--band-1\) 50%, transparent 50%\)$/,
  );
  expect(bandGradient([], axis, colourOf)).toBe('none');
});

test('phases have the colours of their order in the Result, the same for all clients', () => {
  const clients = [
    { firmware: 1, dhcp: 1, nbp: 1 },
    { dhcp: 1, proxy: 1, nbp: 1, image: 1 },
  ].map((phases) => sampleClient({ phases }));
  const colourOf = phaseColours(sampleResult(clients.map((client) => sampleScenario({ clients: [client] }))));
  expect(['firmware', 'dhcp', 'proxy', 'nbp', 'image'].map(colourOf)).toEqual([0, 1, 2, 3, 4]);
});

test('the style sheet has every colour that a phase can get', async () => {
  const style = await readFile(new URL('../html/style.css', import.meta.url), 'utf8');
  for (const kind of ['phase', 'band'])
    expect(style.match(new RegExp(`^ +--${kind}-\\d+:`, 'gm'))).toHaveLength(PHASE_COLOURS);
});

test('steps are found by name, path, frame number; all words must match', () => {
  const steps = goodBoot().clients[0]?.steps ?? [];
  expect(matchingSteps(steps, 'TFTP.transfer vmlinuz').map(({ step }) => step.atMs)).toEqual([7702]);
  expect(matchingSteps(steps, '#25188')[0]?.step.step).toBe('ntlm.authenticate');
  expect(matchingSteps(steps, ' ')).toHaveLength(steps.length);
});

test('scenarios are found by verdict, text and reason', () => {
  const result = mixedResult();
  expect(visibleScenarios(result, '', new Set())).toEqual([0, 1, 2, 3, 4]);
  expect(visibleScenarios(result, '', new Set(['failed', 'error']))).toEqual([1, 2]);
  expect(visibleScenarios(result, 'aarch64', new Set())).toEqual([3]);
  expect(visibleScenarios(result, 'virtio boot-file-missing', new Set(['passed']))).toEqual([4]);
});

test('a page opens on what went wrong, and an address names a step', () => {
  const result = mixedResult();
  expect(firstSelection(result)).toEqual({ scenario: 1, client: 0 });
  expect(firstSelection(sampleResult([]))).toEqual({ scenario: 0, client: 0 });
  expect(parseSelection(selectionHash({ scenario: 1, client: 0, step: 6 }), result)).toEqual({
    scenario: 1,
    client: 0,
    step: 6,
  });
  for (const hash of ['', '#9', '#x', '#-1', '#0.0.0;x']) expect(parseSelection(hash, result)).toBeUndefined();
  expect(parseSelection('#0.7.999', result)).toEqual({ scenario: 0, client: 0 });
});

test('a hex dump shows offset, bytes, ASCII and the marked range', () => {
  const rows = hexRows(Buffer.from('boot\\x86\\wdsnbp.com').toString('hex'), { offset: 5, length: 3 });
  expect(rows.map(({ offset }) => offset)).toEqual(['0000', '0010']);
  expect(
    rows[0]?.bytes
      .filter(({ marked }) => marked)
      .map(({ ascii }) => ascii)
      .join(''),
  ).toBe('x86');
  expect(rows[1]?.bytes.map(({ ascii }) => ascii).join('')).toBe('com');
  expect(hexRows('')).toEqual([]);
});

test('a command line survives a shell', () => {
  expect(shellCommand(['qemu-system-x86_64', '-m', '512', '-drive', "file=a b'c.qcow2"])).toBe(
    "qemu-system-x86_64 \\\n  -m 512 \\\n  -drive 'file=a b'\\''c.qcow2'",
  );
});

const probe = (name: string, atMs: number): ReturnType<typeof sampleStep>[] => [
  sampleStep({
    step: 'tftp.read-request',
    verdict: 'passed',
    atMs,
    durationMs: 0,
    frames: [atMs],
    detail: { path: name },
  }),
  sampleStep({
    step: 'tftp.error',
    verdict: 'recorded',
    atMs,
    durationMs: 1,
    frames: [atMs, atMs + 1],
    detail: { path: name, code: 1 },
  }),
];
const directory = (path: string, atMs: number): ReturnType<typeof sampleStep>[] => [
  sampleStep({ step: 'smb.open', verdict: 'passed', atMs, detail: { path, directory: true } }),
  sampleStep({ step: 'smb.close', verdict: 'passed', atMs, detail: { path } }),
];
const folds = (steps: ReturnType<typeof sampleStep>[], named: string[] = []): string[] =>
  foldSteps(matchingSteps(steps, ''), new Set(named)).map((row) =>
    isFold(row) ? row.detail : `${row.index} ${row.step.step}`,
  );

test('names that a boot program tries in vain become one row, and so do directories', () => {
  const found = sampleStep({ step: 'tftp.read-request', verdict: 'passed', atMs: 40, detail: { path: 'default' } });
  const file = [
    sampleStep({ step: 'smb.open', verdict: 'passed', detail: { path: 'a.wim', directory: false } }),
    sampleStep({ step: 'smb.close', verdict: 'passed', detail: { path: 'a.wim' } }),
  ];
  expect(
    folds([
      ...probe('01-52', 10),
      ...probe('AC16', 20),
      found,
      ...directory('', 50),
      ...directory('Images', 60),
      ...file,
    ]),
  ).toEqual([
    '2 not on the server: 01-52, AC16',
    '4 tftp.read-request',
    '2 times a directory: top of the share, Images',
    '9 smb.open',
    '10 smb.close',
  ]);
  const [row] = foldSteps(matchingSteps([...probe('a', 10), ...probe('b', 20)], ''));
  expect(row !== undefined && isFold(row) ? [foldFrames(row), foldSpan(row)] : []).toEqual([
    '#10–21',
    { atMs: 10, durationMs: 11 },
  ]);
});

test('steps that failed, say what was expected, or that the scenario asks for are never folded; a single probe is not, either', () => {
  expect(folds(probe('a', 1))).toEqual(['0 tftp.read-request', '1 tftp.error']);
  expect(folds([...directory('a', 1), ...directory('b', 2)], ['smb.open'])).toHaveLength(4);
  for (const mark of [{ verdict: 'failed' as const }, { expected: 'an answer' }]) {
    const steps = [
      ...probe('a', 1),
      ...probe('b', 2),
      ...probe('c', 3).map((step) => ({ ...step, ...mark })),
      ...probe('d', 4),
      ...probe('e', 5),
    ];
    expect(folds(steps)).toEqual([
      '2 not on the server: a, b',
      '4 tftp.read-request',
      '5 tftp.error',
      '2 not on the server: d, e',
    ]);
  }
});

test('folding keeps every step once, in order', () => {
  const step = fc.oneof(fc.constantFrom(...probe('a', 1), ...directory('b', 2)), fc.constant(sampleStep()));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const rows = foldSteps(matchingSteps(steps, ''));
      expect(rows.flatMap((row) => (isFold(row) ? row.rows.map(({ index }) => index) : [row.index]))).toEqual(
        steps.map((_, index) => index),
      );
    }),
  );
});

test('a chosen phase fills the axis, with moments to the millisecond', () => {
  const axis = zoomAxis({ startMs: 31_000, durationMs: 40 });
  expect(percent(axis, 31_020)).toBeCloseTo(50);
  expect(axis.ticksMs.map((tick) => tickLabel(tick, axis)).slice(0, 3)).toEqual(['31 s', '31.01 s', '31.02 s']);
});
