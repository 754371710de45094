import { assign, setup } from 'xstate';
import type { WimEvent } from '../observe/events.ts';
import { windowsArchitectureName } from '../wire/architectures.ts';
import { architectureBreach } from './architecture.ts';
import {
  describesWhole,
  type EndOfOpen,
  type ImageContext,
  type ImageInput,
  NO_IMAGE,
  readSoFar,
  setTransferStep,
  transferOutcome,
  transferStep,
} from './transfer.ts';
import { machineActions, step, type MachineEvent, type WaitMeta } from '../../base/judge/machine-parts.ts';
import { seen, type Breach, type StepDraft } from '../../base/judge/step.ts';
import { stepBuilders } from '../../base/judge/step-builders.ts';
import { WIM } from './vocabulary.ts';
import type { SmbEvent } from '../../smb/observe/events.ts';

const { judged, recorded, unexpected } = stepBuilders('image', WIM);

type Of<T extends WimEvent['type']> = Omit<Extract<WimEvent, { readonly type: T }>, 'type'>;

const imageSetup = setup({
  types: {
    context: {} as ImageContext,
    events: {} as MachineEvent<WimEvent | SmbEvent>,
    input: {} as ImageInput,
    meta: {} as WaitMeta<keyof typeof WIM.waits>,
  },
  actions: machineActions,
});

interface Ended {
  readonly context: ImageContext;
  readonly event: EndOfOpen;
}
const nothingRead = ({ event }: Ended): boolean => event.figures === undefined;
const transfer = step(({ context, event }: Ended) => transferStep(context, event));
const again = step(({ event }: Ended) =>
  recorded({
    step: 'image.transfer',
    at: event,
    detail: { path: event.path, bytes: event.figures?.bytes ?? 0 },
    why: 'read again after it was complete',
  }),
);
const count = imageSetup.assign(({ context, event }) =>
  event.type === 'smb.close' || event.type === 'smb.unfinished' ? readSoFar(context, event) : {},
);

/** The end of an open, by a close or without one. */
const ENDED = [
  { guard: nothingRead, actions: [] },
  {
    guard: ({ context, event }: Ended) => transferOutcome(context, event) === 'whole',
    target: '.transferred',
    actions: [transfer, count],
  },
  { guard: ({ context, event }: Ended) => transferOutcome(context, event) === 'metadata', actions: count },
  { actions: [transfer, count] },
] as const;
const ENDED_AGAIN = [
  {
    guard: ({ context, event }: Ended) => event.figures === undefined || context.header?.treesOnly === true,
    actions: [],
  },
  { actions: again },
] as const;

/**
 * One image file: its header, the list of images at its end, and the bytes between (harness/docs/protocols.md 5; the
 * reference trace's step 3).
 */
export const imageMachine = imageSetup.createMachine({
  id: 'image',
  context: ({ input }) => ({ ...NO_IMAGE, clientArchitecture: input.architecture }),
  initial: 'idle',
  on: {
    deadline: {},
    'wim.header': {
      target: '.described',
      actions: [step(({ event }) => headerStep(event)), assign(({ context, event }) => describesWhole(context, event))],
    },
    'wim.tail': {
      actions: [
        step(({ context, event }) => tailStep(context, event)),
        assign(({ context, event }) => ({ metadataBytes: context.metadataBytes + event.bytes })),
      ],
    },
    'wim.set-read': [
      {
        guard: ({ event }) => event.sharedBytes >= event.neededBytes,
        target: '.transferred',
        actions: step(({ context, event }) => setTransferStep(context, event)),
      },
      { actions: step(({ context, event }) => setTransferStep(context, event)) },
    ],
    'wim.damaged': {
      target: '.damaged',
      actions: step(({ context, event }) => damagedStep(context, event)),
    },
    'smb.first-read': {
      actions: assign(({ context, event }) => ({
        path: event.path,
        reading: seen(event),
        since: context.since.frame === 0 ? seen(event) : context.since,
      })),
    },
    'smb.close': ENDED,
    'smb.unfinished': ENDED,
    'smb.open': {},
    '*': {
      actions: step(({ event }) => unexpected(event, 'path' in event ? { path: event.path } : {})),
    },
  },
  states: {
    idle: {},
    described: {},
    // Its data was read again with the shared part, for this image or for another one.
    transferred: { on: { 'wim.set-read': {}, 'smb.close': ENDED_AGAIN, 'smb.unfinished': ENDED_AGAIN } },
    damaged: {},
  },
});

function headerStep(event: Of<'wim.header'>): StepDraft {
  return judged({
    step: 'image.header',
    at: event,
    frames: [event.firstFrame, event.frame],
    detail: {
      path: event.path,
      images: event.imageCount,
      bootIndex: event.bootIndex,
      endOfFile: event.endOfFile,
      part: event.partNumber,
      parts: event.totalParts,
    },
    breach: headerBreach(event),
  });
}

function headerBreach(event: Of<'wim.header'>): Breach<keyof typeof WIM.causes> | undefined {
  if (event.bootIndex > event.imageCount)
    return damaged(`a boot index of at most ${event.imageCount}, the number of images`, String(event.bootIndex));
  if (event.totalParts < 1 || event.partNumber < 1 || event.partNumber > event.totalParts)
    return damaged('a part number within the number of parts', `part ${event.partNumber} of ${event.totalParts}`);
  // Where the capture did not show the open, the size is not known.
  if (event.endOfFile > 0 && event.xmlOffset + event.xmlSize > event.endOfFile)
    return damaged(
      `the image list within ${event.endOfFile} bytes of file`,
      `it ends at ${event.xmlOffset + event.xmlSize}: the file was cut short`,
      'image-truncated',
    );
  return undefined;
}

function tailStep(context: ImageContext, event: Of<'wim.tail'>): StepDraft {
  return judged({
    step: 'image.tail',
    at: event,
    frames: [event.firstFrame, event.frame],
    detail: {
      path: event.path,
      images: event.images.map((image) => image.name).join(', '),
      architecture: architecturesOf(event),
      bytes: event.bytes,
    },
    breach: tailBreach(context, event) ?? architectureBreach(event, context.clientArchitecture),
  });
}

function tailBreach({ header }: ImageContext, event: Of<'wim.tail'>): Breach<keyof typeof WIM.causes> | undefined {
  if (!header) return undefined;
  const end = event.offset + event.bytes;
  if (header.images !== event.images.length)
    return damaged(`${header.images} images, as the header says`, `${event.images.length} in the list at its end`);
  if (header.endOfFile > 0 && end > header.endOfFile)
    return damaged(`a file of ${header.endOfFile} bytes`, `bytes up to ${end}`);
  return undefined;
}

function damagedStep(context: ImageContext, event: Of<'wim.damaged'>): StepDraft {
  const step = context.header ? 'image.tail' : 'image.header';
  return judged({
    step,
    at: event,
    detail: { path: event.path },
    breach: damaged('a readable image', event.reason, event.truncated ? 'image-truncated' : 'image-damaged'),
  });
}

function architecturesOf({ images }: Of<'wim.tail'>): string | undefined {
  const names = new Set(
    images.flatMap(({ architecture }) => (architecture === undefined ? [] : [windowsArchitectureName(architecture)])),
  );
  return names.size === 0 ? undefined : [...names].join(', ');
}

const damaged = (
  expected: string,
  actual: string,
  cause: keyof typeof WIM.causes = 'image-damaged',
): Breach<keyof typeof WIM.causes> => ({
  expected,
  actual,
  cause,
});
