import { type Field, field } from './frame-field.ts';

const QUERY = 0x11;
const REPORT_V3 = 0x22;
/** Without sources (RFC 3376 section 4.1). */
const QUERY_V3_LENGTH = 12;

/** The fields of IGMP that its state machine reads; `message` begins with the type. */
export function igmpFields(message: Uint8Array): Field[] {
  const type = message[0] ?? 0;
  if (type === REPORT_V3) return recordFields(message);
  const fields = [field('type', 0, 1), field('group', 4, 4)];
  if (type !== QUERY) return fields;
  const sources = message.length < QUERY_V3_LENGTH ? 0 : ((message[10] ?? 0) << 8) | (message[11] ?? 0);
  return [...fields, field('max resp', 1, 1, 2), ...(sources === 0 ? [] : [field('source', QUERY_V3_LENGTH, 4)])];
}

/** Records begin after 8 bytes, and have 8 before their sources (RFC 3376 section 4.2). */
function recordFields(message: Uint8Array): Field[] {
  const fields = [field('number of records', 6, 2)];
  for (let at = 8; at + 7 < message.length; ) {
    const sources = ((message[at + 2] ?? 0) << 8) | (message[at + 3] ?? 0);
    fields.push(field('record type', at, 1), field('group', at + 4, 4));
    if (sources > 0) fields.push(field('source', at + 8, 4));
    at += 8 + 4 * (sources + (message[at + 1] ?? 0));
  }
  return fields;
}
