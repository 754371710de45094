import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { observe } from '../../../observe/testing/scene.ts';
import { VisitScene } from '../../smb/testing/visit.ts';
import { wimGroup } from '../testing/group.ts';

const { image, shared } = wimGroup();
const FOLDER = 'Images\\Linux 2012';

const mounted = (): VisitScene => new VisitScene().connect().logon().mount();

/** The client opens a file, reads ranges of it, and closes it. */
function read(
  scene: VisitScene,
  name: string,
  bytes: Uint8Array,
  ranges: readonly (readonly [start: number, end: number])[],
): VisitScene {
  scene.opens(name, bytes);
  for (const range of ranges) scene.reads(...range);
  return scene.closes();
}

const wholeImage = [[0, image.length]] as const;
const sharedHeader = [0, 4096] as const;
const setReads = (scene: VisitScene) => scene.events().filter(({ type }) => type === 'wim.set-read');

describe('an image whose data lies in Res.rwm', () => {
  test('is read when all that its blob table names there was read, however it was cut', () => {
    const scene = read(mounted(), `${FOLDER}\\one.wim`, image, wholeImage);
    read(scene, `${FOLDER}\\Res.rwm`, shared, [sharedHeader, [50_000, 100_000], [100_000, 160_000]]);
    expect(setReads(scene)).toMatchObject([
      {
        path: `${FOLDER}\\one.wim`,
        sharedPath: `${FOLDER}\\Res.rwm`,
        ownBytes: image.length,
        sharedBytes: 100_000,
        neededBytes: 100_000,
      },
    ]);
  });

  test('is told as far as it was read, each byte once', () => {
    const scene = read(mounted(), `${FOLDER}\\one.wim`, image, wholeImage);
    read(scene, `${FOLDER}\\Res.rwm`, shared, [sharedHeader, [0, 60_208], [50_208, 60_208]]);
    read(scene, `${FOLDER}\\Res.rwm`, shared, [[60_208, 210_000]]);
    expect(setReads(scene)).toMatchObject([{ sharedBytes: 10_000, neededBytes: 100_000 }, { sharedBytes: 100_000 }]);
  });

  test('is only looked at when its folder tree was not read', () => {
    const scene = read(mounted(), `${FOLDER}\\one.wim`, image, [
      [0, 4096],
      [10_000, image.length],
    ]);
    read(scene, `${FOLDER}\\Res.rwm`, shared, [sharedHeader, [0, 210_000]]);
    expect(setReads(scene)).toEqual([]);
  });

  test('does not keep its data in the Res.rwm of another group', () => {
    const scene = read(mounted(), `${FOLDER}\\one.wim`, image, wholeImage);
    read(scene, 'Images\\Other\\Res.rwm', shared, [sharedHeader, [0, 210_000]]);
    expect(setReads(scene)).toEqual([]);
  });

  test('says that it has folder trees only', () => {
    const headers = read(read(mounted(), `${FOLDER}\\one.wim`, image, wholeImage), `${FOLDER}\\Res.rwm`, shared, [
      sharedHeader,
    ])
      .events()
      .filter(({ type }) => type === 'wim.header');
    expect(headers).toMatchObject([
      { treesOnly: true, partNumber: 1, totalParts: 2 },
      { treesOnly: false, partNumber: 2, imageCount: 0 },
    ]);
  });

  test('survives every hostile set: never more read than needed, and the kept capture says the same', () => {
    const tables = (bytes: Uint8Array) =>
      fc.oneof(fc.nat(207), fc.integer({ min: 10_208, max: bytes.length - 1 })).filter((at) => at < bytes.length);
    const changes = fc.array(fc.tuple(tables(image), fc.nat(255)), { maxLength: 10 });
    const ranges = fc.array(
      fc
        .tuple(fc.nat(210_000), fc.integer({ min: 1, max: 65_536 }))
        .map(([start, length]) => [start, Math.min(start + length, shared.length)] as const)
        .filter(([start, end]) => end > start),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(changes, changes, ranges, (ofImage, ofShared, some) => {
        const hostile = (bytes: Uint8Array, all: readonly (readonly [number, number])[]) =>
          all.reduce((changed, [at, value]) => changed.with(at, value), bytes);
        const scene = read(mounted(), `${FOLDER}\\one.wim`, hostile(image, ofImage), wholeImage);
        read(scene, `${FOLDER}\\Res.rwm`, hostile(shared, ofShared), [sharedHeader, ...some]);
        const { events, trimmed } = observe(scene.frames);
        for (const event of events)
          if (event.type === 'wim.set-read') expect(event.sharedBytes).toBeLessThanOrEqual(event.neededBytes);
        expect(observe(trimmed).events).toEqual(events);
      }),
      { numRuns: 60 },
    );
  });

  test('is read alike in the capture that is kept', () => {
    const scene = read(mounted(), `${FOLDER}\\one.wim`, image, wholeImage);
    read(scene, `${FOLDER}\\Res.rwm`, shared, [sharedHeader, [50_000, 160_000]]);
    const { events, trimmed } = observe(scene.frames);
    expect(observe(trimmed).events).toEqual(events);
    expect(events.map(({ type }) => type)).toContain('wim.set-read');
  });
});
