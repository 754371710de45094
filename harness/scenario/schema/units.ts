// Amounts with their unit, as people write them. A bare number is refused: nobody can tell 30 seconds from 30
// milliseconds later.

const MS_PER: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const MIB_PER: Readonly<Record<string, number>> = { MiB: 1, GiB: 1024 };
const KIB_PER: Readonly<Record<string, number>> = { KiB: 1, MiB: 1024, GiB: 1_048_576 };

/** What a duration has to look like, for messages and for the schema. */
export const DURATION_EXPECTED = 'a duration with its unit, e.g. 500ms, 8s, 2m';
export const DURATION_PATTERN = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/;

/** What a time of a schedule has to look like, for messages and for the schema. */
export const PERIOD_EXPECTED = 'a time with its unit, e.g. 20s, 90m, 24h, 7d, 4w';
export const PERIOD_PATTERN = /^(\d+(?:\.\d+)?)([smhdw])$/;

/** What a size has to look like, for messages and for the schema. */
export const SIZE_EXPECTED = 'a size with its unit, e.g. 512MiB, 2GiB';
export const SIZE_PATTERN = /^(\d+(?:\.\d+)?)(MiB|GiB)$/;

/** Of what a snapshot keeps, in pages of memory. */
export const SNAPSHOT_SIZE_EXPECTED = 'a size with its unit in whole 4KiB, up to 64GiB, e.g. 256KiB, 64MiB';
export const SNAPSHOT_SIZE_PATTERN = /^(\d+)(KiB|MiB|GiB)$/;

const PERIOD_MS_PER: Readonly<Record<string, number>> = { ...MS_PER, d: 86_400_000, w: 604_800_000 };
/** Ten years. */
const LONGEST_PERIOD_MS = 3650 * 86_400_000;
const BITS_PER: Readonly<Record<string, number>> = { kbit: 1000, Mbit: 1_000_000, Gbit: 1_000_000_000 };

/** What a bit rate has to look like, for messages and for the schema. */
export const BIT_RATE_EXPECTED = 'bits in a second with their unit, e.g. 500kbit, 100Mbit';
export const BIT_RATE_PATTERN = /^(\d+(?:\.\d+)?)(kbit|Mbit|Gbit)$/;

/** A bit rate in whole bits per second, or undefined when the text is not one (or more than 100 Gbit/s, which no lab has). */
export function parseBitRate(text: string): number | undefined {
  const bits = amount(text, BIT_RATE_PATTERN, BITS_PER);
  return bits !== undefined && Number.isInteger(bits) && bits > 0 && bits <= 100_000_000_000 ? bits : undefined;
}

/** A duration in whole milliseconds, or undefined when the text is not one (or longer than a day, which no boot is). */
export function parseDurationMs(text: string): number | undefined {
  const ms = amount(text, DURATION_PATTERN, MS_PER);
  return ms !== undefined && Number.isInteger(ms) && ms <= 86_400_000 ? ms : undefined;
}

/** A time of a schedule in whole milliseconds, or undefined when the text is not one, is nothing, or longer than ten years. */
export function parsePeriodMs(text: string): number | undefined {
  const ms = amount(text, PERIOD_PATTERN, PERIOD_MS_PER);
  return ms !== undefined && Number.isInteger(ms) && ms > 0 && ms <= LONGEST_PERIOD_MS ? ms : undefined;
}

/** A size in whole MiB, or undefined when the text is not one (or more than 1 TiB, which no lab holds). */
export function parseSizeMiB(text: string): number | undefined {
  const miB = amount(text, SIZE_PATTERN, MIB_PER);
  return miB !== undefined && Number.isInteger(miB) && miB > 0 && miB <= 1_048_576 ? miB : undefined;
}

/** The size of what a snapshot keeps in KiB, or undefined when the text is not one. */
export function parseSnapshotKiB(text: string): number | undefined {
  const kiB = amount(text, SNAPSHOT_SIZE_PATTERN, KIB_PER);
  return kiB !== undefined && kiB > 0 && kiB % 4 === 0 && kiB <= 67_108_864 ? kiB : undefined;
}

function amount(text: string, pattern: RegExp, units: Readonly<Record<string, number>>): number | undefined {
  const [, number, unit] = pattern.exec(text) ?? [];
  const factor = units[unit ?? ''];
  return number === undefined || factor === undefined ? undefined : Number(number) * factor;
}
