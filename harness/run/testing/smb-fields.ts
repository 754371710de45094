import { type Field, field } from './frame-field.ts';

// Offsets of MS-SMB2: header section 2.2.1.2, bodies section 2.2.3 to 2.2.32; bodies begin after the header's 64 bytes.
// Numbers are little-endian: a field's first byte is its lowest.
const HEADER = 64;
const NETBIOS = 4;
const RESPONSE = 0x01;
const NEGOTIATE = 0;
const SESSION_SETUP = 1;
const TREE_CONNECT = 3;
const CREATE = 5;
const CLOSE = 6;
const READ = 8;
const IOCTL = 11;
const NAME_TAG = Buffer.from('<NAME>', 'utf16le');
const little = (name: string, at: number): Field => field(name, at, 1);

/**
 * The fields of the SMB2 messages that begin in a segment, of their NTLM tokens, and of the WIM that READ data shows.
 */
export function smbFields(segment: Uint8Array): Field[] {
  const fields = isSmb2(segment, NETBIOS) ? messages(segment) : [];
  return [...fields, ...wimFields(segment)];
}

function messages(segment: Uint8Array): Field[] {
  const fields: Field[] = [little('protocol id', NETBIOS + 1)];
  const view = new DataView(segment.buffer, segment.byteOffset, segment.byteLength);
  for (let at = NETBIOS; isSmb2(segment, at) && at + HEADER < segment.length; ) {
    const next = view.getUint32(at + 20, true);
    const end = next === 0 ? segment.length : at + next;
    fields.push(...messageFields(segment.subarray(0, end), view, at));
    if (next === 0) break;
    at = end;
  }
  return fields;
}

function messageFields(bytes: Uint8Array, view: DataView, at: number): Field[] {
  const command = view.getUint16(at + 12, true);
  const response = ((bytes[at + 16] ?? 0) & RESPONSE) !== 0;
  const fields = [
    little('command', at + 12),
    field('response flag', at + 16, 1, RESPONSE),
    little('message id', at + 24),
  ];
  if (response) fields.push(little('status', at + 8));
  if (command !== NEGOTIATE && !(command === SESSION_SETUP && view.getBigUint64(at + 40, true) === 0n))
    fields.push(little('session id', at + 40));
  // Reserved where no share is concerned yet: in SESSION_SETUP, LOGOFF and the request for a tree (section 2.2.1.2).
  if (command > TREE_CONNECT || (command === TREE_CONNECT && response)) fields.push(little('tree id', at + 36));
  const body = at + HEADER;
  const within = (one: Field): boolean => one.at < bytes.length;
  return [...fields, ...bodyFields(bytes, view, command, response, body)].filter(within);
}

function bodyFields(bytes: Uint8Array, view: DataView, command: number, response: boolean, body: number): Field[] {
  switch (command) {
    case NEGOTIATE: // the first dialect offered, the dialect chosen
      return [little('dialect', response ? body + 4 : body + 36)];
    case SESSION_SETUP:
      return ntlmFields(bytes, view, body);
    case TREE_CONNECT: // the path's last character, the share's type
      return response
        ? [little('share type', body + 2)]
        : [little('path', body - HEADER + view.getUint16(body + 4, true) + view.getUint16(body + 6, true) - 2)];
    case CREATE:
      if (response)
        return view.getUint32(body - HEADER + 8, true) === 0
          ? [
              little('end of file', body + 48),
              field('directory attribute', body + 56, 1, 0x10),
              little('file id', body + 64),
            ]
          : [];
      return view.getUint16(body + 46, true) === 0
        ? []
        : [little('name', body - HEADER + view.getUint16(body + 44, true))];
    case CLOSE:
      return response ? [] : [little('file id', body + 8)];
    case READ:
      return response
        ? [little('data length', body + 4)]
        : [little('length', body + 4), little('offset', body + 8), little('file id', body + 16)];
    case IOCTL: // a DFS referral's path follows MaxReferralLevel (MS-DFSC section 2.2.2)
      return response
        ? []
        : [
            little('control code', body + 4),
            little('referral path', body - HEADER + view.getUint32(body + 24, true) + 2),
          ];
    default:
      return [];
  }
}

/**
 * NTLMSSP inside SPNEGO (MS-NLMP section 2.2.1): message type; of CHALLENGE the target, of AUTHENTICATE domain, user,
 * workstation.
 */
export function ntlmFields(bytes: Uint8Array, view: DataView, from: number): Field[] {
  const token = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf('NTLMSSP\0', from, 'latin1');
  if (token < 0) return [];
  const type = view.getUint32(token + 8, true);
  const text = (name: string, descriptor: number): Field[] =>
    view.getUint16(token + descriptor, true) === 0
      ? []
      : [little(name, token + view.getUint32(token + descriptor + 4, true))];
  return [
    little('ntlm message type', token + 8),
    ...(type === 2 ? text('ntlm target', 12) : []),
    ...(type === 3 ? [...text('ntlm domain', 28), ...text('ntlm user', 36), ...text('ntlm workstation', 44)] : []),
  ];
}

/**
 * A WIM's header (magic at 0, image count at 44, the list's resource at 72, boot index at 120) and an image's name in
 * the list, in UTF-16.
 */
function wimFields(segment: Uint8Array): Field[] {
  const bytes = Buffer.from(segment.buffer, segment.byteOffset, segment.byteLength);
  const magic = bytes.indexOf('MSWIM\0\0\0', 0, 'latin1');
  const name = bytes.indexOf(NAME_TAG);
  return [
    ...(magic >= 0 && magic + 124 <= segment.length
      ? [
          little('wim magic', magic),
          little('wim part number', magic + 40),
          little('wim image count', magic + 44),
          little('wim list size', magic + 72),
          little('wim list offset', magic + 80),
          little('wim boot index', magic + 120),
        ]
      : []),
    ...(name >= 0 && name + 12 < segment.length ? [little('wim image name', name + 12)] : []),
  ];
}

function isSmb2(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0xfe && bytes[at + 1] === 0x53 && bytes[at + 2] === 0x4d && bytes[at + 3] === 0x42;
}
