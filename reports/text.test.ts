import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  byteCount,
  duration,
  frameList,
  moment,
  plainLog,
  printable,
  rate,
  stepDetail,
  verdictCounts,
} from './text.ts';

test('no control, bidirectional or unpaired character survives printable()', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 80 }),
      fc.array(fc.integer({ min: 0, max: 0xa0 }), { maxLength: 40 }),
      (units, low) => {
        const safe = printable(String.fromCharCode(...units, ...low));
        // eslint-disable-next-line no-control-regex -- the property is about control characters
        expect(safe).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/);
        expect(safe.isWellFormed()).toBe(true);
      },
    ),
  );
});

test('printable keeps evidence visible and one line long', () => {
  expect(printable('boot\u0000\u001b[2J\nfile')).toBe('boot␀␛[2J file');
  expect(printable('é中\u{1f600}')).toBe('é中\u{1f600}');
  expect(printable('x'.repeat(1000))).toHaveLength(400);
});

test('a serial log loses its escape sequences and keeps its lines', () => {
  expect(plainLog('\u001b[2J\u001b[1;1HSeaBIOS\r\r\n\u001b]0;title\u0007iPXE\tok\rnext\u0000')).toBe(
    'SeaBIOS\niPXE\tok\nnext',
  );
});

test('figures for people', () => {
  expect([0, 0.34, 3.12, 12, 999.7, 3021, 24_310, 247_000].map(duration)).toEqual([
    '0',
    '340 µs',
    '3.1 ms',
    '12 ms',
    '1.00 s',
    '3.02 s',
    '24.3 s',
    '4 min 07 s',
  ]);
  expect([0, 41.23, 999.97, 7422, -3.2].map(moment)).toEqual(['+0.0 ms', '+41.2 ms', '+1.00 s', '+7.42 s', '−3.2 ms']);
  expect([412, 31_124, 999_900, 67_108_864, 8_193_339_392].map(byteCount)).toEqual([
    '412 B',
    '31.1 kB',
    '1.00 MB',
    '67.1 MB',
    '8.19 GB',
  ]);
  expect([0.22, 89.96, 224.3].map(rate)).toEqual(['0.22 MB/s', '90.0 MB/s', '224 MB/s']);
  expect([[], [7], [7, 8], [7, 9, 31], [1, 2, 3, 4, 90]].map(frameList)).toEqual([
    '',
    '#7',
    '#7–8',
    '#7, 9, 31',
    '#1…90',
  ]);
});

test('a detail starts with what the step was about', () => {
  expect(stepDetail({ detail: { share: '', blksize: 1456, path: 'a\u0007b' } })).toBe('a␇b  blksize 1456');
  expect(stepDetail({ detail: { bytes: 31_124, mbPerSecond: 4.04, path: 'x' } })).toBe('x  31.1 kB at 4.04 MB/s');
});

test('counts of verdicts, worst first', () => {
  expect(verdictCounts(['passed', 'failed', 'passed', 'error'])).toBe('1 error, 1 failed, 2 passed');
  expect(verdictCounts([])).toBe('nothing ran');
});
