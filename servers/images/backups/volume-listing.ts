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
  /** How 7-Zip calls it. */
  readonly listedAs: string;
}

/** What 7-Zip shows beside the files: a file system's own tables, deleted and lost files. */
const NOT_FILES = /^\[(SYS|SYSTEM|UNKNOWN|LOST|DELETED)\](\/|$)/;

/** Entries of `7z l -slt -ba -sns`, with TZ=UTC: blocks of `Name = value`, one for each file. In 7-Zip's order. */
export function parseVolumeListing(text: string): VolumeEntry[] {
  return text.split(/\n\n+(?=Path = )/).flatMap((block) => {
    const fields = new Map(
      block.split('\n').flatMap((line) => {
        const [, name, value] = /^([A-Za-z ]+?) = ?(.*)$/.exec(line) ?? [];
        return name === undefined ? [] : [[name, value ?? ''] as const];
      }),
    );
    const listedAs = fields.get('Path');
    return listedAs === undefined || NOT_FILES.test(listedAs) ? [] : [entryOf(listedAs, fields)];
  });
}

function entryOf(listedAs: string, fields: ReadonlyMap<string, string>): VolumeEntry {
  const text = (name: string): string | undefined => fields.get(name) || undefined;
  const isStream = fields.get('Alternate Stream') === '+';
  const colon = isStream ? listedAs.lastIndexOf(':') : -1;
  const mode = text('Mode');
  const target = text('Symbolic Link') ?? text('Link');
  const owner = text('User ID') === undefined ? undefined : `${text('User ID') ?? ''}:${text('Group ID') ?? ''}`;
  return {
    path: `/${colon < 0 ? listedAs : listedAs.slice(0, colon)}`,
    type: isStream ? 'file' : typeOf(fields.get('Folder') === '+', mode, target),
    ...(isStream ? { stream: listedAs.slice(colon + 1) } : {}),
    bytes: Number(text('Size') ?? 0),
    ...defined({
      modified: time(text('Modified')),
      created: time(text('Created')),
      accessed: time(text('Accessed')),
      mode,
      owner,
      attributes: text('Attributes'),
      target,
    }),
    listedAs,
  };
}

function typeOf(isFolder: boolean, mode: string | undefined, target: string | undefined): VolumeEntry['type'] {
  if (isFolder) return 'folder';
  if (target !== undefined || mode?.startsWith('l') === true) return 'link';
  return mode === undefined || mode.startsWith('-') ? 'file' : 'other';
}

/** `2026-11-28 11:12:00.123456789` in ISO 8601; NTFS has 100 ns, and is shown with them. */
function time(text: string | undefined): string | undefined {
  return text === undefined ? undefined : `${text.replace(' ', 'T')}Z`;
}
