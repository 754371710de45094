import { IMAGE_PATH } from '../../../verdict/testing/boot-story.ts';
import { visited } from '../../../verdict/testing/captures.ts';
import { STATUS } from '../../smb/testing/scene.ts';
import { wimBytes } from './bytes.ts';
import { wimGroup } from './group.ts';
import type { MachineSamples } from '../../testing/machine-sample.ts';

const IMAGE = wimBytes(20_000);
const GROUP = wimGroup();
const GROUP_IMAGE = 'Images\\Linux\\one.wim';
const PARTIAL = `${IMAGE_PATH}.partial`;
/** The header that a writer begins with: FLAG_HEADER_WRITE_IN_PROGRESS is set. */
const BEGUN = IMAGE.with(16, (IMAGE[16] ?? 0) | 0x40);

/** Captures that reach every state of this room's machines. */
export const MACHINE_SAMPLES = {
  image: {
    captures: [
      visited((to) =>
        to.opens(IMAGE_PATH, IMAGE).reads(0, 4096).reads(15_000).closes().opens(IMAGE_PATH, IMAGE).reads().closes(),
      ),
      visited((to) =>
        to.opens(IMAGE_PATH, new Uint8Array(300_000)).reads().closes().opens(IMAGE_PATH, IMAGE).reads(0, 4096),
      ),
      visited((to) => {
        to.opens(GROUP_IMAGE, GROUP.image).reads().closes();
        for (const end of [70_000, 160_000]) to.opens('Images\\Linux\\Res.rwm', GROUP.shared).reads(0, end).closes();
      }),
    ],
    facts: (context: { bytes: number; header: unknown }) => [Math.min(context.bytes, 1), context.header],
  },
  upload: {
    captures: [
      visited((to) => {
        to.opens(PARTIAL).writes(0, BEGUN).writes(0, IMAGE.slice(0, 4096)).writeRefused(STATUS.diskFull).closes();
        to.opens(PARTIAL).renames('notes.txt', STATUS.accessDenied).renames('notes.txt');
        to.renames(IMAGE_PATH, STATUS.accessDenied).renames(IMAGE_PATH).closes();
        to.opens(IMAGE_PATH).writes(0, new Uint8Array(300)).closes().opens(PARTIAL).writes(0, BEGUN);
      }),
    ],
    facts: (context: { bytes: number; header: unknown; refused: boolean }) => [
      Math.min(context.bytes, 1),
      context.header,
      context.refused,
    ],
  },
} satisfies MachineSamples;
