import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';

const LIB = path.join(import.meta.dirname, 'agent', 'lib');
const MIB = 2 ** 20;

/** What the agent plans for a disk of 2 GiB with these answers: its variables and the list of partitions. */
function layout(firmware: 'bios' | 'uefi', answers: readonly string[] = []) {
  const folder = mkdtempSync(path.join(tmpdir(), 'pxewright-layout-'));
  try {
    writeFileSync(path.join(folder, 'answers'), answers.map((line) => `${line}\n`).join(''));
    const script = `
      for part in answer-file disk boot-loader; do . ${LIB}/$part.sh; done
      ANSWERS=$1/answers PARTITIONS=$1/partitions firmware=$2 disk=/dev/vda disk_bytes=2147483648
      disk_layout && echo "$disk_partition $system_bytes boot:$disk_boot_number" || echo "$disk_error"`;
    const { stdout, stderr } = spawnSync('busybox', ['sh', '-c', script, 'sh', folder, firmware], { encoding: 'utf8' });
    expect(stderr).toBe('');
    return {
      says: stdout.trim(),
      partitions: readFileSync(path.join(folder, 'partitions'), 'utf8').trim().split('\n'),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

it('gives the system the whole disk on a BIOS, and what an EFI system partition leaves on UEFI', () => {
  expect(layout('bios')).toEqual({ says: `/dev/vda1 ${2047 * MIB} boot:`, partitions: ['extend'] });
  expect(layout('uefi')).toEqual({ says: `/dev/vda2 ${(2046 - 64) * MIB} boot:1`, partitions: ['64 EFI', 'extend'] });
});

it('takes partitions from an answer file, and installs to the first that is not the EFI system partition', () => {
  const answers = ['partition\t100 EFI', 'partition\t500', 'partition\textend'];
  expect(layout('uefi', answers).says).toBe(`/dev/vda2 ${500 * MIB} boot:1`);
  expect(layout('uefi', ['install.partition\t3', ...answers]).says).toBe(`/dev/vda3 ${(2046 - 600) * MIB} boot:1`);
});

it.each<[what: string, firmware: 'bios' | 'uefi', answers: string[], says: string]>([
  [
    'no EFI system partition',
    'uefi',
    ['partition\textend'],
    'the answer file has no partition of type EFI, from which a UEFI computer starts',
  ],
  [
    'one that no BIOS starts from',
    'bios',
    ['partition\t100 EFI', 'partition\textend'],
    'partition 1 is of type EFI, and this computer has a BIOS',
  ],
  [
    'the EFI system partition as place of the system',
    'uefi',
    ['install.partition\t1', 'partition\t100 EFI', 'partition\textend'],
    'partition 1, to install to, does not exist or is not of type Primary; there are 2',
  ],
  [
    'more than there is',
    'uefi',
    ['partition\t64 EFI', 'partition\t1983'],
    'no room for partition 2: /dev/vda has 2048 MiB',
  ],
])('refuses %s', (_, firmware, answers, says) => {
  expect(layout(firmware, answers).says).toBe(says);
});
