import { ipv4Bytes } from '../../../packet/addresses.ts';
import { ByteWriter } from '../../../packet/byte-writer.ts';
import { internetChecksum } from '../../../packet/internet-checksum.ts';
import { IGMP_CHECKSUM_AT, IGMP_TYPES, RECORD_TYPES, type GroupRecord, type IgmpBody } from '../wire/message.ts';

/** A message of IGMP with its checksum, or with another one. */
export function encodeIgmp(message: IgmpBody, checksum?: number): Uint8Array {
  const writer = new ByteWriter()
    .u8(typeOf(message))
    .u8(message.type === 'query' ? message.maxRespCode : 0)
    .u16be(0);
  if (message.type === 'report' && message.version === 3) {
    writer.u16be(0).u16be(message.records.length);
    for (const record of message.records) recordTo(writer, record);
  } else if (message.type !== 'other') writer.bytes(ipv4Bytes(message.group));
  if (message.type === 'query' && message.version === 3) {
    writer.u8((message.suppress ? 0x08 : 0) | message.robustness).u8(message.intervalCode);
    addressesTo(writer.u16be(message.sources.length), message.sources);
  }
  const bytes = writer.done();
  const sum = checksum ?? internetChecksum(bytes, IGMP_CHECKSUM_AT);
  bytes.set([sum >> 8, sum & 255], IGMP_CHECKSUM_AT);
  return bytes;
}

function typeOf(message: IgmpBody): number {
  switch (message.type) {
    case 'query':
    case 'leave':
      return IGMP_TYPES[message.type];
    case 'report':
      return { 1: IGMP_TYPES.reportV1, 2: IGMP_TYPES.reportV2, 3: IGMP_TYPES.reportV3 }[message.version];
    case 'other':
      return message.number;
  }
}

function recordTo(writer: ByteWriter, { type, group, sources, auxiliary }: GroupRecord): void {
  writer
    .u8(typeof type === 'number' ? type : RECORD_TYPES[type])
    .u8(auxiliary.length / 4)
    .u16be(sources.length)
    .bytes(ipv4Bytes(group));
  addressesTo(writer, sources);
  writer.bytes(auxiliary);
}

function addressesTo(writer: ByteWriter, addresses: readonly string[]): void {
  for (const address of addresses) writer.bytes(ipv4Bytes(address));
}
