import type { Malformed } from './malformed.ts';

/** One field of a layer, both parts as text. */
export interface DissectedField {
  readonly name: string;
  readonly value: string;
}

/** One layer of a dissected frame. */
export interface DissectedLayer {
  readonly name: string;
  readonly fields: readonly DissectedField[];
}

/** What a protocol's dissector gives: a summary in one line, and its layers, outermost first. */
export interface Dissection {
  readonly summary: string;
  readonly layers: readonly DissectedLayer[];
}

/** A layer from pairs; undefined values are left out, everything else becomes text. */
export function layer(name: string, fields: Readonly<Record<string, string | number | bigint | boolean | undefined>>): DissectedLayer {
  return { name, fields: Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [{ name: key, value: String(value) }])) };
}

/** The layer and summary of what could not be decoded. */
export function dissectMalformed(trouble: Malformed): Dissection {
  return { summary: `${trouble.protocol.toUpperCase()} malformed: ${trouble.reason}`, layers: [layer('malformed', { protocol: trouble.protocol, reason: trouble.reason, offset: trouble.offset })] };
}
