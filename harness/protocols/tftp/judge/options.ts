import type { TftpOption } from '../wire/message.ts';
import { MSFTWINDOW_GRANTED, optionNumber } from '../wire/options.ts';
import type { Breach } from '../../base/judge/step.ts';
import type { TFTP } from './vocabulary.ts';

type TftpBreach = Breach<keyof typeof TFTP.causes>;

/** The options that steps show: what was asked for, or granted. */
export function optionDetail(options: readonly TftpOption[]): Readonly<Record<string, number | undefined>> {
  return {
    blksize: optionNumber(options, 'blksize'),
    tsize: optionNumber(options, 'tsize'),
    windowsize: optionNumber(options, 'windowsize'),
    msftwindow: optionNumber(options, 'msftwindow'),
  };
}

/**
 * Which rule an OACK breaks: it may grant or lower what was asked, may leave options out, and must not invent any
 * (RFC 2347 section 2, RFC 2348, RFC 2349 for timeout and tsize, RFC 7440 section 3).
 */
export function optionAckBreach(asked: readonly TftpOption[], granted: readonly TftpOption[]): TftpBreach | undefined {
  const names = new Set<string>();
  for (const option of granted) {
    const request = asked.find(({ name }) => name === option.name);
    if (!request)
      return illegal(
        `only options that were asked for: ${asked.map(({ name }) => name).join(', ') || 'none'} (RFC 2347)`,
        `${option.name}=${option.value}`,
      );
    if (names.has(option.name)) return illegal(`${option.name} once`, `twice, the second with ${option.value}`);
    names.add(option.name);
    const refused = valueBreach(request, option);
    if (refused) return refused;
  }
  return undefined;
}

function valueBreach(request: TftpOption, option: TftpOption): TftpBreach | undefined {
  const { name, value } = option;
  if (name === 'msftwindow')
    return value === MSFTWINDOW_GRANTED
      ? undefined
      : illegal(`msftwindow=${MSFTWINDOW_GRANTED}`, `msftwindow=${value}`);
  const rfc = SECTIONS[name];
  if (rfc === undefined) return undefined;
  const granted = optionNumber([option], name);
  if (granted === undefined) return illegal(`a decimal number for ${name} (${rfc})`, `“${value}”`);
  if (name === 'tsize') return undefined;
  const asked = optionNumber([request], name) ?? 0;
  if (name === 'timeout')
    return granted === asked ? undefined : illegal(`timeout=${asked}, as asked (${rfc})`, `timeout=${granted}`);
  // The smallest legal block has 8 bytes, the smallest window 1 block.
  const least = name === 'blksize' ? 8 : 1;
  return granted >= least && granted <= asked
    ? undefined
    : illegal(`${name} of ${least} to ${asked} (${rfc})`, `${name}=${granted}`);
}

const SECTIONS: Readonly<Record<string, string>> = {
  blksize: 'RFC 2348',
  tsize: 'RFC 2349',
  timeout: 'RFC 2349',
  windowsize: 'RFC 7440 section 3',
};

const illegal = (expected: string, actual: string): TftpBreach => ({
  expected,
  actual,
  cause: 'tftp-illegal-option-ack',
});
