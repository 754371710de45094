import type { ClientResult } from './result.ts';
import { byteCount, plural } from './text.ts';

type Partition = NonNullable<NonNullable<NonNullable<ClientResult['guest']>['disk']>['partitions']>[number];

/** How much of a partition was compared, in words. */
export function partitionText({
  number,
  fileSystem,
  bytes,
  largerByBytes,
  bytesCompared,
  filesCompared,
}: Partition): string {
  const compared = [
    ...(bytesCompared === 0 ? [] : [`${byteCount(bytesCompared)} byte for byte`]),
    ...(filesCompared === 0 ? [] : [`${plural(filesCompared, 'path')} with all their facts`]),
  ];
  const size = `${byteCount(bytes)}${largerByBytes === undefined ? '' : `, ${byteCount(largerByBytes)} larger now`}`;
  return `${number === 0 ? 'whole disk' : `partition ${number}`}  ${fileSystem}  ${size}  ${compared.join(', ') || 'its names'}`;
}
