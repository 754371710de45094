import { defined } from '../../service/defined.ts';

/** A file, folder, link or alternate data stream of a file system. */
export interface VolumeEntry {
  /** Absolute, with `/` between folders, as the file system spells it. */
  readonly path: string;
  readonly type: 'file' | 'folder' | 'link' | 'other';
  /** Of an alternate data stream: its name; `path` is that of the file which has it. */
  readonly stream?: string;
  readonly bytes: number;
  /** ISO 8601, in UTC; FAT has its computer's local time. */
  readonly modified?: string;
  readonly created?: string;
  readonly accessed?: string;
  /** Of ext2, ext3 and ext4, such as `-rwsr-x---`. */
  readonly mode?: string;
  /** Of ext2, ext3 and ext4: `UID:GID`. */
  readonly owner?: string;
  /** Of NTFS and FAT, such as `HSA`: read-only, hidden, system, archive, … */
  readonly attributes?: string;
  /** Of a link: what it names. */
  readonly target?: string;
  /** Of NTFS: what Windows has in place of content (`WOF:16 …`, a compressed file), or beside it, in 7-Zip's words. */
  readonly reparsePoint?: string;
  /** How 7-Zip calls it. */
  readonly listedAs: string;
}

/** 7-Zip's name of a file system. */
export type VolumeKind = 'Ext' | 'NTFS' | 'FAT';

interface MadeUp {
  /** For the file system's own files: their inodes are below `reserved`, and no other file's. */
  readonly tables?: string;
  readonly reserved: number;
  /** For files in no folder. */
  readonly lost: readonly string[];
}

/**
 * Folders that 7-Zip makes up for what it shows beside the files (its ExtHandler.cpp and NtfsHandler.cpp). It lists what is in them, and
 * not the folders themselves, so that one that is listed is the user's.
 */
const MADE_UP: Readonly<Record<VolumeKind, MadeUp>> = {
  Ext: { tables: '/[SYS]', reserved: 11, lost: ['/[UNKNOWN]'] },
  NTFS: { tables: '/[SYSTEM]', reserved: 16, lost: ['/[LOST]', '/[UNKNOWN]'] },
  FAT: { reserved: 0, lost: [] },
};

/**
 * Entries of `7z l -slt -ba -sns`, with TZ=UTC: blocks of `Name = value`, one for each file. In 7-Zip's order, and without what is no
 * file of the user's.
 */
export function parseVolumeListing(text: string, kind: VolumeKind): VolumeEntry[] {
  const all = text.split(/\n\n+(?=Path = )/).flatMap((block) => {
    const fields = new Map(
      block.split('\n').flatMap((line) => {
        const [, name, value] = /^([A-Za-z ]+?) = ?(.*)$/.exec(line) ?? [];
        return name === undefined ? [] : [[name, value ?? ''] as const];
      }),
    );
    const listedAs = fields.get('Path');
    return listedAs === undefined ? [] : [{ entry: entryOf(listedAs, fields), inode: Number(fields.get('iNode')) }];
  });
  const { tables, reserved, lost } = MADE_UP[kind];
  const own = new Set(all.flatMap(({ entry, inode }) => (inode < reserved ? [] : [entry.path])));
  return all.flatMap(({ entry }) => {
    const [, top = '', name] = /^(\/[^/]*)(\/[^/]*)?/.exec(entry.path) ?? [];
    if (name === undefined) return [entry];
    const isTable = top === tables && !(own.has(top) && own.has(top + name));
    return isTable || (lost.includes(top) && !own.has(top)) ? [] : [entry];
  });
}

/** What nobody can tell of a listing: a folder of the user's with the name of one that 7-Zip makes up for files in no folder. */
export function doubtsOf({
  entries,
  kind,
}: {
  readonly entries: readonly VolumeEntry[];
  readonly kind: VolumeKind;
}): string[] {
  return MADE_UP[kind].lost
    .filter((name) => entries.some((one) => one.path === name))
    .map(
      (name) =>
        `${name}: a folder of the backup; files that were in no folder may be among its own, since 7-Zip shows them there, too`,
    );
}

function entryOf(listedAs: string, fields: ReadonlyMap<string, string>): VolumeEntry {
  const text = (name: string): string | undefined => fields.get(name) || undefined;
  const isStream = fields.get('Alternate Stream') === '+';
  const colon = isStream ? listedAs.lastIndexOf(':') : -1;
  const mode = text('Mode');
  const attributes = text('Attributes');
  const { target = text('Symbolic Link'), reparsePoint } = linkOf(text('Link'));
  const owner = text('User ID') === undefined ? undefined : `${text('User ID') ?? ''}:${text('Group ID') ?? ''}`;
  return {
    path: `/${colon < 0 ? listedAs : listedAs.slice(0, colon)}`,
    type: isStream ? 'file' : typeOf(fields.get('Folder') === '+', { mode, attributes, target, reparsePoint }),
    ...(isStream ? { stream: listedAs.slice(colon + 1) } : {}),
    bytes: Number(text('Size') ?? 0),
    ...defined({
      modified: time(text('Modified')),
      created: time(text('Created')),
      accessed: time(text('Accessed')),
      mode,
      owner,
      attributes,
      target,
      reparsePoint,
    }),
    listedAs,
  };
}

/** Of a link to a folder, and of a junction, 7-Zip says that it is a folder, too. */
function typeOf(
  isFolder: boolean,
  entry: Readonly<Record<'mode' | 'attributes' | 'target' | 'reparsePoint', string | undefined>>,
): VolumeEntry['type'] {
  const { mode, target, reparsePoint } = entry;
  if (target !== undefined || mode?.startsWith('l') === true) return 'link';
  if (isFolder) return 'folder';
  if (reparsePoint !== undefined && !isOfCloud(entry)) return 'other';
  return mode === undefined || mode.startsWith('-') ? 'file' : 'other';
}

/** A file of OneDrive's, or of another cloud, that is here, too: one that is not has the attribute O (offline). */
function isOfCloud({
  reparsePoint = '',
  attributes = '',
}: {
  reparsePoint?: string | undefined;
  attributes?: string | undefined;
}): boolean {
  return /^REPARSE:9000[0-9A-F]01A:/.test(reparsePoint) && !attributes.includes('O');
}

/**
 * What 7-Zip says of a reparse point of NTFS (its PropIDUtils.cpp): for a link the name that counts and, where it differs, the one that
 * is shown, such as `Junction: \\?\C:\target : C:\target` or `..\file`; for another one tag, size and first bytes.
 */
function linkOf(words: string | undefined): { readonly target?: string; readonly reparsePoint?: string } {
  if (words === undefined) return {};
  if (/^(REPARSE:[0-9A-F]{8}|[A-Z_0-9]+):\d+( |$)/.test(words)) return { reparsePoint: words };
  const [, target = ''] = /^(?:Junction: |WSL: |Link: )?(.*?)(?: : .*)?$/.exec(words) ?? [];
  return { target: target.replace(/^\\\\\?\\(?=[A-Za-z]:)/, '') };
}

/** `2026-11-28 11:12:00.123456789` in ISO 8601; NTFS has 100 ns, and is shown with them. */
function time(text: string | undefined): string | undefined {
  return text === undefined ? undefined : `${text.replace(' ', 'T')}Z`;
}
