import type { VolumeEntry } from './volume-listing.ts';

/** Why an entry cannot be written, or must not be. */
export function unusable(entry: VolumeEntry): string | undefined {
  const parts = relativePath(entry).split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return 'its path leads out of the folder';
  if (/\0|\uFFFD/.test(relativePath(entry))) return 'its name has characters that no file here can have';
  if (entry.type === 'other')
    return entry.reparsePoint === undefined
      ? `it is a device, a pipe or a socket (${entry.mode ?? ''})`
      : `Windows keeps its content in a form of its own (${entry.reparsePoint})`;
  if (entry.type === 'link' && !staysInside(entry)) return `it is a link to ${entry.target ?? '?'}, which is outside`;
  return undefined;
}

/** Why a file server could give an entry to nobody, or only under another name than its list has. */
export function unshareable(entry: VolumeEntry): string | undefined {
  return /[\\\r\n]/.test(relativePath(entry)) ? 'its name has a character that no name on a share has' : undefined;
}

/** Where an entry goes below the target folder. */
export function relativePath({ path: name, stream }: VolumeEntry): string {
  return `${name.slice(1)}${stream === undefined ? '' : `:${stream}`}`;
}

/** The target of a link; NTFS writes `\` between folders. */
export function linkTarget({ target = '', mode }: VolumeEntry): string {
  return mode === undefined ? target.replaceAll('\\', '/') : target;
}

/**
 * Whether a link leads to something below the target folder. `..` counts only at its beginning: behind a name, which may
 * be a link itself, nobody knows where it leads.
 */
function staysInside(entry: VolumeEntry): boolean {
  const target = linkTarget(entry);
  // A name of NTFS has no colon; of ext4 it may.
  const isAbsolute = target.startsWith('/') || (entry.mode === undefined && /^[A-Za-z]:/.test(target));
  const parts = target.split('/');
  const ups = parts.findIndex((part) => part !== '..');
  const upward = ups < 0 ? parts.length : ups;
  if (target === '' || isAbsolute || parts.slice(upward).includes('..')) return false;
  return upward <= relativePath(entry).split('/').length - 1;
}
