import { expect, it } from 'vitest';
import { partitionText } from './disk-text.ts';

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
