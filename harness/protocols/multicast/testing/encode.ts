import { ipv4Bytes } from '../../../packet/addresses.ts';
import { ByteWriter } from '../../../packet/byte-writer.ts';
import type { UdpcastMessage } from '../wire/message.ts';

/** A packet as udpcast 20120424 sends it; DATA and FEC with zeros for the image. */
export function encodeUdpcast(message: UdpcastMessage): Uint8Array {
  const writer = new ByteWriter();
  switch (message.op) {
    case 'ok':
      return writer.u16be(0).u16be(0).u32be(message.slice).done();
    case 'retransmit':
      return writer.u16be(1).u16be(0).u32be(message.slice).u32be(message.round).bytes(message.has).done();
    case 'go':
      return writer.u16be(2).u16be(0).done();
    case 'connect-request':
      return writer.u16be(3).u16be(0).u32be(message.capabilities).u32be(message.receiveBuffer).done();
    case 'disconnect':
      return writer.u16be(4).u16be(0).done();
    case 'request-ack':
      writer.u16be(6).u16be(0).u32be(message.slice).u32be(message.sliceBytes).u32be(message.round);
      return writer.bytes(message.ready).done();
    case 'connect-reply':
      writer
        .u16be(7)
        .u16be(0)
        .u32be(message.clientNumber >>> 0)
        .u32be(message.blockSize)
        .u32be(message.capabilities);
      return writer.bytes(group(message.group)).done();
    case 'hello':
      writer
        .u16be(message.streaming ? 0x000b : 0x0500)
        .u16be(0)
        .u32be(message.capabilities);
      return writer.bytes(group(message.group)).u16be(message.blockSize).zeros(2).done();
    case 'data':
    case 'fec': {
      const { slice, block, sliceBytes, dataLength } = message;
      writer.u16be(message.op === 'data' ? 8 : 9).u16be(message.op === 'fec' ? message.stripes : 0);
      return writer.u32be(slice).u16be(block).zeros(2).u32be(sliceBytes).zeros(dataLength).done();
    }
  }
}

/** The address in a field that has room for IPv6. */
function group(ip: string | undefined): Uint8Array {
  const bytes = new Uint8Array(16);
  if (ip !== undefined) bytes.set(ipv4Bytes(ip));
  return bytes;
}
