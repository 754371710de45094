import type { TftpOption } from '../wire/message.ts';
import type { Breach } from '../../base/judge/step.ts';

/** An option as a number; undefined when absent or not a decimal number. */
export function optionNumber(options: readonly TftpOption[], name: string): number | undefined {
  const value = options.find((option) => option.name === name)?.value;
  return value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}

/** The options that steps show: what was asked for, or granted. */
export function optionDetail(options: readonly TftpOption[]): Readonly<Record<string, number | undefined>> {
  return {
    blksize: optionNumber(options, 'blksize'),
    tsize: optionNumber(options, 'tsize'),
    windowsize: optionNumber(options, 'windowsize'),
    msftwindow: optionNumber(options, 'msftwindow'),
  };
}

// msftwindow is a handshake by two magic values, not a size (harness/docs/protocols.md 2.3).
const MSFT_WINDOW_GRANT = '27182';

/**
 * Which rule an OACK breaks: it may grant or lower what was asked, may leave options out, and must not invent any
 * (RFC 2347 section 2, RFC 2348, RFC 2349 for timeout and tsize, RFC 7440 section 3).
 */
export function optionAckBreach(asked: readonly TftpOption[], granted: readonly TftpOption[]): Breach | undefined {
  const names = new Set<string>();
  for (const option of granted) {
    const request = asked.find(({ name }) => name === option.name);
    if (!request)
      return illegal(
        `only options that were asked for: ${asked.map(({ name }) => name).join(', ') || 'none'}`,
        `${option.name}=${option.value}`,
      );
    if (names.has(option.name)) return illegal(`${option.name} once`, `twice, the second with ${option.value}`);
    names.add(option.name);
    const refused = valueBreach(request, option);
    if (refused) return refused;
  }
  return undefined;
}

function valueBreach(request: TftpOption, option: TftpOption): Breach | undefined {
  if (option.name === 'msftwindow')
    return option.value === MSFT_WINDOW_GRANT
      ? undefined
      : illegal(`msftwindow=${MSFT_WINDOW_GRANT}`, `msftwindow=${option.value}`);
  if (!['blksize', 'windowsize', 'timeout', 'tsize'].includes(option.name)) return undefined;
  const granted = optionNumber([option], option.name);
  if (granted === undefined) return illegal(`a decimal number for ${option.name}`, `“${option.value}”`);
  if (option.name === 'tsize') return undefined;
  const asked = optionNumber([request], request.name) ?? 0;
  if (option.name === 'timeout')
    return granted === asked ? undefined : illegal(`timeout=${asked}, as asked`, `timeout=${granted}`);
  // Smallest legal block is 8 bytes (RFC 2348), smallest window 1 block (RFC 7440).
  const least = option.name === 'blksize' ? 8 : 1;
  return granted >= least && granted <= asked
    ? undefined
    : illegal(`${option.name} of ${least} to ${asked}`, `${option.name}=${granted}`);
}

const illegal = (expected: string, actual: string): Breach => ({ expected, actual, cause: 'tftp-illegal-option-ack' });
