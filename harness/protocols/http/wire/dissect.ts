import { layer, type Dissection } from '../../../packet/dissection.ts';
import { isMalformed } from '../../../packet/malformed.ts';
import { decodeText } from '../../../packet/text.ts';
import { decodeHttpHead } from './codec.ts';

/** A segment that begins with an HTTP head, for people. One in the middle of a body shows nothing of HTTP. */
export function dissectHttp(bytes: Uint8Array): Dissection | undefined {
  const head = decodeHttpHead(bytes);
  if (!head || isMalformed(head)) return undefined;
  const [first = ''] = decodeText(bytes.subarray(0, head.headLength)).split(/\r?\n/, 1);
  const http = layer('http', bytes.subarray(0, head.headLength), { line: first }, { line: [0, first.length] });
  return { summary: `HTTP ${first}`, layers: [{ ...http, fields: [...http.fields, ...head.headers] }] };
}
