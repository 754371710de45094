import type { TftpOption } from '../../../harness/protocols/tftp/wire/message.ts';
import { DEFAULT_BLKSIZE, MSFTWINDOW_ASKED, MSFTWINDOW_GRANTED } from '../../../harness/protocols/tftp/wire/options.ts';
import type { TftpConfig, TftpMisbehaviour } from './config.ts';

/** What client and server agreed on. */
export interface Terms {
  readonly blksize: number;
  readonly windowsize: number;
  /** Microsoft's variable window: every ACK says how many blocks it wants next. */
  readonly variableWindow: boolean;
  /** The client's own choice of our resend time (RFC 2349), milliseconds; undefined leaves it to the server. */
  readonly timeoutMs: number | undefined;
  /** Options of the OACK in the client's order; empty when there is none to send. */
  readonly oack: readonly TftpOption[];
  /** Faults that changed the OACK. */
  readonly misbehaved?: readonly (keyof TftpMisbehaviour)[];
}

// 65535 of IPv4 less 20 IP, 8 UDP and 4 TFTP header: more cannot be sent, not even on purpose.
const MAX_SENDABLE = 65_503;

/**
 * Negotiates a read request (RFC 2347): each known option with a usable value is granted, lowered where the server has
 * a limit; an unknown or unusable one is left out of the OACK, which is how a server declines. `size` is the file's.
 */
export function negotiate(
  asked: readonly TftpOption[],
  size: number,
  config: Pick<TftpConfig, 'maxBlksize' | 'maxWindowsize' | 'misbehave'>,
): Terms {
  const { misbehave } = config;
  const omitted = new Set<string>(misbehave['oack-omit']);
  const misbehaved = new Set<keyof TftpMisbehaviour>();
  /** What a fault makes of a value that is granted; as it is without that fault. */
  const spoilt = (value: number, how: 'oack-enlarges-blksize' | 'wrong-tsize'): number => {
    if (misbehave[how] !== undefined) misbehaved.add(how);
    return value + (misbehave[how] ?? 0);
  };
  const oack: TftpOption[] = [];
  let blksize = DEFAULT_BLKSIZE;
  let windowsize = 1;
  let variableWindow = false;
  let timeoutMs: number | undefined;
  for (const { name, value } of asked) {
    // RFC 2347: an option may stand in a request once. The first counts.
    if (omitted.has(name)) misbehaved.add('oack-omit');
    if (omitted.has(name) || oack.some((granted) => granted.name === name)) continue;
    const number = /^\d{1,15}$/.test(value) ? Number(value) : -1;
    if (name === 'blksize' && number >= 8 && number <= 65_464) {
      blksize = Math.min(spoilt(Math.min(number, config.maxBlksize), 'oack-enlarges-blksize'), MAX_SENDABLE);
      oack.push({ name, value: String(blksize) });
    } else if (name === 'tsize' && number >= 0) {
      oack.push({ name, value: String(Math.max(0, spoilt(size, 'wrong-tsize'))) });
    } else if (name === 'timeout' && number >= 1 && number <= 255) {
      timeoutMs = number * 1000;
      oack.push({ name, value });
    } else if (name === 'windowsize' && number >= 1 && number <= 65_535) {
      windowsize = Math.min(number, config.maxWindowsize);
      oack.push({ name, value: String(windowsize) });
    } else if (name === 'msftwindow' && value === MSFTWINDOW_ASKED) {
      variableWindow = true;
      oack.push({ name, value: MSFTWINDOW_GRANTED });
    }
  }
  return { blksize, windowsize, variableWindow, timeoutMs, oack, misbehaved: [...misbehaved] };
}
