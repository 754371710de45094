import { expect, test } from 'vitest';
import { answer, ask, fileIdOf, SmbScene } from '../testing/scene.ts';
import { wimBytes } from '../../wim/testing/bytes.ts';
import type { SmbEvent } from './events.ts';
import { smbTransfers } from './metered-transfer.ts';

const PATH = 'Images\\Linux\\sample.wim';
const WIM = wimBytes(200_000);

/** A client that reads these parts of an image, each by an open of its own, as WDS clients do. */
function operations(parts: readonly (readonly [offset: number, length: number])[]): unknown[] {
  const scene = new SmbScene().connect().exchange(ask.negotiate(0x0210), answer.negotiate(0x0210));
  for (const [index, [offset, length]] of parts.entries()) {
    const file = fileIdOf(index + 1);
    scene
      .exchange(ask.create(PATH), answer.create(file, WIM.length))
      .exchange(ask.read(file, offset, length), answer.read(WIM.slice(offset, offset + length)))
      .exchange(ask.close(file), answer.close());
  }
  const watch = smbTransfers();
  return scene.events().flatMap((event) => watch(event as SmbEvent)?.listed?.operation ?? []);
}

test('the reads of an image are told apart by the part that they bring', () => {
  const end = WIM.length - 1000;
  expect(
    operations([
      [0, 208],
      [end, 1000],
      [0, WIM.length],
      [208, WIM.length - 208],
      [5000, 4096],
    ]),
  ).toEqual(['read-begin', 'read-end', 'read-bulk', 'read-bulk', 'read-part']);
});
