import type { TftpOption } from '../wire/message.ts';

/** Block size without an option (RFC 1350 section 5). */
const DEFAULT_BLKSIZE = 512;
/** Values by which client and server say that they know Microsoft's variable window (harness/docs/protocols.md 2.3). */
const MSFTWINDOW_ASKED = 31416;
const MSFTWINDOW_GRANTED = 27182;

/** What a transfer works with once its options are settled. */
interface TftpTerms {
  readonly blksize: number;
  readonly windowsize: number;
  /** ACKs carry a fifth byte with the number of blocks wanted next. */
  readonly msftwindow: boolean;
  readonly tsize?: number;
}

/** Terms without an OACK: the server took the request and ignored its options (RFC 2347). */
export const DEFAULT_TERMS: TftpTerms = { blksize: DEFAULT_BLKSIZE, windowsize: 1, msftwindow: false };

/** The terms that an OACK sets, and every way in which it breaks the rules, in words. */
export function negotiate(
  asked: readonly TftpOption[],
  granted: readonly TftpOption[],
): { readonly terms: TftpTerms; readonly breaches: readonly string[] } {
  const breaches = granted.flatMap((option) => breachOf(option, valueOf(asked, option.name)) ?? []);
  for (const [i, { name }] of granted.entries()) {
    if (granted.findIndex((other) => other.name === name) !== i) breaches.push(`OACK names ${name} more than once`);
  }
  const blksize = numberOf(granted, 'blksize');
  const windowsize = numberOf(granted, 'windowsize');
  const tsize = numberOf(granted, 'tsize');
  return {
    terms: {
      blksize: blksize !== undefined && blksize > 0 ? blksize : DEFAULT_BLKSIZE,
      windowsize: windowsize !== undefined && windowsize > 0 ? windowsize : 1,
      msftwindow: numberOf(granted, 'msftwindow') === MSFTWINDOW_GRANTED,
      ...(tsize === undefined ? {} : { tsize }),
    },
    breaches,
  };
}

/** The value of an option as a number; undefined when it is absent or no decimal number. */
export function numberOf(options: readonly TftpOption[], name: string): number | undefined {
  const value = valueOf(options, name);
  return value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}

function valueOf(options: readonly TftpOption[], name: string): string | undefined {
  return options.find((option) => option.name === name)?.value;
}

function breachOf({ name, value }: TftpOption, asked: string | undefined): string | undefined {
  if (asked === undefined) return `OACK grants ${name}=${value}, which was never asked for (RFC 2347)`;
  if (!/^\d{1,15}$/.test(value) && KNOWN.has(name)) return `OACK grants ${name}=${value}, expected a decimal number`;
  const [got, wanted] = [Number(value), Number(asked)];
  switch (name) {
    case 'blksize':
      if (got > wanted) return `OACK raises blksize from ${asked} to ${value}; a server may only lower it (RFC 2348)`;
      return got < 8 || got > 65464 ? `OACK grants blksize=${value}, expected 8 to 65464 (RFC 2348)` : undefined;
    case 'windowsize':
      if (got > wanted)
        return `OACK raises windowsize from ${asked} to ${value}; a server may only lower it (RFC 7440 section 3)`;
      return got < 1 || got > 65535
        ? `OACK grants windowsize=${value}, expected 1 to 65535 (RFC 7440 section 3)`
        : undefined;
    case 'timeout':
      return got === wanted
        ? undefined
        : `OACK changes timeout from ${asked} to ${value}; a server must echo it (RFC 2349)`;
    case 'msftwindow':
      return wanted === MSFTWINDOW_ASKED && got !== MSFTWINDOW_GRANTED
        ? `OACK grants msftwindow=${value}, expected ${MSFTWINDOW_GRANTED}`
        : undefined;
    default:
      return undefined;
  }
}

const KNOWN = new Set(['blksize', 'windowsize', 'timeout', 'tsize', 'msftwindow']);
