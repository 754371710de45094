import type { BootTarget } from './boot-target.ts';
import type { PathPattern } from './path-names.ts';

/** Input of a machine that judges a download, from the judge. */
export interface LoadingInput {
  /** What the client must load now; empty when it has loaded its boot file and may ask for anything. */
  readonly targets: readonly BootTarget[];
  /** All that DHCP ever named in this boot: these files must exist. */
  readonly told: readonly BootTarget[];
  /** Paths that the scenario counts on: these must exist too. */
  readonly expectedPaths: readonly PathPattern[];
}
