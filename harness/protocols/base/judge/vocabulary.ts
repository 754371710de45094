// What a room declares of its words: steps with their details, causes, waits and phases. Everything else that names them
// (the scenario's schema, the pages of harness/docs, the types of step builders) is made from these declarations.

/** What a detail's value is. */
export type DetailKind = 'string' | 'number' | 'boolean';

/**
 * A detail: what its value is, what it says where its name does not, and for names of a registry all of them: a scenario
 * that expects another one is refused.
 */
export type DetailWords = DetailKind | readonly [kind: DetailKind, about: string, names?: readonly string[]];

/** One step. */
export interface StepWords {
  /** What happened when the step passed, in one sentence. For a step that never passes: when it is reported. */
  readonly about: string;
  readonly details: Readonly<Record<string, DetailWords>>;
  /** The step never passes: it is only `recorded` (seen, harmless, expected by no state) or always `failed`. */
  readonly only?: 'recorded' | 'failed';
  /** A scenario may expect it although it is recorded: a harmless refusal. */
  readonly expectable?: true;
  /** Servers answer one question at once: the order among such steps is no business of a scenario. */
  readonly concurrent?: true;
  /** The step creates the file that it names as `path`; the file need not exist before. */
  readonly creates?: true;
}
export type Steps = Readonly<Record<string, StepWords>>;

/** What a cause means to a person. */
export interface CauseWords {
  /** One sentence, with what to do next. */
  readonly why: string;
  /** The client's own words say more: those of its console, or what a program that plays it wrote. */
  readonly ownWords?: true;
  /** What firmware prints for it (PXE 2.1 appendix; EDK2 PxeBcImpl.c). */
  readonly code?: string;
  /** A file that something names is not there: a scenario that expects this may name one on purpose. */
  readonly absent?: true;
  /** What a capture that does not hold everything may lack in place of it, where the name does not tell: see `lackOf`. */
  readonly lacks?: Lack;
}
/** The message that did not come, or one before what broke a rule or ended a conversation. */
export type Lack = 'message' | 'earlier-message';
export type Causes = Readonly<Record<string, CauseWords>>;

/** A wait that a machine's state names: how long it lasts when the scenario sets no budget, and the evidence for that. */
export interface WaitWords {
  readonly ms: number;
  readonly about: string;
}
export type Waits = Readonly<Record<string, WaitWords>>;

type ValueOf<W> = W extends readonly [infer K, ...unknown[]]
  ? ValueOf<K>
  : W extends 'string'
    ? string
    : W extends 'number'
      ? number
      : boolean;

/** The details of a step, typed by its declaration; those that are undefined are left out. */
export type DetailOf<S extends StepWords> = {
  readonly [K in keyof S['details']]?: ValueOf<S['details'][K]> | undefined;
};
