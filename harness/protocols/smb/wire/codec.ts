import { Cursor } from '../../../packet/cursor.ts';
import { isMalformed, malformed, type Malformed } from '../../../packet/malformed.ts';
import { decodeBody, type Smb2Body } from './body.ts';
import {
  decodeSmbHeader,
  type Smb1Header,
  type Smb2Header,
  SMB2_HEADER_LENGTH,
  type SmbCompressedHeader,
  type SmbEncryptedHeader,
} from './header.ts';
import { decodeSmb1Negotiate, type Smb1NegotiateRequest, type Smb1NegotiateResponse } from './negotiate.ts';

export type { Smb2Body } from './body.ts';
export { decodeNetbiosHeader, decodeSmbHeader, type Smb2Header } from './header.ts';
export { decodeReadResponse, decodeWriteRequest } from './io.ts';

/** One message of a compound, or the only one. */
export interface Smb2Message {
  readonly kind: 'smb2';
  readonly header: Smb2Header;
  readonly body: Smb2Body | Malformed;
  /** Offset of its header from the start of the NetBIOS message. */
  readonly offset: number;
  /** NextCommand, or the header that it points at, makes no sense: messages after this one are lost. */
  readonly compoundMalformed?: Malformed;
}

/** SMB1: NEGOTIATE is decoded, everything else is not. */
export interface Smb1Message {
  readonly kind: 'smb1';
  readonly header: Smb1Header;
  readonly body: Smb1NegotiateRequest | Smb1NegotiateResponse | { readonly type: 'undecoded' } | Malformed;
}

/** A message that cannot be read without its session's keys, or without decompressing it. */
export interface SmbOpaqueMessage {
  readonly kind: 'smb-opaque';
  readonly header: SmbEncryptedHeader | SmbCompressedHeader;
}

export type SmbMessage = Smb2Message | Smb1Message | SmbOpaqueMessage;

const SMB1_HEADER_LENGTH = 32;
const SMB1_NEGOTIATE = 0x72;

/**
 * The messages of one whole NetBIOS message, without its four bytes of framing. Malformed when the first header is; a
 * later message that does not decode is malformed by itself.
 */
export function decodeSmbMessage(bytes: Uint8Array): SmbMessage[] | Malformed {
  const header = decodeSmbHeader(bytes);
  switch (header.kind) {
    case 'malformed':
      return header;
    case 'smb1':
      return [decodeSmb1(bytes, header)];
    case 'smb-encrypted':
    case 'smb-compressed':
      return [{ kind: 'smb-opaque', header }];
    case 'smb2':
      return decodeCompound(bytes, header);
  }
}

function decodeCompound(bytes: Uint8Array, first: Smb2Header): Smb2Message[] {
  const messages: Smb2Message[] = [];
  let offset = 0;
  for (let header: Smb2Header | undefined = first; header; ) {
    const rest = bytes.subarray(offset);
    const following = nextHeader(rest, header.nextCommand);
    const own = following && !isMalformed(following) ? rest.subarray(0, header.nextCommand) : rest;
    const body = decodeBody(new Cursor(own, 'smb2', SMB2_HEADER_LENGTH), header);
    messages.push({
      kind: 'smb2',
      header,
      body,
      offset,
      ...(isMalformed(following) ? { compoundMalformed: following } : {}),
    });
    offset += own.length;
    header = isMalformed(following) ? undefined : following;
  }
  return messages;
}

// MS-SMB2 section 2.2.1.2: NextCommand counts from the start of this header to the next, 8-byte aligned; so at least
// 64.
function nextHeader(rest: Uint8Array, next: number): Smb2Header | undefined | Malformed {
  if (next === 0) return undefined;
  if (next < SMB2_HEADER_LENGTH || next % 8 !== 0 || next >= rest.length) {
    return malformed(
      'smb2',
      `next command ${next} must be a multiple of 8 from ${SMB2_HEADER_LENGTH} to less than the ${rest.length} bytes left`,
      rest,
      20,
    );
  }
  const header = decodeSmbHeader(rest.subarray(next));
  if (header.kind === 'smb2' || header.kind === 'malformed') return header;
  return malformed('smb2', `a compound holds SMB2 messages only, got ${header.kind}`, rest, next);
}

function decodeSmb1(bytes: Uint8Array, header: Smb1Header): Smb1Message {
  if (header.commandNumber !== SMB1_NEGOTIATE) return { kind: 'smb1', header, body: { type: 'undecoded' } };
  const cursor = new Cursor(bytes, 'smb1', SMB1_HEADER_LENGTH);
  const body = decodeSmb1Negotiate(cursor, header.response);
  return { kind: 'smb1', header, body: cursor.failure ?? body };
}
