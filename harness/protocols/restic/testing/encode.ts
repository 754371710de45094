import { encodeText } from '../../../packet/text.ts';
import { RESTIC_MEDIA_TYPE, type ResticEntry, type ResticRange, type ResticVersion } from '../wire/codec.ts';

/** The media type of a version. */
export function resticMediaType(version: ResticVersion): string {
  return `${RESTIC_MEDIA_TYPE}${version}`;
}

/** The value of a `Range` header. */
export function encodeResticRange({ first, last }: ResticRange): string {
  return `bytes=${first}-${last ?? ''}`;
}

/** The body of a list. */
export function encodeResticList(entries: readonly ResticEntry[], version: ResticVersion): Uint8Array {
  return encodeText(
    JSON.stringify(
      version === 1 ? entries.map(({ name }) => name) : entries.map(({ name, bytes: size }) => ({ name, size })),
    ),
  );
}
