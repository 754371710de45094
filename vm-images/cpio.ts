/** One entry of an initramfs. */
export type CpioEntry = { readonly path: string; readonly mode: number } & (
  | { readonly type: 'file'; readonly data: Uint8Array }
  | { readonly type: 'folder' }
  | { readonly type: 'link'; readonly target: string }
  | { readonly type: 'device'; readonly major: number; readonly minor: number }
);

// File type bits of st_mode (inode(7)); `device` is a character device.
const TYPE_BITS = { file: 0o100000, folder: 0o040000, link: 0o120000, device: 0o020000 };

/**
 * A cpio archive in the `newc` format (kernel: Documentation/driver-api/early-userspace/buffer-format.rst): the kernel
 * unpacks it as initramfs. Own code, since cpio(1) cannot write device nodes, foreign owners or fixed times without
 * root. The owner is root and every time is 0, so the same entries give the same bytes. Adds missing parent folders.
 */
export function cpioNewc(entries: readonly CpioEntry[]): Buffer {
  const parts: Buffer[] = [];
  const seen = new Set<string>();
  let inode = 0;
  const add = (entry: CpioEntry) => {
    if (seen.has(entry.path)) throw new Error(`cpio: ${entry.path} occurs twice`);
    seen.add(entry.path);
    inode += 1;
    const data =
      entry.type === 'file' ? Buffer.from(entry.data) : Buffer.from(entry.type === 'link' ? entry.target : '');
    const device = entry.type === 'device' ? entry : { major: 0, minor: 0 };
    parts.push(member(entry.path, inode, TYPE_BITS[entry.type] | entry.mode, data, device));
  };
  for (const entry of entries) {
    for (const folder of foldersAbove(entry.path))
      if (!seen.has(folder)) add({ path: folder, type: 'folder', mode: 0o755 });
    add(entry);
  }
  parts.push(member('TRAILER!!!', 0, 0, Buffer.alloc(0), { major: 0, minor: 0 }));
  return Buffer.concat(parts);
}

function member(
  path: string,
  inode: number,
  mode: number,
  data: Buffer,
  device: { major: number; minor: number },
): Buffer {
  const name = Buffer.from(`${path}\0`);
  // magic, then 13 fields of 8 hex digits: ino mode uid gid nlink mtime filesize devmajor devminor rdevmajor rdevminor
  // namesize check
  const fields = [inode, mode, 0, 0, 1, 0, data.length, 0, 0, device.major, device.minor, name.length, 0];
  const header = Buffer.from(
    `070701${fields.map((field) => field.toString(16).padStart(8, '0').toUpperCase()).join('')}`,
  );
  return Buffer.concat([padded(Buffer.concat([header, name])), padded(data)]);
}

/** The header with its name, and the data, each end at a multiple of four. */
function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}

function foldersAbove(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}
