import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { observe } from '../../../observe/testing/scene.ts';
import { answer, ask, fileIdOf, ntlm, SmbScene, STATUS } from '../../smb/testing/scene.ts';
import { wimGroup } from '../testing/group.ts';

const { image, shared } = wimGroup();
const [IMAGE, SHARED] = [fileIdOf(1), fileIdOf(2)];
const FOLDER = 'Images\\Linux 2012';

function mounted(): SmbScene {
  return new SmbScene()
    .connect()
    .exchange(ask.negotiate(0x0210), answer.negotiate(0x0210))
    .exchange(ask.sessionSetup(ntlm.negotiate()), answer.sessionSetup(ntlm.challenge('SYSTEM'), STATUS.moreProcessing))
    .exchange(ask.sessionSetup(ntlm.authenticate('SYSTEM', 'administrateur')), answer.sessionSetup(new Uint8Array(0)))
    .exchange(ask.treeConnect('\\\\172.22.52.207\\RemInst'), answer.treeConnect(5));
}

/** The client opens a file, reads ranges of it, and closes it. */
function read(
  scene: SmbScene,
  name: string,
  file: Uint8Array,
  bytes: Uint8Array,
  ranges: readonly (readonly [start: number, end: number])[],
): SmbScene {
  scene.exchange({ ...ask.create(name), options: { treeId: 5 } }, answer.create(file, bytes.length));
  for (const [start, end] of ranges)
    scene.exchange(ask.read(file, start, end - start), answer.read(bytes.slice(start, end)));
  return scene.exchange(ask.close(file), answer.close());
}

const wholeImage = [[0, image.length]] as const;
const sharedHeader = [0, 4096] as const;
const setReads = (scene: SmbScene) => scene.events().filter(({ type }) => type === 'wim.set-read');

describe('an image whose data lies in Res.rwm', () => {
  test('is read when all that its blob table names there was read, however it was cut', () => {
    const scene = read(mounted(), `${FOLDER}\\one.wim`, IMAGE, image, wholeImage);
    read(scene, `${FOLDER}\\Res.rwm`, SHARED, shared, [sharedHeader, [50_000, 100_000], [100_000, 160_000]]);
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
    const scene = read(mounted(), `${FOLDER}\\one.wim`, IMAGE, image, wholeImage);
    read(scene, `${FOLDER}\\Res.rwm`, SHARED, shared, [sharedHeader, [0, 60_208], [50_208, 60_208]]);
    read(scene, `${FOLDER}\\Res.rwm`, SHARED, shared, [[60_208, 210_000]]);
    expect(setReads(scene)).toMatchObject([{ sharedBytes: 10_000, neededBytes: 100_000 }, { sharedBytes: 100_000 }]);
  });

  test('is only looked at when its folder tree was not read', () => {
    const scene = read(mounted(), `${FOLDER}\\one.wim`, IMAGE, image, [
      [0, 4096],
      [10_000, image.length],
    ]);
    read(scene, `${FOLDER}\\Res.rwm`, SHARED, shared, [sharedHeader, [0, 210_000]]);
    expect(setReads(scene)).toEqual([]);
  });

  test('does not keep its data in the Res.rwm of another group', () => {
    const scene = read(mounted(), `${FOLDER}\\one.wim`, IMAGE, image, wholeImage);
    read(scene, 'Images\\Other\\Res.rwm', SHARED, shared, [sharedHeader, [0, 210_000]]);
    expect(setReads(scene)).toEqual([]);
  });

  test('says that it has folder trees only', () => {
    const headers = read(
      read(mounted(), `${FOLDER}\\one.wim`, IMAGE, image, wholeImage),
      `${FOLDER}\\Res.rwm`,
      SHARED,
      shared,
      [sharedHeader],
    )
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
        const scene = read(mounted(), `${FOLDER}\\one.wim`, IMAGE, hostile(image, ofImage), wholeImage);
        read(scene, `${FOLDER}\\Res.rwm`, SHARED, hostile(shared, ofShared), [sharedHeader, ...some]);
        const { events, trimmed } = observe(scene.frames);
        for (const event of events)
          if (event.type === 'wim.set-read') expect(event.sharedBytes).toBeLessThanOrEqual(event.neededBytes);
        expect(observe(trimmed).events).toEqual(events);
      }),
      { numRuns: 60 },
    );
  });

  test('is read alike in the capture that is kept', () => {
    const scene = read(mounted(), `${FOLDER}\\one.wim`, IMAGE, image, wholeImage);
    read(scene, `${FOLDER}\\Res.rwm`, SHARED, shared, [sharedHeader, [50_000, 160_000]]);
    const { events, trimmed } = observe(scene.frames);
    expect(observe(trimmed).events).toEqual(events);
    expect(events.map(({ type }) => type)).toContain('wim.set-read');
  });
});
