import { isMalformed } from '../../packet/malformed.ts';
import { decodeText } from '../../packet/text.ts';
import { decodeHttpHead } from '../../protocols/http/wire/codec.ts';
import { beginsRestic } from '../../protocols/restic/wire/request.ts';
import type { Field } from './frame-field.ts';

/** The fields of a head of HTTP that the room of restic reads; none in the middle of a body, and of other web servers. */
export function resticFields(payload: Uint8Array): Field[] {
  const head = decodeHttpHead(payload);
  if (!head || isMalformed(head)) return [];
  const text = decodeText(payload.subarray(0, head.headLength));
  // One digit or letter each: the lowest bit makes another one of it.
  const at = (name: string, pattern: RegExp): Field[] => {
    const found = pattern.exec(text);
    return found?.indices?.[1] ? [{ name, at: found.indices[1][0], bits: 1 }] : [];
  };
  if (head.kind === 'http-response')
    return [...at('status', /^HTTP\/1\.1 (\d)/d), ...at('length', /Content-Length: \d*(\d)\r/d)];
  if (!beginsRestic(payload)) return [];
  return [
    ...at('method', /^[A-Z]*([A-Z]) /d),
    ...at('type', /^[A-Z]+ .*\/[a-z]*([a-z])(?:\/[0-9a-f]*)? /d),
    ...at('id', /^[A-Z]+ .*([0-9a-f]) /d),
    ...at('range', /Range: bytes=\d*(\d)-/d),
    ...at('length', /Content-Length: \d*(\d)\r/d),
  ];
}
