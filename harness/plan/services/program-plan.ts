/** A program of the user's own, to run inside the lab. */
export interface ProgramPlan {
  readonly name: string;
  /** HostPlan.name */
  readonly host: string;
  readonly command: readonly string[];
  /** Where it runs: the scenario's folder, absolute. */
  readonly folder: string;
  readonly ready: ProgramReady;
}

/** What shows that a program is ready: a port on which it listens, or a line of its output, by a regular expression. */
export type ProgramReady = { readonly udp: number } | { readonly tcp: number } | { readonly log: string };
