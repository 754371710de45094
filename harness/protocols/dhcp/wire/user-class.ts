import type { DhcpMessage } from './message.ts';
import { optionBytes } from './options.ts';
import { decodeTextTrimmed } from '../../../packet/text.ts';

const USER_CLASS = 77;

/**
 * The user classes of option 77, in wire order; empty when the option is absent. RFC 3004 section 4 wants a length byte
 * before each of them. iPXE and Windows (ipconfig /setclassid) write one class as bare text, which is told by lengths that
 * do not add up: the first byte of a name is a letter, larger than the whole option would be long.
 */
export function userClasses(message: Pick<DhcpMessage, 'options'>): string[] {
  const data = optionBytes(message, USER_CLASS);
  if (!data || data.length === 0) return [];
  return counted(data) ?? [decodeTextTrimmed(data)];
}

/** Classes with a length byte each; undefined for data that is not such a list. */
function counted(data: Uint8Array): string[] | undefined {
  const classes: string[] = [];
  let at = 0;
  while (at < data.length) {
    const length = data[at] ?? 0;
    if (length === 0 || at + 1 + length > data.length) return undefined;
    classes.push(decodeTextTrimmed(data.subarray(at + 1, at + 1 + length)));
    at += 1 + length;
  }
  return classes;
}
