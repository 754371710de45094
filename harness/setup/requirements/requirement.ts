import type { RunUses } from './run-uses.ts';

/** One thing the host must have: how to see that it is there, why, and which package brings it. */
export interface Requirement {
  readonly title: string;
  readonly why: string;
  /** Commands on PATH or absolute files, all of which must exist. */
  readonly needs: readonly string[];
  /** Package names of Debian 13; Ubuntu's where they differ. */
  readonly debian: readonly string[];
  readonly ubuntu?: readonly string[];
  /** Runs need it only for this: any other works without. `whose`: who needs it, in words. */
  readonly onlyFor?: {
    readonly use: keyof RunUses;
    readonly named: string | readonly string[];
    readonly whose: string;
  };
}
