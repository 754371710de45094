import { Cursor } from '../../../packet/cursor.ts';
import type { Malformed } from '../../../packet/malformed.ts';
import type { SetInfoRequest } from './query.ts';
import { decodeUtf16 } from '../../../packet/text.ts';

/** InfoType SMB2_0_INFO_FILE (MS-SMB2 section 2.2.39) and FileRenameInformation (MS-FSCC section 2.4). */
const INFO_FILE = 1;
const FILE_RENAME_INFORMATION = 10;

/** The new name that a SET_INFO gives a file. */
export interface FileRename {
  readonly replaceIfExists: boolean;
  /** From the root of the share, as the client writes it. */
  readonly name: string;
}

/** FileRenameInformation, SMB2 form (MS-FSCC section 2.4.42.2); undefined for a SET_INFO of anything else. */
export function decodeRename({
  infoType,
  informationClass,
  data,
}: Pick<SetInfoRequest, 'infoType' | 'informationClass' | 'data'>): FileRename | Malformed | undefined {
  if (infoType !== INFO_FILE || informationClass !== FILE_RENAME_INFORMATION) return undefined;
  const cursor = new Cursor(data, 'smb2');
  const replaceIfExists = cursor.u8('replace if exists') !== 0;
  cursor.skip(15, 'reserved and root directory');
  const name = decodeUtf16(cursor.take(cursor.u32le('file name length'), 'file name'));
  return cursor.failure ?? { replaceIfExists, name };
}
