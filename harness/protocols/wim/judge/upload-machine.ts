import { assign, setup } from 'xstate';
import type { SmbEvent } from '../../smb/observe/events.ts';
import type { WimEvent } from '../observe/events.ts';
import { STATUS_SUCCESS, writeCause } from '../../base/judge/nt-status.ts';
import { isImageName } from '../../base/judge/path-names.ts';
import {
  machineActions,
  step,
  type MachineEvent,
  type WaitMeta,
  type Waiting,
} from '../../base/judge/machine-parts.ts';
import { UNSEEN, seen, type Breach, type Sighting, type StepDraft } from '../../base/judge/step.ts';
import { stepBuilders } from '../../base/judge/step-builders.ts';
import { WIM } from './vocabulary.ts';

const { judged, recorded, unexpected } = stepBuilders('upload', WIM);

/** What is known of one file that is written. */
interface UploadContext extends Waiting {
  readonly bytes: number;
  /** The header that was written last, when one was seen. */
  readonly header: { readonly complete: boolean; readonly imageCount: number; readonly reason: string } | undefined;
  readonly frames: readonly number[];
  readonly refused: boolean;
}

type Of<T extends SmbEvent['type'] | WimEvent['type']> = Omit<
  Extract<SmbEvent | WimEvent, { readonly type: T }>,
  'type'
>;

const uploadSetup = setup({
  types: {
    context: {} as UploadContext,
    events: {} as MachineEvent<WimEvent | SmbEvent>,
    meta: {} as WaitMeta<keyof typeof WIM.waits>,
  },
  actions: machineActions,
});

/**
 * One image on its way to the share: written, closed, and given its name. A client that writes under another name and
 * renames at the end leaves no half image under the final name; an image that is written under its own name is uploaded
 * when it is closed.
 */
export const uploadMachine = uploadSetup.createMachine({
  id: 'upload',
  context: { since: UNSEEN, bytes: 0, header: undefined, frames: [], refused: false },
  initial: 'idle',
  on: {
    deadline: {},
    'smb.first-write': {
      target: '.writing',
      actions: assign(({ context, event }) => ({ since: context.since.frame > 0 ? context.since : seen(event) })),
    },
    'wim.header-written': {
      actions: assign({
        header: ({ event }) => ({ complete: event.complete, imageCount: event.imageCount, reason: event.reason ?? '' }),
      }),
    },
    'smb.write': {
      actions: assign(({ context, event }) => ({
        bytes: context.bytes + event.bytes,
        frames: [event.figures?.firstFrame ?? event.frame, event.figures?.lastFrame ?? event.frame],
      })),
    },
    'smb.write-refused': [
      { guard: ({ context }) => context.refused, actions: [] },
      {
        target: '.refused',
        actions: [step(({ context, event }) => refusedStep(context, event)), assign({ refused: true })],
      },
    ],
    '*': {
      actions: step(({ event }) => unexpected(event, 'path' in event ? { path: event.path } : {})),
    },
  },
  states: {
    idle: { on: { 'smb.close': {}, 'smb.unfinished': {}, 'smb.rename': {} } },
    writing: {
      on: {
        'smb.close': [
          {
            guard: ({ event }) => isImageName(event.path),
            target: 'uploaded',
            actions: step(({ context, event }) => uploadStep(context, event, event.path)),
          },
          { target: 'written' },
        ],
        'smb.unfinished': {
          target: 'idle',
          actions: step(({ context, event }) => cutShortStep(context, event)),
        },
        'smb.rename': {},
      },
    },
    written: {
      on: {
        'smb.close': {},
        'smb.unfinished': {},
        'smb.rename': [
          {
            guard: ({ event }) => event.status !== STATUS_SUCCESS,
            actions: step(({ context, event }) => unnamedStep(context, event)),
          },
          {
            guard: ({ event }) => isImageName(event.to),
            target: 'uploaded',
            actions: step(({ context, event }) => uploadStep(context, event, event.to)),
          },
          {},
        ],
      },
    },
    uploaded: { on: { 'smb.close': {}, 'smb.unfinished': {}, 'smb.rename': {} } },
    // The server has no room or no permission: what follows of this file is the client's tidying up.
    refused: {
      on: {
        'smb.first-write': {},
        'smb.write': {},
        'smb.close': {},
        'smb.unfinished': {},
        'smb.rename': {},
        'wim.header-written': {},
      },
    },
  },
});

function uploadStep(context: UploadContext, event: Of<'smb.rename'> | Of<'smb.close'>, path: string): StepDraft {
  return judged({
    step: 'image.upload',
    from: context.since,
    at: event,
    frames: [...context.frames, event.requestFrame, event.frame],
    detail: {
      path,
      writtenAs: event.path,
      share: event.share,
      bytes: context.bytes,
      images: context.header?.imageCount,
    },
    breach: headerBreach(context),
  });
}

function headerBreach({ header }: UploadContext): Breach<keyof typeof WIM.causes> | undefined {
  const expected = 'an image whose header was written last';
  if (!header) return { expected, actual: 'no header at the start of what was written', cause: 'image-damaged' };
  if (header.reason !== '') return { expected, actual: header.reason, cause: 'image-damaged' };
  return header.complete
    ? undefined
    : { expected, actual: 'a header that says “write in progress”', cause: 'upload-cut-short' };
}

function refusedStep(context: UploadContext, event: Of<'smb.write-refused'>): StepDraft {
  return failed(
    context,
    event,
    { path: event.path, share: event.share, status: event.statusName },
    {
      expected: `${event.length} bytes to be written at offset ${event.offset}`,
      actual: event.statusName,
      cause: writeCause(event.status),
    },
  );
}

function cutShortStep(context: UploadContext, event: Of<'smb.unfinished'>): StepDraft {
  return failed(
    context,
    event,
    { path: event.path, share: event.share, bytes: context.bytes },
    {
      expected: 'the file to be written to its end and closed',
      actual: `${context.bytes} bytes, and then ${event.reason}`,
      cause: 'upload-cut-short',
    },
  );
}

function unnamedStep(context: UploadContext, event: Of<'smb.rename'>): StepDraft {
  const detail = { path: event.to, writtenAs: event.path, share: event.share, status: event.statusName };
  return isImageName(event.to)
    ? failed(context, event, detail, {
        expected: `“${event.path}” to become “${event.to}”`,
        actual: event.statusName,
        cause: writeCause(event.status),
      })
    : recorded({
        step: 'smb.error',
        at: event,
        detail: { path: event.to, status: event.statusName },
        why: 'refused to rename a file that is not an image',
      });
}

function failed(
  context: UploadContext,
  at: Sighting,
  detail: Readonly<Record<string, string | number | undefined>>,
  breach: Breach<keyof typeof WIM.causes>,
): StepDraft {
  return judged({
    step: 'image.upload',
    from: context.since.frame > 0 ? context.since : at,
    at,
    detail,
    breach,
  });
}
