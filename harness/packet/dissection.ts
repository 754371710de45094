import type { Malformed } from './malformed.ts';

/** One field of a layer, both parts as text. */
export interface DissectedField {
  readonly name: string;
  readonly value: string;
  /** Its bytes, a view of the frame's own; absent where only a second decoder could find them. */
  readonly bytes?: Uint8Array;
}

/** One layer of a dissected frame. */
export interface DissectedLayer {
  readonly name: string;
  readonly fields: readonly DissectedField[];
  /** Its bytes, a view like a field's. */
  readonly bytes: Uint8Array;
}

/** What a protocol's dissector gives: a summary in one line, and its layers, outermost first. */
export interface Dissection {
  readonly summary: string;
  readonly layers: readonly DissectedLayer[];
}

/** Where the fields of a layer lie: offset from its first byte, and length. */
export type Layout = Readonly<Record<string, readonly [offset: number, length: number]>>;

/** A layer from its bytes and pairs; undefined values are left out, everything else becomes text. */
export function layer(
  name: string,
  bytes: Uint8Array,
  fields: Readonly<Record<string, string | number | bigint | boolean | undefined>>,
  layout: Layout = {},
): DissectedLayer {
  return {
    name,
    bytes,
    fields: Object.entries(fields).flatMap(([key, value]) => {
      if (value === undefined) return [];
      const [offset, length] = (Object.hasOwn(layout, key) ? layout[key] : undefined) ?? [0, 0];
      return [
        { name: key, value: String(value), ...(length > 0 ? { bytes: bytes.subarray(offset, offset + length) } : {}) },
      ];
    }),
  };
}

/** The layer and summary of bytes that do not decode. */
export function dissectMalformed(trouble: Malformed): Dissection {
  return {
    summary: `${trouble.protocol.toUpperCase()} malformed: ${trouble.reason}`,
    layers: [
      layer('malformed', trouble.bytes, { protocol: trouble.protocol, reason: trouble.reason, offset: trouble.offset }),
    ],
  };
}
