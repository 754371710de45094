import { ipv6Bytes, macBytes } from '../../../packet/addresses.ts';
import { ByteWriter } from '../../../packet/byte-writer.ts';
import { NDP_TYPES, OPTION_TYPES, type NdpMessage, type NdpOption } from '../wire/message.ts';

/** A message of neighbour discovery as ICMPv6 bytes, with a checksum of zero, which nobody here looks at. */
export function encodeNdp(message: NdpMessage): Uint8Array {
  const writer = new ByteWriter().u8(NDP_TYPES[message.type]).u8(message.code).u16be(0);
  switch (message.type) {
    case 'router-solicitation':
      writer.u32be(0);
      break;
    case 'router-advertisement':
      writer
        .u8(message.hopLimit)
        .u8((message.managed ? 0x80 : 0) | (message.other ? 0x40 : 0))
        .u16be(message.lifetimeSeconds)
        .u32be(message.reachableMs)
        .u32be(message.retransMs);
      break;
    case 'neighbour-solicitation':
      writer.u32be(0).bytes(ipv6Bytes(message.target));
      break;
    case 'neighbour-advertisement':
      writer
        .u8((message.router ? 0x80 : 0) | (message.solicited ? 0x40 : 0) | (message.override ? 0x20 : 0))
        .zeros(3)
        .bytes(ipv6Bytes(message.target));
  }
  for (const option of message.options) writer.bytes(optionBytes(option));
  return writer.done();
}

function optionBytes(option: NdpOption): Uint8Array {
  const writer = new ByteWriter().u8(option.kind === 'other' ? option.type : OPTION_TYPES[option.kind]).u8(0);
  switch (option.kind) {
    case 'source-link-layer':
    case 'target-link-layer':
      writer.bytes(macBytes(option.mac));
      break;
    case 'prefix':
      writer
        .u8(option.length)
        .u8((option.onLink ? 0x80 : 0) | (option.autonomous ? 0x40 : 0))
        .u32be(option.validSeconds)
        .u32be(option.preferredSeconds)
        .zeros(4)
        .bytes(ipv6Bytes(option.prefix));
      break;
    case 'mtu':
      writer.zeros(2).u32be(option.mtu);
      break;
    case 'route':
      writer
        .u8(option.length)
        .u8(option.preference << 3)
        .u32be(option.lifetimeSeconds)
        .bytes(ipv6Bytes(option.prefix));
      break;
    case 'dns-servers':
      writer.zeros(2).u32be(option.lifetimeSeconds);
      for (const server of option.servers) writer.bytes(ipv6Bytes(server));
      break;
    case 'other':
      writer.bytes(option.data);
  }
  const bytes = writer.align(8).done();
  bytes[1] = bytes.length / 8;
  return bytes;
}
