import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';

const LIB = path.join(import.meta.dirname, 'agent', 'lib');

/** Stands for the kernel: `fails` names the command that fails, and `status` is what it says of the snapshot. */
const KERNEL = `
  mount() { :; }; truncate() { :; }; umount() { :; }
  losetup() { [ "$1" != -f ] || echo /dev/loop0; }
  dmsetup() {
    case $1 in
      status) echo "$status" ;;
      "$fails") echo "$1 failed" >&2; return 1 ;;
      *) echo "$@" ;;
    esac
  }`;

/** Runs code with snapshot.sh in a computer with a partition /dev/vda1 of 2048 sectors; what it prints. */
function agent(code: string, { fails = '', status = '' }: { readonly fails?: string; readonly status?: string } = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), 'pxewright-snapshot-'));
  try {
    const script = path.join(folder, 'snapshot.sh');
    writeFileSync(script, readFileSync(path.join(LIB, 'snapshot.sh'), 'utf8').replaceAll('/run/', `${folder}/`));
    const { stdout, stderr } = spawnSync(
      'busybox',
      ['sh', '-c', `. ${LIB}/events.sh; . ${script}; ${KERNEL}; snapshot_of=/dev/vda1 snapshot_sectors=2048; ${code}`],
      { encoding: 'utf8', env: { ...process.env, fails, status } },
    );
    expect(stderr).toBe('');
    return stdout.trim().split('\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const TAKE = 'snapshot_take 64 && echo taken || echo "$snapshot_error"';
const CREATE = 'create snapshot --table 0 2048 snapshot /dev/vda1 /dev/loop0 N 8';

it('holds what is mounted still while a snapshot is made, and no longer, whatever fails', () => {
  expect(agent(TAKE)).toEqual(['suspend origin', CREATE, 'resume origin', 'taken']);
  expect(agent(TAKE, { fails: 'create' })).toEqual(['suspend origin', 'resume origin', 'making it: create failed']);
  expect(agent(TAKE, { fails: 'suspend' })).toEqual(['resume origin', 'making it: suspend failed']);
  expect(agent(TAKE, { fails: 'resume' })).toEqual([
    'suspend origin',
    CREATE,
    'resuming what is mounted: resume failed',
  ]);
});

it.each([
  ['0 2048 snapshot 16/128 0', 'valid', 8192],
  ['0 2048 snapshot Invalid', 'lost', 65_536],
  ['0 2048 snapshot Overflow', 'lost', 65_536],
  ['', 'lost', 65_536],
])('knows from “%s” that a snapshot is %s, and keeps %i bytes', (status, state, bytes) => {
  const code = 'snapshot_bytes=65536; snapshot_is_valid && echo valid || echo lost; snapshot_used';
  expect(agent(code, { status })).toEqual([state, String(bytes)]);
});

it('is read in place of the partition that is mounted alone', () => {
  const code = 'for device in /dev/vda1 /dev/vda2; do snapshot_instead; echo $device; done';
  expect(agent(code)).toEqual(['/dev/mapper/snapshot', '/dev/vda2']);
});
