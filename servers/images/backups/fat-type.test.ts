import { expect, it } from 'vitest';
import { fatTypeOf, isFatOfPartclone } from './fat-type.ts';
import { FAT_SECTORS } from './testing/fat-sectors.ts';

it.each(FAT_SECTORS)('tells %s', (_, sector, type, isTaken) => {
  expect([fatTypeOf(sector), isFatOfPartclone(sector)]).toEqual([type, isTaken]);
});
