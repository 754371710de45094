import { expect, it } from 'vitest';
import { diskFacts, guestFacts, partitionText } from './guest-text.ts';

it('says of a partition how much of it was compared', () => {
  const one = {
    number: 2,
    fileSystem: 'ext4',
    bytes: 182_452_224,
    bytesCompared: 67_010_560,
    filesCompared: 62,
  } as const;
  expect(partitionText(one)).toBe('partition 2  ext4  182.5 MB  67.0 MB byte for byte, 62 paths with all their facts');
  expect(partitionText({ ...one, bytesCompared: 0, largerByBytes: 268_435_456 })).toBe(
    'partition 2  ext4  182.5 MB, 268.4 MB larger now  62 paths with all their facts',
  );
  expect(partitionText({ ...one, number: 0, fileSystem: 'swap', bytesCompared: 0, filesCompared: 0 })).toBe(
    'whole disk  swap  182.5 MB  its names',
  );
});

it('says what became of a guest and its backups, and what is not as it should be', () => {
  const hot = { kind: 'full', copiedBytes: 268_435_456, storedBytes: 40_513_453, clean: true, records: 812 } as const;
  expect(
    guestFacts({
      agent: [],
      hotBackups: [
        { ...hot, id: '20261128T224530Z', frozenMs: 12.4 },
        { ...hot, id: '20261128T224600Z', kind: 'increment', clean: false, records: 1, removed: true },
        { ...hot, id: '20261128T224700Z', kind: 'snapshot' },
      ],
      virtualMachines: [
        { backup: 'pc/A', format: 'vmdk', files: ['pc.vmdk', 'pc.ovf'], bytes: 268_435_456, startedBySelf: true },
        { backup: 'pc/A', format: 'vpc', files: ['pc.vhd'], bytes: 268_435_456, startedBySelf: false },
      ],
      recovered: { backup: 'pc/A', files: [{ path: 'etc/motd', bytes: 40, sha256: '' }] },
      nextStart: { bootOrder: ['network', 'disk'], device: 'none' },
      joined: { computer: 'PC$', dnsHostName: 'pc.system.lab', keyOpensAccount: false },
    }),
  ).toEqual([
    {
      text: 'Backup 20261128T224530Z while it ran (whole disk): 268.4 MB copied, 40.5 MB stored, file systems frozen for 12 ms, clean, 812 records of its work.',
      bad: false,
    },
    {
      text: 'Backup 20261128T224600Z while it ran (increment): 268.4 MB copied, 40.5 MB stored, file systems not frozen, not clean, 1 record of its work; removed by the retention since.',
      bad: true,
    },
    {
      text: 'Backup 20261128T224700Z while it ran (snapshot of the mounted file system): 268.4 MB copied, 40.5 MB stored, clean, 812 records of its work.',
      bad: false,
    },
    {
      text: 'Backup pc/A as a virtual machine (vmdk, 268.4 MB: pc.vmdk, pc.ovf): it started from that disk.',
      bad: false,
    },
    { text: 'Backup pc/A as a virtual machine (vpc, 268.4 MB: pc.vhd): it did not start from that disk.', bad: true },
    { text: 'Recovered from backup pc/A: etc/motd (40 B).', bad: false },
    { text: 'Its next start (boot order network, disk) came from no device.', bad: false },
    { text: 'Its account in the directory is PC$ (pc.system.lab); the key on its disk does not open it.', bad: true },
  ]);
});

it('does not call a disk equal with which nothing was compared', () => {
  expect(diskFacts({ filesCompared: 0, differences: [] })).toEqual([]);
  expect(diskFacts({ filesCompared: 0, differences: [], bootedBySelf: true })).toEqual([
    { text: 'It then booted from its own disk.', bad: false },
  ]);
  expect(diskFacts({ filesCompared: 1204, differences: [], bootedBySelf: false })).toEqual([
    { text: '1204 paths on the disk compared: all equal.', bad: false },
    { text: 'It did not boot from its own disk.', bad: true },
  ]);
  const lost = { path: '/etc/motd', expected: 'a file', actual: 'nothing' };
  expect(diskFacts({ filesCompared: 1, differences: [lost] })).toEqual([
    { text: '1 path on the disk compared: 1 difference.', bad: true },
  ]);
});
