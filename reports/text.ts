import type { Step, Verdict } from './result.ts';

// Words and figures that every report writes the same way. Wire strings are hostile: a boot file name may hold escape
// sequences that repaint a terminal, or bidirectional controls that make one path look like another.

/* eslint-disable no-control-regex -- finding control characters is the purpose */
/**
 * C0 and C1 controls, DEL, line and paragraph separators, zero-width characters and bidirectional controls (Unicode TR
 * 9, TR 36).
 */
const UNPRINTABLE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
/** CSI, OSC, DCS/SOS/PM/APC and two-byte escape sequences (ECMA-48 section 5). */
const ESCAPE_SEQUENCE =
  /\u001b\[[0-?]*[ -/]*[@-~]|\u001b[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b[ -/]*[0-~]|\u009b[0-?]*[ -/]*[@-~]/g;
/* eslint-enable no-control-regex */

/**
 * One line of safe text: ASCII controls become their Unicode pictures (␛, ␀: evidence, but inert), other unprintables
 * �.
 */
export function printable(text: string, maxLength = 400): string {
  const safe = text.slice(0, maxLength * 2).replace(UNPRINTABLE, (char) => {
    const code = char.charCodeAt(0);
    if (code === 0x0a || code === 0x0d || code === 0x09) return ' ';
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : code === 0x7f ? '␡' : '�';
  });
  return safe.length > maxLength || text.length > maxLength * 2 ? `${safe.slice(0, maxLength - 1)}…` : safe;
}

/**
 * Text of many lines as a log shows it: escape sequences removed, carriage returns resolved, other controls dropped.
 */
export function plainLog(text: string): string {
  return text
    .replace(ESCAPE_SEQUENCE, '')
    .replace(/\r+\n/g, '\n')
    .replace(/\r/g, '\n')
    .replace(UNPRINTABLE, (char) => (char === '\n' || char === '\t' ? char : ''));
}

/** Milliseconds for people: `340 µs`, `12 ms`, `3.02 s`, `4 min 07 s`. */
export function duration(ms: number): string {
  if (ms === 0) return '0';
  if (Math.abs(ms) < 1) return `${Math.round(ms * 1000)} µs`;
  if (Math.abs(ms) < 999.5) return `${ms < 9.95 ? ms.toFixed(1) : ms.toFixed(0)} ms`;
  if (ms < 59_995) return `${(ms / 1000).toFixed(ms < 9995 ? 2 : 1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}

/**
 * Moment on a boot's clock: `+7.42 s` from power-on; within the first second `+41.2 ms`, for captures of one exchange.
 */
export function moment(atMs: number): string {
  if (Math.abs(atMs) < 999.95) return `${atMs < 0 ? '−' : '+'}${Math.abs(atMs).toFixed(1)} ms`;
  return `${atMs < 0 ? '−' : '+'}${(Math.abs(atMs) / 1000).toFixed(2)} s`;
}

/** Bytes in decimal units, as the transfer figures are. */
export function byteCount(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  for (const [unit, size] of [
    ['GB', 1e9],
    ['MB', 1e6],
  ] as const) {
    if (bytes >= size * 0.9995) return `${(bytes / size).toFixed(bytes < size * 9.995 ? 2 : 1)} ${unit}`;
  }
  return `${(bytes / 1e3).toFixed(bytes < 9995 ? 2 : 1)} kB`;
}

/** MB/s with as many digits as mean something. */
export function rate(mbPerSecond: number): string {
  return `${mbPerSecond < 9.995 ? mbPerSecond.toFixed(2) : mbPerSecond.toFixed(mbPerSecond < 99.95 ? 1 : 0)} MB/s`;
}

/** `1 frame`, `3 frames`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Frame numbers of a step: `#7`, `#7–8`, `#7, 9, 31`; long lists by their first and last. */
export function frameList(frames: readonly number[]): string {
  const [first] = frames;
  const last = frames.at(-1);
  if (first === undefined || last === undefined) return '';
  if (frames.length === 1) return `#${first}`;
  // Two frames far apart are the ends of a bulk transfer; near ones are a request and its answer.
  if (frames.length === 2 && (last === first + 1 || last - first > 20)) return `#${first}–${last}`;
  return frames.length <= 4 ? `#${frames.join(', ')}` : `#${first}…${last}`;
}

/**
 * What a step was about, in one line: the most useful fields and a transfer's figures first, the rest as `name value`.
 */
export function stepDetail(step: Pick<Step, 'detail'>): string {
  const { bytes, mbPerSecond, ...all } = step.detail ?? {};
  const detail = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
  const leading = ['path', 'bootfile', 'user', 'ip', 'address'].filter((key) => key in detail);
  const rest = Object.keys(detail).filter((key) => !leading.includes(key));
  const figures = [
    typeof bytes === 'number' ? byteCount(bytes) : '',
    typeof mbPerSecond === 'number' ? `at ${rate(mbPerSecond)}` : '',
  ]
    .filter((text) => text !== '')
    .join(' ');
  return printable(
    [
      ...leading.map((key) => String(detail[key])),
      ...(figures === '' ? [] : [figures]),
      ...rest.map((key) => `${key} ${String(detail[key])}`),
    ].join('  '),
  );
}

/** How many of each verdict, worst first, without zeroes: `1 failed, 3 passed`. */
export function verdictCounts(verdicts: readonly Verdict[]): string {
  const counted = (['error', 'failed', 'inconclusive', 'skipped', 'passed'] as const).map(
    (verdict) => [verdict, verdicts.filter((v) => v === verdict).length] as const,
  );
  return (
    counted
      .filter(([, count]) => count > 0)
      .map(([verdict, count]) => `${count} ${count > 1 && verdict === 'error' ? 'errors' : verdict}`)
      .join(', ') || 'nothing ran'
  );
}
