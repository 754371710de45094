import type { ResticAsked, ResticEvent } from '../observe/events.ts';

// What the observer saw of one request.

export type Request = Omit<Extract<ResticEvent, { readonly type: 'restic.request' }>, 'type'>;
export type Answer = Omit<Extract<ResticEvent, { readonly type: 'restic.answer' }>, 'type'>;
export type Unfinished = Omit<Extract<ResticEvent, { readonly type: 'restic.unfinished' }>, 'type'>;
export type Disconnected = Omit<Extract<ResticEvent, { readonly type: 'restic.disconnected' }>, 'type'>;

/** A request whose connection was ended before its answer had come. */
export type CutOff = Unfinished & { readonly by: 'client' | 'server' };

/** Whether a connection was ended, and not only the capture of it. */
export const isCutOff = (event: Unfinished): event is CutOff => event.by !== undefined;

/** Whether an answer is a success (RFC 9110 section 15). */
export const isOk = ({ status }: { readonly status: number }): boolean => status < 300;

/** Whether a request or an answer is about this. */
export function is(event: ResticAsked, action: ResticAsked['action'], kind: ResticAsked['kind']): boolean {
  return event.action === action && event.kind === kind;
}

/** What a request asks, without the part of the object that it wants. */
export type Question = Pick<ResticAsked, 'action' | 'kind' | 'id'>;

/** Whether a request asks once more what another one did. */
export function sameAsked(one: Question | undefined, other: Question): boolean {
  return one?.action === other.action && one.kind === other.kind && one.id === other.id;
}

/** What a request or an answer is about. */
export const objectOf = ({ kind, id }: Question): string => (id === undefined ? kind : `${kind}/${id}`);
