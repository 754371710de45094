import { decodeRpcPdu, type RpcPdu } from '../../protocols/rpc/wire/codec.ts';
import { isMalformed } from '../../packet/malformed.ts';
import { type Field, field } from './frame-field.ts';
import { ntlmFields } from './smb-fields.ts';

// Offsets of C706 section 12.6.3 and MS-RPCE section 2.2.2.11; bodies begin after the header's 16 bytes.
const HEADER = 16;
const LAST_FRAGMENT = 0x02;

/** The fields of the PDU that begins in a segment: header, body, and its authentication. */
export function rpcFields(segment: Uint8Array): Field[] {
  const pdu = decodeRpcPdu(segment);
  if (isMalformed(pdu)) return [];
  return [
    field('version', 0, 1),
    field('PDU type', 2, 1, 3),
    field('last fragment flag', 3, 1, LAST_FRAGMENT),
    field('fragment length', 8, 1, 3),
    field('call id', 12, 1),
    ...bodyFields(pdu, segment),
    ...authFields(pdu, segment),
  ];
}

function bodyFields({ body }: RpcPdu, segment: Uint8Array): Field[] {
  if (isMalformed(body)) return [];
  switch (body.type) {
    case 'bind': // the first context's interface and its version
      return [
        field('max transmit', HEADER, 1),
        field('interface', HEADER + 16, 1),
        field('interface version', HEADER + 32, 1),
      ];
    case 'bind-ack': {
      // the first result, after the secondary address and its padding
      const results = Math.ceil((HEADER + 10 + (segment[HEADER + 8] ?? 0)) / 4) * 4;
      return [field('max transmit', HEADER, 1), field('result', results + 4, 1)];
    }
    case 'request':
      return [field('context id', HEADER + 4, 1), field('opnum', HEADER + 6, 1), ...stubFields(body.stub, segment)];
    case 'response':
      return stubFields(body.stub, segment);
    default:
      return [];
  }
}

/**
 * A byte in the middle of the stub, and two in the tower of ept_map where there is one: the interface's UUID and the
 * port.
 */
function stubFields(stub: Uint8Array, segment: Uint8Array): Field[] {
  const at = stub.byteOffset - segment.byteOffset;
  const bytes = Buffer.from(stub.buffer, stub.byteOffset, stub.byteLength);
  // A floor of 19 bytes whose protocol is 0x0d, a UUID; one of 1 byte whose protocol is 7, TCP (C706 appendix L).
  const uuid = bytes.indexOf(Buffer.of(19, 0, 0x0d));
  const port = bytes.indexOf(Buffer.of(1, 0, 7, 2, 0));
  return uuid < 0
    ? [field('stub', at + Math.floor(stub.length / 2), 1)]
    : [
        field('asked interface', at + uuid + 3, 1),
        ...(port > 0 && (stub[port + 5] ?? 0) > 0 ? [field('mapped port', at + port + 5, 1)] : []),
      ];
}

function authFields({ header, auth }: RpcPdu, segment: Uint8Array): Field[] {
  if (!auth || isMalformed(auth)) return [];
  const value = header.fragmentLength - header.authLength;
  const signed = !auth.token && auth.level >= 5 ? [field('signature', value + 4, 1)] : [];
  return [
    field('auth level', value - 7, 1),
    ...signed,
    ...ntlmFields(segment, new DataView(segment.buffer, segment.byteOffset, segment.byteLength), value),
  ];
}
