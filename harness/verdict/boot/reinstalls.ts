import { stepBuilders } from '../../protocols/base/judge/step-builders.ts';
import type { Sighting, StepDraft } from '../../protocols/base/judge/step.ts';
import { isFirmwareClass } from '../../protocols/dhcp/judge/facts.ts';
import { samePath } from '../../protocols/base/judge/path-names.ts';
import { CAUSES, STEPS } from '../../protocols/words.ts';
import { loadedBootFile } from './other-ways.ts';

// A client whose firmware comes back to the network after an installation is common: a boot server may send it on to its
// disk. Only one that then reads an image again is in a loop; one that only lists the images reads little of them.

/** Of the bytes that the first installation read, what a second one reads at least: both also look at other parts. */
const SHARE_OF_IMAGE = 0.5;

const { recorded } = stepBuilders('boot', { steps: STEPS, causes: CAUSES });

interface Loop {
  readonly program: string;
  readonly image: string;
  readonly times: number;
  readonly from: Sighting;
  readonly to: Sighting;
  /** Last frame of the reading before, where there is one, and of this one. */
  readonly frames: readonly number[];
  /** Bytes of the first reading, and of all so far as the steps count them: over all readings of a file. */
  readonly firstBytes: number;
  readonly bytes: number;
}

/** Watches the steps of one client for a machine that is installed at every start. */
export interface Reinstalls {
  /** A recorded step where this one shows that the client was installed once more. */
  note(step: StepDraft): StepDraft | undefined;
}

/** Nothing was installed yet. */
export function watchReinstalls(): Reinstalls {
  let read: Loop | undefined;
  /** How far the firmware has come on its way back: it asks, and then loads a boot program. */
  let back: 'no' | 'asks' | 'booted' = 'no';
  let program = '';

  const imageRead = (step: StepDraft): StepDraft | undefined => {
    const image = String(step.detail['path'] ?? '');
    const bytes = Number(step.detail['bytes'] ?? 0);
    const [first = 0] = step.frames;
    const last = step.frames.at(-1) ?? 0;
    const to = { frame: last, atUs: step.endUs };
    if (read === undefined || !samePath(read.image, image)) {
      const from = { frame: first, atUs: step.startUs };
      read = { program, image, times: 1, from, to, frames: [last], firstBytes: bytes, bytes };
      back = 'no';
      return undefined;
    }
    const more = bytes >= read.bytes ? bytes - read.bytes : bytes;
    if (back !== 'booted') read = { ...read, bytes };
    if (back !== 'booted' || more < read.firstBytes * SHARE_OF_IMAGE) return undefined;
    read = { ...read, program, times: read.times + 1, to, frames: [...read.frames.slice(-1), last], bytes };
    back = 'no';
    return reinstalledStep(read);
  };
  return {
    note(step) {
      if (step.verdict !== 'passed') return undefined;
      if (step.step === 'dhcp.discover' && isFirmwareClass(step.detail['vendorClass'])) back = 'asks';
      else if (loadedBootFile(step) && back === 'asks') {
        back = 'booted';
        program = String(step.detail['path'] ?? '');
      } else if (step.step === 'image.transfer') return imageRead(step);
      return undefined;
    },
  };
}

function reinstalledStep({ program, image, times, from, to, frames }: Loop): StepDraft {
  return recorded({
    step: 'boot.reinstalled',
    from,
    at: to,
    frames: [...frames],
    detail: { path: program, image, times },
    why: `reinstall loop: the client read “${image}” ${times} times (the last two up to frames ${frames.join(' and ')}), and before each further time its firmware booted “${program}” from the network; put the disk first in its boot order, take the network for one start only, or have the boot server send installed clients to their disk`,
    cause: 'reinstall-loop',
  });
}
