import { describe, expect, it } from 'vitest';
import type { VisitScene } from '../protocols/smb/testing/visit.ts';
import { wimBytes } from '../protocols/wim/testing/bytes.ts';
import { wimGroup } from '../protocols/wim/testing/group.ts';
import { boot, IMAGE_PATH } from './testing/boot-story.ts';
import { expecting, judge, planOf } from './testing/judge-story.ts';

const visited = (visit: (smb: VisitScene) => VisitScene) =>
  boot()
    .booted()
    .mounted()
    .also(({ smb }) => visit(smb));
const wanting = (path: string) => planOf({ expectations: expecting(['image.transfer', { path }]) });

describe('an image of a group', () => {
  const { image, shared } = wimGroup();
  const IMAGE = 'Images\\Linux 2012\\base.wim';
  const SHARED = 'Images\\Linux 2012\\Res.rwm';
  const ownRead = (smb: VisitScene) => smb.opens(IMAGE, image).reads().closes();

  it('is transferred when all that it needs of Res.rwm was read, and both numbers are told', () => {
    const story = visited((smb) => ownRead(smb).opens(SHARED, shared).reads(0, 4096).reads(50_000, 160_000).closes());
    const { client, named } = judge(story, wanting(IMAGE));
    expect(client.verdict).toBe('passed');
    expect(named('image.transfer')).toMatchObject([
      { verdict: 'passed', detail: { path: SHARED, whole: false, distinctBytes: 114_096 } },
      {
        verdict: 'passed',
        detail: {
          path: IMAGE,
          ownBytes: image.length,
          sharedBytes: 100_000,
          bytes: image.length + 100_000,
          sharedPath: SHARED,
          whole: true,
        },
      },
    ]);
  });

  it('is not transferred by reading its own file whole', () => {
    const { client, named } = judge(visited(ownRead), wanting(IMAGE));
    expect(client.verdict).toBe('failed');
    expect(named('image.transfer').filter(({ verdict }) => verdict === 'passed')).toEqual([]);
  });

  it('is not transferred by a part of its data', () => {
    const story = visited((smb) => ownRead(smb).opens(SHARED, shared).reads(0, 140_208).closes());
    const { client, failed, named } = judge(story, wanting(IMAGE));
    expect(client.verdict).toBe('failed');
    expect(named('image.transfer')[1]).toMatchObject({
      verdict: 'recorded',
      detail: { path: IMAGE, sharedBytes: 90_000, whole: false },
      why: expect.stringContaining('90000 of the 100000 bytes') as string,
    });
    expect(failed[0]).toMatchObject({ step: 'image.transfer', cause: 'transfer-stalled' });
  });
});

describe('an image that is not what it says', () => {
  const wanted = wanting(IMAGE_PATH);
  const image = wimBytes(50_000);

  it('was cut short: its list lies after its end', () => {
    const story = visited((smb) => smb.opens(IMAGE_PATH, image.slice(0, 30_000)).reads(0, 4096));
    expect(judge(story, wanted).failed[0]).toMatchObject({
      step: 'image.header',
      cause: 'image-truncated',
      actual: expect.stringContaining('the file was cut short') as string,
    });
  });

  it('is too short for a header', () => {
    const story = visited((smb) => smb.opens(IMAGE_PATH, image.slice(0, 100)).reads());
    expect(judge(story, wanted).failed[0]).toMatchObject({ step: 'image.header', cause: 'image-truncated' });
  });

  it('became shorter while it was read', () => {
    const refusedAt = (offset: number) =>
      judge(
        visited((smb) => smb.opens(IMAGE_PATH, image).reads(0, 4096).reads(45_000).readRefused(offset)),
        wanted,
      );
    expect(refusedAt(20_000).failed[0]).toMatchObject({
      step: 'smb.error',
      cause: 'image-truncated',
      expected: expect.stringContaining('of the 50000 that the file had when it was opened') as string,
    });
    expect(refusedAt(50_000).named('smb.error')[0]).toMatchObject({ verdict: 'recorded' });
  });

  it('is for another processor than the client’s firmware says', () => {
    const arm = wimBytes(50_000, ['one'], [12]);
    const story = visited((smb) => smb.opens(IMAGE_PATH, arm).reads(0, 4096).reads(45_000));
    expect(judge(story, wanted).failed[0]).toMatchObject({
      step: 'image.tail',
      cause: 'image-wrong-architecture',
      detail: { architecture: 'arm64' },
    });
  });
});
