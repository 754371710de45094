import type { BlockBody } from './pcapng-block.ts';

/** What an interface description block says, with what its frames need. */
export interface CaptureInterface {
  readonly linkType: number;
  /** Bytes that a frame keeps at most; 0 for no limit. */
  readonly snapLength: number;
  /** Capture time in whole microseconds since the epoch, from the two halves of a timestamp. */
  readonly atUs: (high: number, low: number) => number;
  /** Frames lost, by the interface's last statistics block. */
  dropped: number;
}

/** Option codes of interface description and statistics blocks (draft-ietf-opsawg-pcapng sections 4.2 and 4.6). */
const OPTION = { end: 0, timeResolution: 9, timeOffset: 14, droppedByInterface: 5, droppedByOs: 7 } as const;
const WORD = 2 ** 32;

/** Reads an interface description block: link type 2 + reserved 2 + snap length 4 + options. */
export function interfaceDescription(body: BlockBody): CaptureInterface {
  // Section 4.2: microseconds where if_tsresol is absent, no offset where if_tsoffset is.
  let resolution = 6;
  let offsetUs = 0n;
  for (const option of options(body, 8)) {
    if (option.code === OPTION.timeResolution && option.length >= 1)
      resolution = body.bytes(option.at, 1)[0] ?? resolution;
    if (option.code === OPTION.timeOffset && option.length >= 8) offsetUs = body.int64(option.at) * 1_000_000n;
  }
  return { linkType: body.uint16(0), snapLength: body.uint32(4), atUs: clock(resolution, offsetUs), dropped: 0 };
}

/**
 * Frames lost by one interface statistics block (interface 4 + timestamp 8 + options); undefined where it does not say.
 */
export function droppedOption(body: BlockBody): number | undefined {
  let dropped: number | undefined;
  for (const option of options(body, 12)) {
    const counts = option.code === OPTION.droppedByInterface || option.code === OPTION.droppedByOs;
    if (counts && option.length >= 8) dropped = (dropped ?? 0) + Number(body.uint64(option.at));
  }
  return dropped;
}

/**
 * Options are code 2 + length 2 + value, padded to 32 bits; one that runs past the block ends them (nothing here
 * depends on it).
 */
function* options(body: BlockBody, start: number): Generator<{ code: number; length: number; at: number }> {
  let at = start;
  while (at + 4 <= body.length) {
    const code = body.uint16(at);
    const length = body.uint16(at + 2);
    if (code === OPTION.end || at + 4 + length > body.length) return;
    yield { code, length, at: at + 4 };
    at += 4 + Math.ceil(length / 4) * 4;
  }
}

/** if_tsresol: a negative power of 10, or of 2 where the top bit is set. */
function clock(resolution: number, offsetUs: bigint): CaptureInterface['atUs'] {
  if (offsetUs === 0n && resolution === 6) return (high, low) => high * WORD + low;
  // 2^32 ns are 4 294 967 µs and 296 ns: all of it stays below 2^53 for dates before the year 2255.
  if (offsetUs === 0n && resolution === 9)
    return (high, low) => high * 4_294_967 + Math.floor((high * 296 + low) / 1000);
  const unitsPerSecond = (resolution & 0x80) === 0 ? 10n ** BigInt(resolution) : 2n ** BigInt(resolution & 0x7f);
  return (high, low) => Number((((BigInt(high) << 32n) | BigInt(low)) * 1_000_000n) / unitsPerSecond + offsetUs);
}
