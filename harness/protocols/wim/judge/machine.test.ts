import { describe, expect, it } from 'vitest';
import { failures, judge } from '../../../verdict/testing/judge-story.ts';
import { STATUS } from '../../smb/testing/scene.ts';
import { VisitScene } from '../../smb/testing/visit.ts';
import { wimBytes } from '../testing/bytes.ts';

const IMAGE_PATH = 'Images\\Linux\\sample.wim';
const PARTIAL = `${IMAGE_PATH}.partial`;
const IMAGE = wimBytes(20_000);
/** The header that a writer begins with: FLAG_HEADER_WRITE_IN_PROGRESS is set. */
const BEGUN = IMAGE.with(16, (IMAGE[16] ?? 0) | 0x40);

const mounted = (): VisitScene => new VisitScene().connect().logon().mount();
const changed = (at: number, value: number): Uint8Array => IMAGE.with(at, value);

describe('an image that is read', () => {
  it.each<[string, string, string, Uint8Array]>([
    ['is no WIM', 'image.header', 'image-damaged', new Uint8Array(20_000)],
    ['has another number of images than its list', 'image.tail', 'image-damaged', changed(44, 2)],
    ['has a list that does not decode', 'image.tail', 'image-damaged', changed(IMAGE.length - 8, 0x3c)],
  ])('fails when it %s: %s', (_, step, cause, bytes) => {
    expect(failures(mounted().opens(IMAGE_PATH, bytes).reads())).toEqual([[step, cause]]);
  });

  it('may have its list read in parts, and parts of it twice', () => {
    const scene = mounted().opens(IMAGE_PATH, IMAGE).reads(0, 4096).reads(15_000, 19_900).reads(15_000);
    const { failed, named } = judge(scene);
    expect(failed).toEqual([]);
    expect(named('image.tail')).toMatchObject([{ detail: { bytes: 5000 } }]);
  });

  it('may be read again when it was read whole', () => {
    const again = mounted().opens(IMAGE_PATH, IMAGE).reads().closes().opens(IMAGE_PATH, IMAGE).reads(4096).closes();
    expect(judge(again).named('image.transfer')).toMatchObject([
      { verdict: 'passed', detail: { whole: true } },
      { verdict: 'recorded', why: 'read again after it was complete' },
    ]);
  });
});

describe('an image that is written', () => {
  const begun = () => mounted().opens(PARTIAL).writes(0, BEGUN);
  const written = () => begun().writes(0, IMAGE.slice(0, 4096)).closes();
  const renamed = (scene: VisitScene, to = IMAGE_PATH, status?: number) =>
    scene.opens(PARTIAL).renames(to, status).closes();

  it('is there when it has its name', () => {
    const { failed, named } = judge(renamed(written()));
    expect(failed).toEqual([]);
    expect(named('image.upload')).toMatchObject([
      {
        verdict: 'passed',
        detail: { path: IMAGE_PATH, writtenAs: PARTIAL, share: 'REMINST', bytes: 24_096, images: 1 },
      },
    ]);
  });

  it('is there when it is closed under the name that it was written by', () => {
    expect(judge(mounted().opens(IMAGE_PATH).writes(0, IMAGE).closes()).named('image.upload')).toMatchObject([
      { verdict: 'passed', detail: { path: IMAGE_PATH, writtenAs: IMAGE_PATH, bytes: 20_000 } },
    ]);
  });

  it.each<[string, string, VisitScene]>([
    ['its header says that it is not done', 'upload-cut-short', renamed(begun().closes())],
    ['it has no header', 'image-damaged', renamed(mounted().opens(PARTIAL).writes(208, IMAGE.slice(208)).closes())],
    ['its header is none', 'image-damaged', renamed(mounted().opens(PARTIAL).writes(0, new Uint8Array(300)).closes())],
    ['it is never closed', 'upload-cut-short', begun().disconnect()],
    ['the server has no room for it', 'server-disk-full', begun().writeRefused(STATUS.diskFull).closes()],
    ['the user may not write', 'access-denied', mounted().opens(PARTIAL).writeRefused(STATUS.accessDenied).closes()],
    ['it may not have its name', 'access-denied', renamed(written(), IMAGE_PATH, STATUS.accessDenied)],
  ])('fails when %s: %s', (_, cause, scene) => {
    expect(failures(scene)).toEqual([['image.upload', cause]]);
  });

  it('may give another file its name in vain', () => {
    const { failed, named } = judge(renamed(written(), 'notes.txt', STATUS.accessDenied));
    expect(failed).toEqual([]);
    expect(named('smb.error')).toContainEqual(
      expect.objectContaining({ machine: 'upload', why: 'refused to rename a file that is not an image' }),
    );
  });
});
