import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { FAT_SECTORS } from '../servers/images/backups/testing/fat-sectors.ts';

const SCRIPT = readFileSync(path.join(import.meta.dirname, 'agent', 'lib', 'disk-table.sh'), 'utf8');

/** Runs code with disk-table.sh, with its folder as $1 and `device` in it; what it prints. */
function agent(code: string, device: Uint8Array = Buffer.of()): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'pxewright-disk-table-'));
  try {
    writeFileSync(path.join(folder, 'device'), device);
    writeFileSync(path.join(folder, 'script'), SCRIPT.replaceAll('/run/', `${folder}/`));
    const script = `. "$1/script"; ${code}`;
    const { stdout, stderr } = spawnSync('busybox', ['sh', '-euc', script, 'sh', folder], { encoding: 'utf8' });
    expect(stderr).toBe('');
    return stdout.trim();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What file_system_find says of a partition that begins with this sector. */
const found = (sector: Uint8Array): string =>
  agent(
    'file_system_find "$1/device"; echo "$file_system $stream_format"',
    Buffer.concat([sector, Buffer.alloc(2 ** 17)]),
  );

it.each(FAT_SECTORS.filter(([, , type]) => type !== undefined))(
  'saves %s as partclone reads it',
  (_, sector, __, is) => {
    expect(found(sector)).toBe(is ? 'vfat fat' : 'vfat raw');
  },
);

const ROW = '/dev/vda1 : start= 2048, size= 4096, type=83';

it.each([
  ['partitions', 'dos', [ROW, '/dev/vda2 : start= 6144, size= 2048, type=83'], 'dos kept'],
  ['logical partitions', 'dos', ['/dev/vda1 : start= 2048, size= 6144, type=f', ROW.replace('a1', 'a5')], 'dos kept'],
  ['a GPT', 'gpt', [ROW.replace('83', '0FC63DAF-8483-4772-8E79-3D69D8477DE4')], 'gpt kept'],
  ['an empty table, as a boot sector of FAT looks', 'dos', [], 'none'],
  ['an extended partition alone', 'dos', [ROW.replace('83', '5')], 'none'],
  ['partitions that overlap', 'dos', ['/dev/vda2 : start= 4096, size= 4096, type=83', ROW], 'none'],
  ['a partition that ends behind the disk', 'dos', [ROW.replace('4096', '8192')], 'none'],
  ["Sun's table", 'sun', [ROW], 'none'],
])('takes a disk with %s for what it is', (_, label, rows, expected) => {
  const table = [`label: ${label}`, 'unit: sectors', '', ...rows, ''].join('\n');
  const code =
    'disk=vda disk_bytes=4194304 disk_sector_bytes=512; sfdisk() { cat "$disk_table"; }; disk_table=$1/device;' +
    'table_read "$1/table"; [ ! -e "$1/table" ] || kept=kept; echo "$table_label" ${kept:-}';
  expect(agent(code, Buffer.from(table))).toBe(expected);
});
