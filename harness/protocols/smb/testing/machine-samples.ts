import { IMAGE_PATH } from '../../../verdict/testing/boot-story.ts';
import { told, visited } from '../../../verdict/testing/captures.ts';
import { wimBytes } from '../../wim/testing/bytes.ts';
import { answer, ask, fileIdOf, STATUS } from './scene.ts';
import { smb1Answer, smb1Negotiate } from './smb1.ts';
import type { MachineSamples } from '../../testing/machine-sample.ts';

const IMAGE = wimBytes(20_000);
const NO_BYTES = new Uint8Array(0);
/** An SMB 3 transform header with nothing in it (MS-SMB2 section 2.2.41). */
const ENCRYPTED = Uint8Array.of(0, 0, 0, 60, 0xfd, 0x53, 0x4d, 0x42, ...new Uint8Array(56));

/** Captures that reach every state of this room's machine. */
export const MACHINE_SAMPLES = {
  smb: {
    captures: [
      visited((to) => {
        to.opens(IMAGE_PATH, IMAGE).reads().closes().misses(IMAGE_PATH);
        to.opens('a.bin', IMAGE)
          .readRefused(0, STATUS.sharingViolation)
          .writes(0, NO_BYTES)
          .writeRefused(STATUS.diskFull);
        to.renames('b.wim').renames('b.wim', STATUS.accessDenied).closes();
        to.exchange(ask.treeDisconnect(), answer.refused('treeDisconnect', STATUS.accessDenied));
        const echo = to.request(ask.echo());
        to.response(echo, answer.echo()).response(echo, answer.echo()).disconnect();
      }),
      visited((to) => to.opens('a.bin', IMAGE).reads().bytes(true, ENCRYPTED)),
      told(({ smb: to }) =>
        to
          .connect()
          .logon(STATUS.logonFailure)
          .exchange(ask.create('a'), answer.create(fileIdOf(1), 0))
          .reset(),
      ),
      told(({ smb: to }) => smb1Answer(smb1Negotiate(to.connect(), 'NT LM 0.12', 'SMB 2.002'), 0)),
    ],
    facts: (context: { openedFile: boolean; missed: unknown; smb1: boolean }) => [
      context.openedFile,
      context.missed !== undefined,
      context.smb1,
    ],
  },
} satisfies MachineSamples;
