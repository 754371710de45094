import type { TftpOption } from './message.ts';

/** Block size without an option (RFC 1350 section 2). */
export const DEFAULT_BLKSIZE = 512;
/**
 * Values of `msftwindow` by which client and server say that they know Microsoft's variable window: a handshake, not a
 * size (harness/docs/protocols.md 2.3).
 */
export const MSFTWINDOW_ASKED = '31416';
export const MSFTWINDOW_GRANTED = '27182';

/** The value of the first option of that name; undefined when it is absent. */
export function optionValue(options: readonly TftpOption[], name: string): string | undefined {
  return options.find((option) => option.name === name)?.value;
}

/** The value of an option as a number; undefined when it is absent or no decimal number. */
export function optionNumber(options: readonly TftpOption[], name: string): number | undefined {
  const value = optionValue(options, name);
  return value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}
