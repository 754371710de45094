import { isMalformed } from '../../packet/malformed.ts';
import type { Packet } from '../../packet/packet.ts';
import { hexNumber } from '../../packet/text.ts';
import { isIgmp } from '../igmp/observe/observer.ts';
import { decodeIgmp } from '../igmp/wire/codec.ts';
import { IGMP_TYPES, RECORD_TYPES, type IgmpMessage } from '../igmp/wire/message.ts';
import type { Fields } from './observed-fields.ts';

/** Fields of IGMP, in tshark's names: all that it reads of versions 1 to 3. */
export const IGMP_FIELDS = [
  'igmp.type',
  'igmp.version',
  'igmp.checksum',
  'igmp.checksum.status',
  'igmp.max_resp',
  'igmp.maddr',
  'igmp.s',
  'igmp.qrv',
  'igmp.qqic',
  'igmp.num_src',
  'igmp.saddr',
  'igmp.num_grp_recs',
  'igmp.record_type',
  'igmp.aux_data_len',
] as const;

/** What our decoder says of a message of IGMP, in tshark's names. */
export function igmpFields(packet: Packet): Fields {
  const message = isIgmp(packet) ? decodeIgmp(packet.payload, packet.payloadLength) : undefined;
  if (message === undefined || isMalformed(message) || message.type === 'other') return {};
  const { checksum, rightChecksum } = message;
  return {
    'igmp.version': [String(message.version)],
    'igmp.checksum': [hexNumber(checksum, 4)],
    // 1 good, 0 bad.
    'igmp.checksum.status': [checksum === rightChecksum ? '1' : '0'],
    ...bodyFields(message),
  };
}

function bodyFields(message: Exclude<IgmpMessage, { readonly type: 'other' }>): Fields {
  if (message.type === 'report' && message.version === 3) {
    const { records } = message;
    return {
      ...typeField('reportV3'),
      'igmp.num_grp_recs': [String(records.length)],
      'igmp.maddr': records.map(({ group }) => group),
      'igmp.record_type': records.map(({ type }) => String(typeof type === 'number' ? type : RECORD_TYPES[type])),
      'igmp.aux_data_len': records.map(({ auxiliary }) => String(auxiliary.length / 4)),
      'igmp.num_src': records.map(({ sources }) => String(sources.length)),
      'igmp.saddr': records.flatMap(({ sources }) => sources),
    };
  }
  if (message.type === 'report')
    return { ...typeField(message.version === 1 ? 'reportV1' : 'reportV2'), 'igmp.maddr': [message.group] };
  if (message.type === 'leave') return { ...typeField('leave'), 'igmp.maddr': [message.group] };
  const asked = {
    ...typeField('query'),
    'igmp.maddr': [message.group],
    'igmp.max_resp': message.version === 1 ? [] : [String(message.maxRespCode)],
  };
  if (message.version !== 3) return asked;
  return {
    ...asked,
    'igmp.s': [message.suppress ? 'True' : 'False'],
    'igmp.qrv': [String(message.robustness)],
    'igmp.qqic': [String(message.intervalCode)],
    'igmp.num_src': [String(message.sources.length)],
    'igmp.saddr': message.sources,
  };
}

const typeField = (name: keyof typeof IGMP_TYPES): Fields => ({ 'igmp.type': [hexNumber(IGMP_TYPES[name], 2)] });
