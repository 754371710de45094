import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { EVIDENCE } from './file-names.ts';

// frames.json: the frames that steps name, decoded, written beside a scenario's capture so that a report needs no
// decoder.

const FILE = EVIDENCE.frames;

const fieldSchema = z.object({
  name: z.string(),
  value: z.string(),
  offset: z.int().nonnegative().optional().meta({ description: "the field's first byte, from the start of the frame" }),
  length: z.int().nonnegative().optional(),
});

const layerSchema = z.object({
  name: z.string().meta({ description: 'ethernet, ipv4, udp, dhcp, …; `malformed` for what did not decode' }),
  fields: z.array(fieldSchema).readonly(),
  offset: z.int().nonnegative().optional().meta({ description: "the layer's first byte, from the start of the frame" }),
  length: z.int().nonnegative().optional(),
});

// Unknown keys are dropped: a report reads what it knows.
const evidenceFrameSchema = z.object({
  number: z.int().positive(),
  atMs: z.number().meta({ description: 'on the same clock as the steps' }),
  length: z.int().nonnegative().meta({ description: 'bytes on the wire' }),
  summary: z.string(),
  layers: z.array(layerSchema).readonly(),
  hex: z
    .string()
    .regex(/^([0-9a-fA-F]{2})*$/)
    .meta({ description: 'the captured bytes, possibly fewer than length' }),
});

/** One decoded frame of frames.json. */
export type EvidenceFrame = z.infer<typeof evidenceFrameSchema>;
/** One layer of it. */
export type EvidenceLayer = EvidenceFrame['layers'][number];

/** Frames that could be read, and a note for people where something could not. */
export interface FramesRead {
  readonly frames: readonly EvidenceFrame[];
  readonly note?: string;
}

/**
 * Largest frames.json that is read: 64 MiB of JSON are some ten thousand full frames, far beyond what a page can show.
 */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

/**
 * Reads frames.json without ever failing: damaged entries are left out and counted, a missing or unreadable file is a
 * note.
 */
export async function readFrames(path: string): Promise<FramesRead> {
  try {
    return parseFrames(await readFile(path));
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return {
      frames: [],
      note: missing
        ? `${FILE} is missing: steps are shown without their decoded frames`
        : `${FILE} could not be read: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}

/** The frames in the bytes of a frames.json; total. */
export function parseFrames(bytes: Uint8Array): FramesRead {
  if (bytes.length > MAX_FILE_BYTES)
    return {
      frames: [],
      note: `${FILE} has ${bytes.length} bytes, more than the ${MAX_FILE_BYTES} that a report reads`,
    };
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    return { frames: [], note: `${FILE} is not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  const list = typeof value === 'object' && value !== null && 'frames' in value ? value.frames : undefined;
  if (!Array.isArray(list)) return { frames: [], note: `${FILE} holds no list "frames"` };
  const frames = list.flatMap((entry: unknown) => {
    const parsed = evidenceFrameSchema.safeParse(entry);
    return parsed.success ? [parsed.data] : [];
  });
  const damaged = list.length - frames.length;
  return damaged === 0
    ? { frames }
    : { frames, note: `${FILE}: ${damaged} of ${list.length} entries are damaged and left out` };
}
