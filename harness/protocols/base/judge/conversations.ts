import type { AnyStateMachine } from 'xstate';
import type { Endpoint, Seen } from '../observe/seen.ts';
import type { BootFacts } from './boot-facts.ts';
import type { Waiting } from './machine-parts.ts';
import { recordedStep } from './step-builders.ts';
import type { Sighting, StepDraft } from './step.ts';

/** A state machine that judges one conversation, and its input when it begins. */
export interface MachineKind {
  readonly logic: AnyStateMachine;
  readonly input?: (facts: BootFacts, key: string) => object;
}

/** One machine as it runs. */
export interface Conversation {
  readonly kind: string;
  readonly state: string;
  readonly context: Waiting;
  /** What its state waits for; undefined when it does not wait, or when the wait is over. */
  readonly waitsFor: string | undefined;
  /** Sends an event and returns the steps that the transition emitted. */
  send(event: { readonly type: string }): StepDraft[];
}

/** The conversations of one client, by machine kind and the conversation's own key. */
export interface Conversations<K extends string> {
  find(kind: K, key: string): Conversation | undefined;
  /** The conversations of a kind that wait for something, for an event that knows their ends and not their keys. */
  waiting(kind: K): readonly Conversation[];
  /** The conversation, begun if there is none. */
  get(kind: K, key: string): Conversation;
  /** A conversation begun anew, in place of the one with this key. */
  begin(kind: K, key: string): Conversation;
}

/** Sees an event of a client, before the rooms that hear it; returns the steps that it shows. */
export type Watch = (event: Seen & { readonly server?: Endpoint }) => readonly StepDraft[];

/** How a room judges: its machines, and which of them an event concerns. */
export interface Judging<E extends { readonly type: string }, K extends string = string> {
  readonly machines: Readonly<Record<K, MachineKind>>;
  /** The events that `route` takes, by their name up to the dot: the room's own, and those of rooms below it. */
  readonly hears: readonly string[];
  /** Begins to watch all events of one client, whatever room they are of. */
  readonly watch?: () => Watch;
  /** Sends an event to the conversations that it concerns and returns their steps. */
  route(event: E, conversations: Conversations<K>): readonly StepDraft[];
}

/** Sends an event to a conversation and returns its steps; no steps without a conversation. */
export function tell(conversation: Conversation | undefined, event: { readonly type: string }): readonly StepDraft[] {
  return conversation?.send(event) ?? [];
}

/** `kind.abandoned`: a new exchange began in place of one that still waited. */
export function abandoned(conversation: Conversation, at: Sighting): readonly StepDraft[] {
  const { kind, waitsFor, context } = conversation;
  if (waitsFor === undefined) return [];
  const why = `a new exchange began while this one waited for ${waitsFor}`;
  return [recordedStep(kind, { step: `${kind}.abandoned`, from: context.since, at, detail: {}, why })];
}
