import { layer, type Dissection } from '../../../packet/dissection.ts';
import { isMalformed } from '../../../packet/malformed.ts';
import { encodeText } from '../../../packet/text.ts';
import { decodeHttpHead, httpHeader } from '../../http/wire/codec.ts';
import { dissectHttp } from '../../http/wire/dissect.ts';
import { resticRequest, type ResticRequest } from './request.ts';

/** A segment that begins with a request to a store, for people; answers show nothing of it that HTTP does not say. */
export function dissectRestic(bytes: Uint8Array): Dissection | undefined {
  const head = decodeHttpHead(bytes);
  if (!head || isMalformed(head) || head.kind !== 'http-request') return undefined;
  const request = resticRequest(head);
  const http = request && dissectHttp(bytes);
  if (!http) return undefined;
  const { action, repository, kind, id, create } = request;
  // The target lies between the method and the version of the request line, each with one space.
  const at = head.method.length + 1;
  const fields = { action, repository, kind, id, create, range: httpHeader(head, 'range') };
  return {
    summary: `restic ${summary(request)}`,
    layers: [...http.layers, layer('restic', bytes.subarray(at, at + encodeText(head.target).length), fields)],
  };
}

/** A request in words: `load of data 0d6d8a1a, bytes 0 to 335`. */
function summary({ action, repository, kind, id, range }: ResticRequest): string {
  const object = id === undefined ? kind : `${kind} ${id.slice(0, 8)}`;
  const where = repository === '' ? '' : ` in ${repository}`;
  return `${action} of ${object}${where}${range === undefined ? '' : `, bytes ${range.first} to ${range.last ?? 'the end'}`}`;
}
