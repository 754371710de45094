import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { FAT_SECTORS } from '../servers/images/backups/testing/fat-sectors.ts';

const SCRIPT = readFileSync(path.join(import.meta.dirname, 'agent', 'lib', 'disk-table.sh'), 'utf8');

/** What file_system_find says of a partition that begins with this sector. */
function found(sector: Uint8Array): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'pxewright-disk-table-'));
  try {
    writeFileSync(path.join(folder, 'device'), Buffer.concat([sector, Buffer.alloc(2 ** 17)]));
    writeFileSync(path.join(folder, 'script'), SCRIPT.replaceAll('/run/', `${folder}/`));
    const code = `. ${folder}/script; file_system_find ${folder}/device; echo "$file_system $stream_format"`;
    const { stdout, stderr } = spawnSync('busybox', ['sh', '-euc', code], { encoding: 'utf8' });
    expect(stderr).toBe('');
    return stdout.trim();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

it.each(FAT_SECTORS.filter(([, , type]) => type !== undefined))(
  'saves %s as partclone reads it',
  (_, sector, __, is) => {
    expect(found(sector)).toBe(is ? 'vfat fat' : 'vfat raw');
  },
);
