import {
  dissectMalformed,
  layer,
  type DissectedLayer,
  type Dissection,
  type Layout,
} from '../../../packet/dissection.ts';
import { dissectToken } from '../../ntlm/wire/dissect.ts';
import { isMalformed, type Malformed } from '../../../packet/malformed.ts';
import type { Smb2Body } from './body.ts';
import { beginsSmb, NETBIOS_HEADER_LENGTH } from './header.ts';
import { decodeRename } from './rename.ts';
import { dialectName } from './negotiate.ts';
import {
  decodeNetbiosHeader,
  decodeReadResponse,
  decodeSmbHeader,
  decodeSmbMessage,
  decodeWriteRequest,
  type Smb2Header,
  type SmbMessage,
} from './codec.ts';
import { decodeSecurityToken } from '../../ntlm/wire/spnego.ts';

/** The SMB messages that a TCP segment begins with; the last one may go on in later segments. */
export function dissectSmb(segment: Uint8Array): Dissection {
  const parts: Dissection[] = [];
  for (let at = 0; beginsSmb(segment.subarray(at)); ) {
    const framing = decodeNetbiosHeader(segment.subarray(at));
    if (isMalformed(framing)) break;
    const start = at + NETBIOS_HEADER_LENGTH;
    at = start + framing.length;
    parts.push(
      ...(at <= segment.length
        ? dissectWhole(segment.subarray(start, at))
        : [dissectBeginning(segment.subarray(start), framing.length)]),
    );
    if (framing.length === 0) break;
  }
  return { summary: parts.map((part) => part.summary).join('; '), layers: parts.flatMap((part) => part.layers) };
}

function dissectWhole(bytes: Uint8Array): Dissection[] {
  const messages = decodeSmbMessage(bytes);
  return isMalformed(messages)
    ? [dissectMalformed(messages)]
    : messages.map((message) => dissectMessage(message, bytes));
}

// Only the beginning is here: the header, and where bulk data is.
function dissectBeginning(bytes: Uint8Array, length: number): Dissection {
  const header = decodeSmbHeader(bytes);
  if (header.kind === 'malformed') return dissectMalformed(header);
  const more = `(first ${bytes.length} of ${length} bytes)`;
  if (header.kind !== 'smb2')
    return { summary: `${header.kind} ${more}`, layers: [layer(header.kind, bytes, { ...header })] };
  const head = bulkHead(bytes, header);
  const bulk = head && !isMalformed(head) ? { ...head } : {};
  return {
    summary: `${title(header)}${head && !isMalformed(head) ? ` ${head.dataLength} bytes` : ''} ${more}`,
    layers: [layer('smb2', bytes, { ...headerFields(header), ...bulk }, HEADER)],
  };
}

function bulkHead(
  bytes: Uint8Array,
  header: Smb2Header,
): ReturnType<typeof decodeReadResponse> | ReturnType<typeof decodeWriteRequest> | undefined {
  if (header.command === 'read' && header.response) return decodeReadResponse(bytes);
  return header.command === 'write' && !header.response ? decodeWriteRequest(bytes) : undefined;
}

function dissectMessage(message: SmbMessage, whole: Uint8Array): Dissection {
  if (message.kind === 'smb-opaque')
    return {
      summary: message.header.kind === 'smb-encrypted' ? 'SMB2 encrypted' : 'SMB2 compressed',
      layers: [layer(message.header.kind, whole, { ...message.header })],
    };
  if (message.kind === 'smb1') {
    const { body, header } = message;
    const words = isMalformed(body)
      ? `malformed: ${body.reason}`
      : body.type === 'smb1-negotiate-request'
        ? body.dialects.join(', ')
        : '';
    const command = header.commandNumber === 0x72 ? 'negotiate' : `command 0x${header.commandNumber.toString(16)}`;
    return {
      summary: `SMB1 ${command} ${header.response ? 'response' : 'request'} ${words}`.trim(),
      layers: [layer('smb1', whole, { command, status: header.status, dialects: words })],
    };
  }
  const { nextCommand } = message.header;
  const bytes = whole.subarray(
    message.offset,
    nextCommand === 0 || message.compoundMalformed ? whole.length : message.offset + nextCommand,
  );
  const { words, fields, layers } = dissectBody(message.body);
  const trouble = message.compoundMalformed && `compound malformed: ${message.compoundMalformed.reason}`;
  return {
    summary: [title(message.header), words, trouble ?? ''].filter((part) => part !== '').join(' '),
    layers: [
      layer('smb2', bytes, { ...headerFields(message.header), ...fields, compound: trouble }, HEADER),
      ...layers,
    ],
  };
}

function title(header: Smb2Header): string {
  const status = header.response && header.status !== 0 ? `, ${header.statusName}` : '';
  return `SMB2 ${header.command} ${header.response ? 'response' : 'request'}${status}`;
}

// MS-SMB2 section 2.2.1; asyncId stands where process and tree are otherwise.
const HEADER: Layout = {
  status: [8, 4],
  command: [12, 2],
  credits: [14, 2],
  messageId: [24, 8],
  asyncId: [32, 8],
  treeId: [36, 4],
  sessionId: [40, 8],
};

function headerFields(header: Smb2Header): Record<string, string | number | undefined> {
  return {
    command: header.command,
    status: header.response ? header.statusName : undefined,
    messageId: String(header.messageId),
    treeId: header.treeId,
    asyncId: header.asyncId === undefined ? undefined : String(header.asyncId),
    sessionId: header.sessionId,
    credits: header.credits,
  };
}

interface BodyParts {
  readonly words: string;
  readonly fields: Readonly<Record<string, string | number | boolean>>;
  readonly layers: readonly DissectedLayer[];
}

function dissectBody(body: Smb2Body | Malformed): BodyParts {
  if (isMalformed(body)) return { words: `malformed: ${body.reason}`, fields: { malformed: body.reason }, layers: [] };
  const token =
    'securityBuffer' in body && body.securityBuffer.length > 0
      ? dissectToken(decodeSecurityToken(body.securityBuffer), body.securityBuffer)
      : undefined;
  return {
    words: [wordsOf(body), token?.words ?? ''].filter((part) => part !== '').join(', '),
    fields: scalars(body),
    layers: token?.layers ?? [],
  };
}

function wordsOf(body: Smb2Body): string {
  switch (body.type) {
    case 'negotiate-request':
      return body.dialects.map(dialectName).join(', ');
    case 'negotiate-response':
      return dialectName(body.dialect);
    case 'tree-connect-request':
      return body.path;
    case 'create-request':
      return body.name;
    case 'create-response':
      return body.directory ? 'directory' : `${body.endOfFile} bytes`;
    case 'read-request':
      return `len ${body.length} off ${body.offset}`;
    case 'write-request':
      return `len ${body.dataLength} off ${body.offset}`;
    case 'read-response':
      return `${body.dataLength} bytes`;
    case 'ioctl-request':
      return [body.controlName, body.dfsReferral && !isMalformed(body.dfsReferral) ? body.dfsReferral.path : '']
        .filter((part) => part !== '')
        .join(' ');
    case 'ioctl-response':
      return body.controlName;
    case 'query-directory-request':
      return body.pattern;
    case 'set-info-request': {
      const rename = decodeRename(body);
      return rename && !isMalformed(rename) ? `rename to ${rename.name}` : '';
    }
    default:
      return '';
  }
}

/** The fields of a body that are plain values: what it nests is shown by words or by layers of its own. */
function scalars(body: Smb2Body): Record<string, string | number | boolean> {
  return Object.fromEntries(
    Object.entries(body).filter((entry): entry is [string, string | number | boolean] =>
      ['string', 'number', 'boolean'].includes(typeof entry[1]),
    ),
  );
}
