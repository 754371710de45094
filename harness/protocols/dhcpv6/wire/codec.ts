import { ipv6At, ipv6Bytes } from '../../../packet/addresses.ts';
import { ByteWriter } from '../../../packet/byte-writer.ts';
import { Cursor } from '../../../packet/cursor.ts';
import { EncodeError } from '../../../packet/encode-error.ts';
import type { Malformed } from '../../../packet/malformed.ts';
import type { Dhcpv6Message, Dhcpv6RelayMessage } from './message.ts';
import { readOptions, writeOptions } from './options-area.ts';
import { dhcpv6TypeName, isRelayType } from './types.ts';

/** Decodes a message of a client, a server or a relay (RFC 8415 sections 8 and 9). */
export function decodeDhcpv6(bytes: Uint8Array): Dhcpv6Message | Dhcpv6RelayMessage | Malformed {
  const cursor = new Cursor(bytes, 'dhcpv6');
  const type = cursor.u8('message type');
  if (!isRelayType(type)) {
    const transaction = (cursor.u8('transaction id') << 16) | cursor.u16be('transaction id');
    const options = readOptions(cursor);
    return cursor.failure ?? { kind: 'dhcpv6', type, transaction, options };
  }
  const hopCount = cursor.u8('hop count');
  const linkAddress = ipv6At(cursor.take(16, 'link address'));
  const peerAddress = ipv6At(cursor.take(16, 'peer address'));
  const options = readOptions(cursor);
  return cursor.failure ?? { kind: 'dhcpv6-relay', type, hopCount, linkAddress, peerAddress, options };
}

/**
 * A message as bytes, its options in the given order.
 */
export function encodeDhcpv6(message: Dhcpv6Message | Dhcpv6RelayMessage): Uint8Array {
  const writer = new ByteWriter();
  writer.u8(message.type);
  if (isRelayType(message.type) !== (message.kind === 'dhcpv6-relay'))
    throw new EncodeError('dhcpv6', 'message type', `one of a ${message.kind} message`, dhcpv6TypeName(message.type));
  if (message.kind === 'dhcpv6') writer.u8(message.transaction >> 16).u16be(message.transaction & 0xffff);
  else writer.u8(message.hopCount).bytes(ipv6Bytes(message.linkAddress)).bytes(ipv6Bytes(message.peerAddress));
  writeOptions(writer, message.options);
  return writer.done();
}
