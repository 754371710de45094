import type { SmbEvent } from '../../smb/observe/events.ts';
import type { WimEvent } from '../observe/events.ts';
import { comparablePath } from '../../base/judge/path-names.ts';
import type { Waiting } from '../../base/judge/machine-parts.ts';
import { UNSEEN, type Sighting, type StepDraft } from '../../base/judge/step.ts';
import { stepBuilders } from '../../base/judge/step-builders.ts';
import { WIM } from './vocabulary.ts';

const { judged, recorded } = stepBuilders('image', WIM);

/** What the judge knows when a client begins to read an image. */
export interface ImageInput {
  /** DHCP option 93 of its firmware. */
  readonly architecture: number | undefined;
}

/** What is known of one image file, over all opens of it. */
export interface ImageContext extends Waiting {
  readonly path: string;
  /** DHCP option 93 of the client; undefined when it is not known. */
  readonly clientArchitecture: number | undefined;
  readonly header:
    | {
        /** Folder trees only: the data lies in another part. */ readonly treesOnly: boolean;
        readonly images: number;
        readonly parts: number;
        readonly endOfFile: number;
      }
    | undefined;
  /** First read of the open that is now read. */
  readonly reading: Sighting;
  /** Bytes of the header and tail reads: reading only these is looking, not transferring. */
  readonly metadataBytes: number;
  readonly bytes: number;
}

/** The end of an open: a close, or its absence. */
export type EndOfOpen = Omit<Extract<SmbEvent, { readonly type: 'smb.unfinished' }>, 'type' | 'reason'>;

/** No image yet. */
export const NO_IMAGE: ImageContext = {
  since: UNSEEN,
  path: '',
  clientArchitecture: undefined,
  header: undefined,
  reading: UNSEEN,
  metadataBytes: 0,
  bytes: 0,
};

/** The context after the header was read. */
export function describesWhole(
  context: ImageContext,
  event: Omit<Extract<WimEvent, { readonly type: 'wim.header' }>, 'type'>,
): Partial<ImageContext> {
  return {
    path: event.path,
    header: {
      treesOnly: event.treesOnly,
      images: event.imageCount,
      parts: event.totalParts,
      endOfFile: event.endOfFile,
    },
    metadataBytes: context.metadataBytes + event.bytes,
  };
}

/** The context after a close. */
export function readSoFar(context: ImageContext, event: EndOfOpen): Partial<ImageContext> {
  return { bytes: context.bytes + (event.figures?.bytes ?? 0) };
}

// What a client that applies a whole image leaves unread: the integrity table (20 bytes for each 10 MiB) and padding
// between resources, far below one per cent; a page cache rounds the rest up, never down.
const WHOLE = 0.99;

// Page caches read ahead: Linux fetches at least 64 KiB where wimlib wants the 208 bytes of a header.
const READ_AHEAD_BYTES = 65_536;

/** Whether the file has now been read as a whole, in part (with content), or only its header and list. */
export function transferOutcome(context: ImageContext, event: EndOfOpen): 'whole' | 'partial' | 'metadata' {
  const bytes = context.bytes + (event.figures?.bytes ?? 0);
  // The rest of such an image lies in another file: `wim.set-read` says how much of that was read.
  if (context.header?.treesOnly) return 'metadata';
  // Reading one half twice is not reading the whole.
  if (event.endOfFile > 0 && (event.distinctBytes ?? bytes) >= event.endOfFile * WHOLE) return 'whole';
  return bytes <= context.metadataBytes + READ_AHEAD_BYTES ? 'metadata' : 'partial';
}

/**
 * `image.transfer`: passed when the whole file was read, or when a part is all that one image of several needs
 * (several images, a spanned set, the shared Res.rwm of a WDS group); recorded when part of a single image was read.
 */
export function transferStep(context: ImageContext, event: EndOfOpen): StepDraft {
  const bytes = context.bytes + (event.figures?.bytes ?? 0);
  const whole = transferOutcome(context, event) === 'whole';
  const start = context.since.frame > 0 ? context.since : event;
  const endUs = context.reading.frame > 0 ? context.reading.atUs + (event.figures?.durationUs ?? 0) : event.atUs;
  const parts = {
    step: 'image.transfer' as const,
    from: start,
    at: { frame: event.figures?.lastFrame ?? event.frame, atUs: endUs },
    detail: { path: event.path, bytes, distinctBytes: event.distinctBytes, endOfFile: event.endOfFile, whole },
  };
  if (whole || mayBePartial(context, event.path)) return judged(parts);
  return recorded({
    ...parts,
    why: `closed after ${bytes} of ${event.endOfFile} bytes; the client may open it again`,
    cause: 'transfer-stalled',
  });
}

/**
 * `image.transfer` of an image whose files' data lies in a shared part: passed when all of it was read that this image
 * needs; `bytes` is what came from both files.
 */
export function setTransferStep(
  context: ImageContext,
  event: Omit<Extract<WimEvent, { readonly type: 'wim.set-read' }>, 'type'>,
): StepDraft {
  const { ownBytes, sharedBytes, neededBytes, sharedPath } = event;
  const whole = sharedBytes >= neededBytes;
  const parts = {
    step: 'image.transfer' as const,
    from: context.since.frame > 0 ? context.since : event,
    at: event,
    detail: { path: event.path, bytes: ownBytes + sharedBytes, ownBytes, sharedBytes, sharedPath, whole },
  };
  if (whole) return judged(parts);
  return recorded({
    ...parts,
    why: `“${sharedPath}” was closed after ${sharedBytes} of the ${neededBytes} bytes that this image keeps in it; the client may open it again`,
    cause: 'transfer-stalled',
  });
}

function mayBePartial(context: ImageContext, path: string): boolean {
  return (
    context.header === undefined ||
    context.header.images !== 1 ||
    context.header.parts > 1 ||
    comparablePath(path).endsWith('.rwm')
  );
}
