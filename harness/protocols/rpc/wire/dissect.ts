import { decodeRpcPdu, RPC_INTERFACES, type RpcBody } from './codec.ts';
import {
  dissectMalformed,
  layer,
  type DissectedLayer,
  type Dissection,
  type Layout,
} from '../../../packet/dissection.ts';
import { dissectToken } from '../../ntlm/wire/dissect.ts';
import { isMalformed } from '../../../packet/malformed.ts';
import { hexNumber } from '../../../packet/text.ts';
import { decodeWdsStub, wdsOperationName } from '../../wds/wire/codec.ts';

const PRIVACY = 6;
// C706 section 12.6.3.1.
const HEADER: Layout = { type: [2, 1], fragmentLength: [8, 2], callId: [12, 4] };

/** A DCE/RPC PDU; `fromClient` is its direction, which the layout of a WDS packet depends on. */
export function dissectRpc(bytes: Uint8Array, fromClient: boolean): Dissection {
  const pdu = decodeRpcPdu(bytes);
  if (isMalformed(pdu)) return dissectMalformed(pdu);
  const { header, body } = pdu;
  const auth = pdu.auth && !isMalformed(pdu.auth) ? pdu.auth : undefined;
  const token = auth?.token && dissectToken(auth.token, auth.value);
  const words = isMalformed(body) ? `malformed: ${body.reason}` : wordsOf(body);
  const wds = isMalformed(body) || auth?.level === PRIVACY ? undefined : dissectWds(body, fromClient);
  const head = layer(
    'rpc',
    bytes.subarray(0, header.fragmentLength),
    {
      type: header.name,
      callId: header.callId,
      fragmentLength: header.fragmentLength,
      authType: auth?.type,
      authLevel: auth?.level,
      detail: words === '' ? undefined : words,
    },
    HEADER,
  );
  const summary = [`RPC ${header.name} call_id ${header.callId}`, words, wds?.words ?? '', token?.words ?? '']
    .filter((part) => part !== '')
    .join(', ');
  return { summary, layers: [head, ...(wds?.layers ?? []), ...(token?.layers ?? [])] };
}

function wordsOf(body: RpcBody): string {
  switch (body.type) {
    case 'bind':
      return body.contexts
        .map(({ abstract }) => `${RPC_INTERFACES[abstract.uuid] ?? abstract.uuid} v${abstract.version}`)
        .join(', ');
    case 'bind-ack':
      return body.results.map(({ result }) => (result === 0 ? 'accepted' : `refused (${result})`)).join(', ');
    case 'bind-nak':
      return `reason ${body.reason}`;
    case 'request':
      return `opnum ${body.opnum} ctx_id ${body.contextId}`;
    case 'response':
      return `ctx_id ${body.contextId}`;
    case 'fault':
      return `status ${hexNumber(body.status)}`;
    case 'other':
      return '';
  }
}

// An earlier frame says which interface a context means: a stub that decodes as a WDS packet to its last byte is taken
// as one.
function dissectWds(body: RpcBody, fromClient: boolean): { words: string; layers: DissectedLayer[] } | undefined {
  if (body.type !== 'request' && body.type !== 'response') return undefined;
  const packet = decodeWdsStub(body.stub, fromClient ? 'request' : 'response');
  if (isMalformed(packet)) return undefined;
  const operation =
    packet.opcode === undefined ? `reply ${packet.errorCode ?? 0}` : wdsOperationName(packet.service, packet.opcode);
  const variables = packet.variables.map(({ name, values }) => ({ name, value: values.map(String).join(', ') }));
  const head = layer('wds', body.stub, { service: packet.service, operation });
  return { words: `WDS ${packet.service} ${operation}`, layers: [{ ...head, fields: [...head.fields, ...variables] }] };
}
