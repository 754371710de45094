import type { TftpOption } from '../wire/message.ts';
import { DEFAULT_BLKSIZE, MSFTWINDOW_GRANTED, optionNumber, optionValue } from '../wire/options.ts';

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

/** The terms that an OACK sets, whether it may set them or not: the judge decides that. */
export function termsOf(granted: readonly TftpOption[]): TftpTerms {
  const blksize = optionNumber(granted, 'blksize');
  const windowsize = optionNumber(granted, 'windowsize');
  const tsize = optionNumber(granted, 'tsize');
  return {
    blksize: blksize !== undefined && blksize > 0 ? blksize : DEFAULT_BLKSIZE,
    windowsize: windowsize !== undefined && windowsize > 0 ? windowsize : 1,
    msftwindow: optionValue(granted, 'msftwindow') === MSFTWINDOW_GRANTED,
    ...(tsize === undefined ? {} : { tsize }),
  };
}
