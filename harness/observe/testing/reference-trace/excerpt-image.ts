import { joinBytes } from '../../../packet/bytes.ts';
import { encodeUtf16 } from '../../../packet/text.ts';
import { filler, le, zeros } from './link-frames.ts';
import {
  closeRequest,
  closeResponse,
  type CreateContext,
  createRequest,
  createResponse,
  errorResponse,
  readRequest,
  readResponse,
  type Smb2Envelope,
} from './smb2-messages.ts';
import { TraceConnection } from './trace-connection.ts';
import { FILE_TIME } from './trace-time.ts';

const IMAGE = 'Images\\windows 7 Pro\\win7proSoftATILF(x86).wim';
const PROBED = 'Images\\windows 7 Pro\\win7proSoftATILF(x86)';
const RESOURCES = 'Images\\windows 7 Pro\\Res.rwm';
/** Reads of the last pages end with the file: offset and length of rows 79 and 96. */
const IMAGE_TAIL = { offset: 4_431_872, length: 4616 } as const;
const RESOURCES_TAIL = { offset: 8_193_339_392, length: 2550 } as const;
const STATUS_OBJECT_NAME_NOT_FOUND = 0xc000_0034;

// Create contexts of Windows 7, requested and granted; the lengths of the rows show which ones a CREATE has.
const durable: CreateContext = { name: 'DHnQ', data: zeros(16) };
const maximalAccess: CreateContext = { name: 'MxAc', data: zeros(0) };
const diskId: CreateContext = { name: 'QFid', data: zeros(0) };
const lease = (key: number): CreateContext => ({
  name: 'RqLs',
  data: joinBytes([filler(16, key), le(7, 4), zeros(12)]),
});
const durableGranted: CreateContext = { name: 'DHnQ', data: zeros(8) };
const access: CreateContext = { name: 'MxAc', data: joinBytes([zeros(4), le(0x001f_01ff, 4)]) };
const diskIdGiven = (file: number): CreateContext => ({
  name: 'QFid',
  data: joinBytes([le(file, 8), le(0x4c5a, 8), zeros(16)]),
});

/** Step 3: the image of the group is looked at, then its shared resources. The connection is the one of step 2. */
export function imageExcerpt(): Uint8Array[] {
  // Sequence numbers of both directions at the first frame, as rows 78 to 98 give them.
  const tcp = new TraceConnection(49_164, 445, 2245, 1427);
  let messageId = 20;
  const next = (): Smb2Envelope => ({ messageId: messageId++, treeId: 5, sessionId: 0x4000_0400_0041 });
  const fileId = (file: number): Uint8Array => joinBytes([le(file, 8), le(0xffff_ffff, 4), zeros(4)]);
  const open = (
    path: string,
    file: number,
    size: number,
    asked: readonly CreateContext[],
    granted: readonly CreateContext[],
  ): Uint8Array[] => {
    const envelope = next();
    return [
      tcp.client(createRequest(envelope, path, asked)),
      tcp.server(createResponse(envelope, fileId(file), size, FILE_TIME, granted)),
    ];
  };
  const close = (file: number): Uint8Array[] => {
    const envelope = next();
    return [tcp.client(closeRequest(envelope, fileId(file))), tcp.server(closeResponse(envelope))];
  };
  const read = (file: number, offset: number, data: Uint8Array): Uint8Array[] => {
    const envelope = next();
    return [
      tcp.client(readRequest(envelope, fileId(file), offset, data.length)),
      tcp.server(readResponse(envelope, data)),
    ];
  };
  const refused = (path: string): Uint8Array[] => {
    const envelope = next();
    return [
      tcp.client(createRequest(envelope, path, LOOK)),
      tcp.server(errorResponse('create', { ...envelope, status: STATUS_OBJECT_NAME_NOT_FOUND })),
    ];
  };
  const image = wimParts(IMAGE_TAIL, ['Windows 7 Professionnel'], METADATA_ONLY, 2);
  const resources = wimParts(RESOURCES_TAIL, [], RESOURCE_ONLY, 3);
  return [
    ...open(IMAGE, 1, image.size, LOOK, [access, diskIdGiven(1)]),
    ...close(1),
    ...open(
      IMAGE,
      2,
      image.size,
      [durable, maximalAccess, diskId, lease(1)],
      [durableGranted, access, diskIdGiven(1), lease(1)],
    ),
    ...read(2, 0, image.head),
    tcp.clientAck(5051),
    ...read(2, IMAGE_TAIL.offset, image.tail),
    tcp.clientAck(9231),
    tcp.clientAck(11_011),
    ...open('Images\\windows 7 Pro\\res.rwm', 3, resources.size, LOOK, [access, diskIdGiven(2)]),
    ...close(3),
    ...refused(PROBED),
    ...open(IMAGE, 4, image.size, [durable, maximalAccess, lease(1)], [durableGranted, access, lease(1)]),
    ...open(
      RESOURCES,
      5,
      resources.size,
      [durable, maximalAccess, diskId, lease(2)],
      [durableGranted, access, diskIdGiven(2), lease(2)],
    ),
    ...read(5, 0, resources.head),
    tcp.clientAck(14_988),
    ...read(5, RESOURCES_TAIL.offset, resources.tail),
    tcp.clientAck(18_882),
  ];
}

const LOOK: readonly CreateContext[] = [durable, maximalAccess, diskId];
const METADATA_ONLY = 0x20;
const RESOURCE_ONLY = 0x10;
const COMPRESSED_LZX = 0x0004_0002;

/**
 * First 4096 bytes and last `tail.length` bytes of a WIM whose image list ends with the file (harness/docs/protocols.md
 * 5.1); the rest is filler.
 */
function wimParts(
  tail: { readonly offset: number; readonly length: number },
  names: readonly string[],
  flags: number,
  seed: number,
): { head: Uint8Array; tail: Uint8Array; size: number } {
  const size = tail.offset + tail.length;
  const images = names
    .map(
      (name, index) =>
        `<IMAGE INDEX="${index + 1}"><NAME>${name}</NAME><TOTALBYTES>8193341942</TOTALBYTES><WINDOWS><ARCH>0</ARCH></WINDOWS></IMAGE>`,
    )
    .join('');
  const list = encodeUtf16(`\ufeff<WIM><TOTALBYTES>${size}</TOTALBYTES>${images}</WIM>`);
  const head = filler(4096, seed);
  const resource = (length: number, offset: number): Uint8Array =>
    joinBytes([le(length, 7), zeros(1), le(offset, 8), le(length, 8)]);
  head.fill(0, 0, 208);
  head.set(
    joinBytes([
      Uint8Array.from('MSWIM\0\0\0', (char) => char.charCodeAt(0)),
      le(208, 4),
      le(0x0001_0d00, 4),
      le(COMPRESSED_LZX | flags, 4),
      le(32_768, 4),
      filler(16, 9),
      le(1, 2),
      le(1, 2),
      le(names.length, 4),
      resource(50, size - list.length - 50),
      resource(list.length, size - list.length),
    ]),
  );
  return { head, size, tail: joinBytes([filler(tail.length - list.length, seed + 10), list]) };
}
