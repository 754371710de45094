// What QEMU says on its monitor (docs/interop/qmp-spec.rst): one JSON object a line.

/** A JSON object as it came. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** An asynchronous event. */
export interface QmpEvent {
  readonly name: string;
  readonly data: JsonObject;
  /** By the host's clock, microseconds since the epoch; -1 where QEMU could not read it. */
  readonly atUs: number;
}

export type QmpMessage =
  | { readonly kind: 'greeting'; readonly version: string }
  | { readonly kind: 'result'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly class: string; readonly description: string }
  | { readonly kind: 'event'; readonly event: QmpEvent }
  /** A line that is none of these: kept, because it explains what follows. */
  | { readonly kind: 'unknown'; readonly line: string };

/** Reads one line; total. */
export function parseQmpMessage(line: string): QmpMessage {
  const unknown: QmpMessage = { kind: 'unknown', line };
  const message = object(tryJson(line));
  if (message === undefined) return unknown;
  if (typeof message['event'] === 'string')
    return {
      kind: 'event',
      event: {
        name: message['event'],
        data: object(message['data']) ?? {},
        atUs: timeUs(object(message['timestamp'])),
      },
    };
  const greeting = object(message['QMP']);
  if (greeting !== undefined) return { kind: 'greeting', version: versionOf(greeting) };
  const id = message['id'];
  if (typeof id !== 'number') return unknown;
  if ('return' in message) return { kind: 'result', id, value: message['return'] };
  const error = object(message['error']);
  return error === undefined
    ? unknown
    : {
        kind: 'error',
        id,
        class: text(error['class'], 'GenericError'),
        description: text(error['desc'], 'no description'),
      };
}

/** The value as an object, or undefined. */
export function object(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

/** The objects in a list; none for what is no list. */
export function objects(value: unknown): JsonObject[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  return list.map(object).filter((one) => one !== undefined);
}

function tryJson(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}

function timeUs(timestamp: JsonObject | undefined): number {
  const { seconds, microseconds } = timestamp ?? {};
  return typeof seconds === 'number' && typeof microseconds === 'number' && seconds >= 0
    ? seconds * 1_000_000 + microseconds
    : -1;
}

function versionOf(greeting: JsonObject): string {
  const qemu = object(object(greeting['version'])?.['qemu']);
  return [qemu?.['major'], qemu?.['minor'], qemu?.['micro']]
    .map((part) => (typeof part === 'number' ? part : '?'))
    .join('.');
}

function text(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}
