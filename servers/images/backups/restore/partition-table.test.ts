import { describe, expect, it } from 'vitest';
import type { BackupManifest } from '../../backup-store/manifest.ts';
import { fitTable as fitTableWhere, NoRoomError, partitionElsewhere, type FittedTable } from './partition-table.ts';

const MIB = 2 ** 20;
const MIB_SECTORS = 2048;

// Dumps of sfdisk from util-linux 2.41.
const GPT = `label: gpt
label-id: BB91BFAC-3605-4984-A7FF-8567AA9BBC37
device: /dev/vda
unit: sectors
first-lba: 2048
last-lba: 131038
sector-size: 512

/dev/vda1 : start=        2048, size=       32768, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B, uuid=110A1007-7E05-4992-BDA2-61824162A60B, name="size= 1"
/dev/vda2 : start=       34816, size=       96223, type=0FC63DAF-8483-4772-8E79-3D69D8477DE4, uuid=210A1007-7E05-4992-BDA2-61824162A60B
`;
const gptDisk = { name: 'vda', bytes: 64 * MIB, sectorBytes: 512, label: 'gpt' } as const;

const DOS = `label: dos
label-id: 0x8f5a1b2c
device: /dev/nvme0n1
unit: sectors
sector-size: 512

/dev/nvme0n1p1 : start=        2048, size=       32768, type=83, bootable
/dev/nvme0n1p2 : start=       34816, size=       96256, type=5
/dev/nvme0n1p5 : start=       36864, size=       20480, type=82
/dev/nvme0n1p6 : start=       59392, size=       71680, type=7
`;
const dosDisk = { name: 'nvme0n1', bytes: 64 * MIB, sectorBytes: 512, label: 'dos' } as const;

const fitTable = (dump: string, disk: BackupManifest['disk'], bytes: number): FittedTable =>
  fitTableWhere(dump, disk, bytes, () => true);
const sizes = (script: string): string[] => [...script.matchAll(/, size= *(\d+)/g)].map(([, size = '']) => size);

describe('fitTable', () => {
  it('leaves a table as it is for a disk of the same size', () => {
    expect(fitTable(GPT, gptDisk, gptDisk.bytes)).toEqual({ script: GPT });
  });

  it('grows the last partition to the last whole MiB before the copy of the GPT', () => {
    const { script, resized } = fitTable(GPT, gptDisk, 128 * MIB);
    expect(resized).toEqual({ number: 2, startSector: 34_816, sectors: 127 * MIB_SECTORS - 34_816 });
    expect(sizes(script)).toEqual(['32768', String(127 * MIB_SECTORS - 34_816)]);
    expect(script).toContain('name="size= 1"');
    expect(script).not.toContain('last-lba');
  });

  it('leaves a last partition that cannot grow as it is, and moves the end of the table', () => {
    expect(fitTableWhere(GPT, gptDisk, 128 * MIB, (number) => number !== 2)).toEqual({
      script: GPT.replace('last-lba: 131038\n', ''),
    });
  });

  it('does not make a partition smaller on a disk that is a little larger', () => {
    expect(fitTable(GPT, gptDisk, gptDisk.bytes + 512).resized).toBeUndefined();
  });

  it('makes the last partition smaller, and refuses a disk that ends before it', () => {
    expect(fitTable(GPT, gptDisk, 32 * MIB).resized).toEqual({
      number: 2,
      startSector: 34_816,
      sectors: 31 * MIB_SECTORS - 34_816,
    });
    const least = (34_816 + 1 + 33) * 512;
    expect(fitTable(GPT, gptDisk, least).resized?.sectors).toBe(1);
    expect(() => fitTable(GPT, gptDisk, least - 512)).toThrow(new NoRoomError(least));
  });

  it('leaves a partition alone that still fits', () => {
    const short = GPT.replace('size=       96223', 'size=       10240');
    expect(fitTable(short, gptDisk, 32 * MIB).resized).toBeUndefined();
  });

  it('resizes an extended partition with the logical one at its end', () => {
    const { script, resized } = fitTable(DOS, dosDisk, 96 * MIB);
    expect(resized).toEqual({ number: 6, startSector: 59_392, sectors: 96 * MIB_SECTORS - 59_392 });
    expect(sizes(script)).toEqual([
      '32768',
      String(96 * MIB_SECTORS - 34_816),
      '20480',
      String(96 * MIB_SECTORS - 59_392),
    ]);
    expect(fitTable(DOS, dosDisk, 40 * MIB).resized?.sectors).toBe(40 * MIB_SECTORS - 59_392);
  });

  it('ends an MBR’s last partition where 32 bits end', () => {
    expect(fitTable(DOS, dosDisk, 3 * 2 ** 40).resized?.sectors).toBe(2 ** 32 - 59_392);
  });

  it('counts in the sectors of the disk', () => {
    const disk = { ...gptDisk, sectorBytes: 4096, bytes: 64 * MIB };
    const dump = 'label: gpt\nlast-lba: 16378\n\n/dev/sda1 : start= 256, size= 16000, type=X\n';
    // 4 sectors of entries and one header at the end: 16 MiB less one.
    expect(fitTable(dump, disk, 128 * MIB).resized).toEqual({ number: 1, startSector: 256, sectors: 127 * 256 - 256 });
  });
});

describe('partitionElsewhere', () => {
  const partition = (number: number, startSector: number, sectors: number) => ({
    number,
    startSector,
    sectors,
    fileSystem: 'ext4',
    format: 'raw' as const,
    snapshot: '',
    bytes: 0,
    storedBytes: 0,
  });

  it('finds a partition that the table lacks, or has at another place', () => {
    const partitions = [partition(1, 2048, 32_768), partition(5, 36_864, 20_480)];
    expect(partitionElsewhere(DOS, { partitions })).toBeUndefined();
    expect(partitionElsewhere(DOS, { partitions: [...partitions, partition(3, 36_864, 20_480)] })).toBe(3);
    expect(partitionElsewhere(DOS, { partitions: [partition(1, 2049, 32_768)] })).toBe(1);
    expect(partitionElsewhere(DOS, { partitions: [partition(1, 2048, 32_767)] })).toBe(1);
    expect(partitionElsewhere('', { partitions })).toBe(1);
  });
});
