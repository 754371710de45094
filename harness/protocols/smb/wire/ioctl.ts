import { Cursor } from '../../../packet/cursor.ts';
import { isMalformed, type Malformed } from '../../../packet/malformed.ts';
import { buffer, fileId, structureSize } from './fields.ts';
import { decodeUtf16, decodeUtf16ToNul, hexNumber } from '../../../packet/text.ts';

// MS-SMB2 section 2.2.31, MS-FSCC section 2.3.
const FSCTLS: Readonly<Record<number, string>> = {
  0x00060194: 'FSCTL_DFS_GET_REFERRALS',
  0x000601b0: 'FSCTL_DFS_GET_REFERRALS_EX',
  0x00090000: 'FSCTL_REQUEST_OPLOCK',
  0x0009009c: 'FSCTL_GET_OBJECT_ID',
  0x000900a4: 'FSCTL_SET_REPARSE_POINT',
  0x000900a8: 'FSCTL_GET_REPARSE_POINT',
  0x000900c0: 'FSCTL_CREATE_OR_GET_OBJECT_ID',
  0x000900c4: 'FSCTL_SET_SPARSE',
  0x000940cf: 'FSCTL_QUERY_ALLOCATED_RANGES',
  0x000980c8: 'FSCTL_SET_ZERO_DATA',
  0x00098208: 'FSCTL_FILE_LEVEL_TRIM',
  0x0011400c: 'FSCTL_PIPE_PEEK',
  0x00110018: 'FSCTL_PIPE_WAIT',
  0x0011c017: 'FSCTL_PIPE_TRANSCEIVE',
  0x00140078: 'FSCTL_SRV_REQUEST_RESUME_KEY',
  0x001401d4: 'FSCTL_LMR_REQUEST_RESILIENCY',
  0x001401fc: 'FSCTL_QUERY_NETWORK_INTERFACE_INFO',
  0x00140204: 'FSCTL_VALIDATE_NEGOTIATE_INFO',
  0x001440f2: 'FSCTL_SRV_COPYCHUNK',
  0x001480f2: 'FSCTL_SRV_COPYCHUNK_WRITE',
  0x00144064: 'FSCTL_SRV_ENUMERATE_SNAPSHOTS',
  0x001441bb: 'FSCTL_SRV_READ_HASH',
};

const DFS_GET_REFERRALS = 0x00060194;
const DFS_GET_REFERRALS_EX = 0x000601b0;

export interface DfsReferralRequest {
  readonly maxReferralLevel: number;
  readonly path: string;
}

export interface IoctlRequest {
  readonly type: 'ioctl-request';
  readonly controlCode: number;
  /** e.g. `FSCTL_DFS_GET_REFERRALS`, or the number in hexadecimal. */
  readonly controlName: string;
  readonly fileId: string;
  readonly fsctl: boolean;
  readonly input: Uint8Array;
  readonly maxOutputResponse: number;
  /** Of the two DFS controls. */
  readonly dfsReferral?: DfsReferralRequest | Malformed;
}

export interface IoctlResponse {
  readonly type: 'ioctl-response';
  readonly controlCode: number;
  readonly controlName: string;
  readonly fileId: string;
  readonly output: Uint8Array;
}

/** Name of an FSCTL, or its number in hexadecimal. */
export function fsctlName(code: number): string {
  return FSCTLS[code] ?? hexNumber(code);
}

/** IOCTL Request (MS-SMB2 section 2.2.31). */
export function decodeIoctlRequest(cursor: Cursor): IoctlRequest {
  structureSize(cursor, 57);
  cursor.skip(2, 'reserved');
  const controlCode = cursor.u32le('control code');
  const id = fileId(cursor);
  const inputOffset = cursor.u32le('input offset');
  const inputCount = cursor.u32le('input count');
  cursor.skip(12, 'max input response, output offset and count');
  const maxOutputResponse = cursor.u32le('max output response');
  const fsctl = (cursor.u32le('flags') & 1) !== 0;
  cursor.skip(4, 'reserved');
  const input = buffer(cursor, inputOffset, inputCount, 'ioctl input');
  const isDfs = controlCode === DFS_GET_REFERRALS || controlCode === DFS_GET_REFERRALS_EX;
  const dfs =
    isDfs && !cursor.failure ? { dfsReferral: decodeDfsReferral(input, controlCode === DFS_GET_REFERRALS_EX) } : {};
  return {
    type: 'ioctl-request',
    controlCode,
    controlName: fsctlName(controlCode),
    fileId: id,
    fsctl,
    input,
    maxOutputResponse,
    ...dfs,
  };
}

/** IOCTL Response (MS-SMB2 section 2.2.32). */
export function decodeIoctlResponse(cursor: Cursor): IoctlResponse {
  structureSize(cursor, 49);
  cursor.skip(2, 'reserved');
  const controlCode = cursor.u32le('control code');
  const id = fileId(cursor);
  cursor.skip(8, 'input offset and count');
  const outputOffset = cursor.u32le('output offset');
  const outputCount = cursor.u32le('output count');
  cursor.skip(8, 'flags and reserved');
  return {
    type: 'ioctl-response',
    controlCode,
    controlName: fsctlName(controlCode),
    fileId: id,
    output: buffer(cursor, outputOffset, outputCount, 'ioctl output'),
  };
}

// REQ_GET_DFS_REFERRAL: level, then a NUL-terminated path. The EX form has flags, a length, and the path's own length
// in front of it (MS-DFSC sections 2.2.2 and 2.2.3).
function decodeDfsReferral(input: Uint8Array, extended: boolean): DfsReferralRequest | Malformed {
  const cursor = new Cursor(input, 'dfs');
  const maxReferralLevel = cursor.u16le('max referral level');
  if (!extended) return cursor.failure ?? { maxReferralLevel, path: decodeUtf16ToNul(cursor.rest()) };
  cursor.skip(6, 'request flags and data length');
  const path = decodeUtf16(cursor.take(cursor.u16le('file name length'), 'file name'));
  return cursor.failure ?? { maxReferralLevel, path };
}

/** The path of a DFS referral request, when it is one and decodes. */
export function dfsReferralPath(request: IoctlRequest): string | undefined {
  return request.dfsReferral === undefined || isMalformed(request.dfsReferral) ? undefined : request.dfsReferral.path;
}
