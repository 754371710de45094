import {
  dissectMalformed,
  layer,
  type DissectedField,
  type Dissection,
  type Layout,
} from '../../../packet/dissection.ts';
import { isMalformed } from '../../../packet/malformed.ts';
import { hexNumber } from '../../../packet/text.ts';
import { decodeIgmp } from './codec.ts';
import { codeValue, maxRespMs, type GroupRecord, type IgmpMessage } from './message.ts';

const LAYOUT: Layout = {
  type: [0, 1],
  maxRespMs: [1, 1],
  checksum: [2, 2],
  group: [4, 4],
  suppress: [8, 1],
  robustness: [8, 1],
  intervalSeconds: [9, 1],
};

/** A message of IGMP for people: `IGMPv2 membership query for 239.1.2.3`. */
export function dissectIgmp(bytes: Uint8Array, wireLength: number): Dissection {
  const message = decodeIgmp(bytes, wireLength);
  if (isMalformed(message)) return dissectMalformed(message);
  const { checksum, rightChecksum = checksum } = message;
  const wrong = checksum === rightChecksum ? '' : ` (wrong, expected ${hexNumber(rightChecksum, 4)})`;
  const head = layer(
    'igmp',
    bytes,
    { type: nameOf(message), ...fieldsOf(message), checksum: `${hexNumber(checksum, 4)}${wrong}` },
    LAYOUT,
  );
  const records = message.type === 'report' && message.version === 3 ? message.records : [];
  return {
    summary: `${nameOf(message)}${aboutText(message)}`,
    layers: [{ ...head, fields: [...head.fields, ...records.map(recordField)] }],
  };
}

const NAMES = { query: 'membership query', report: 'membership report', leave: 'leave group' } as const;

const nameOf = (message: IgmpMessage): string =>
  message.type === 'other'
    ? `IGMP type ${hexNumber(message.number, 2)}`
    : `IGMPv${message.version} ${NAMES[message.type]}`;

function fieldsOf(message: IgmpMessage): Parameters<typeof layer>[2] {
  if (message.type === 'other' || (message.type === 'report' && message.version === 3)) return {};
  if (message.type !== 'query') return { group: message.group };
  const { group } = message;
  const asked = { maxRespMs: maxRespMs(message), group };
  if (message.version !== 3) return asked;
  const { suppress, robustness, intervalCode, sources } = message;
  return {
    ...asked,
    suppress,
    robustness,
    intervalSeconds: codeValue(intervalCode),
    sources: sources.length === 0 ? undefined : sources.join(', '),
  };
}

function aboutText(message: IgmpMessage): string {
  switch (message.type) {
    case 'other':
      return '';
    case 'query':
      return message.group === '0.0.0.0' ? '' : ` for ${message.group}`;
    case 'leave':
      return ` ${message.group}`;
    case 'report':
      return message.version === 3
        ? message.records.map((record, at) => `${at === 0 ? ' ' : ', '}${recordText(record)}`).join('')
        : ` ${message.group}`;
  }
}

const recordText = ({ type, group }: GroupRecord): string =>
  `${group} ${typeof type === 'number' ? `record type ${type}` : type}`;

const recordField = (record: GroupRecord): DissectedField => ({
  name: 'record',
  value: [
    recordText(record),
    ...(record.sources.length === 0 ? [] : [`sources ${record.sources.join(', ')}`]),
    ...(record.auxiliary.length === 0 ? [] : [`${record.auxiliary.length} bytes of auxiliary data`]),
  ].join(', '),
});
