/** One file of a bundle. */
export interface BundleFile {
  /** Relative to the bundle's folder, forward slashes. */
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
}

/** A built, cached set of files that VMs boot: the output of one recipe. */
export interface Bundle {
  readonly name: string;
  /** Absolute. Callers must not write to it: every lab on this host shares it. */
  readonly folder: string;
  /** Hash of the recipe and its inputs, not of the files, so it is known before a build. */
  readonly hash: string;
  readonly files: readonly BundleFile[];
  /** True if this call built it, false if the cache had it. */
  readonly builtNow: boolean;
  /** Versions of the packages that went in, by name. */
  readonly versions: Readonly<Record<string, string>>;
}

/** What a recipe's `build` gets. */
export interface BuildContext {
  /** Empty folder whose content becomes the bundle. */
  readonly folder: string;
  /** Empty folder for scratch files; removed afterwards. */
  readonly scratch: string;
  /** The bundles that the recipe needs, by name. */
  readonly inputs: ReadonlyMap<string, Bundle>;
  readonly versions: Readonly<Record<string, string>>;
  readonly cacheFolder: string;
  readonly progress: (line: string) => void;
}

/** How to make one bundle. */
export interface Recipe {
  readonly name: string;
  /** One sentence for `--list`. */
  readonly what: string;
  /** Recipes whose bundles go in. */
  readonly needs: readonly string[];
  /**
   * Files and folders beside this one that determine the output: the recipe itself, the agent's scripts, …
   */
  readonly sources: readonly string[];
  /** Host packages that supply files or make them. */
  readonly packages: readonly string[];
  /** Parameters that distinguish the bundles of one recipe. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Versions of inputs that are not installed packages. Called on every look-up, so it must cache its answer. */
  resolve?(cacheFolder: string): Promise<Readonly<Record<string, string>>>;
  build(context: BuildContext): Promise<void>;
}

/** A bundle cannot be built: its name, why, and what to do. */
export class BundleError extends Error {
  override readonly name = 'BundleError';
  readonly code = 'bundle';
  readonly bundle: string;
  constructor(bundle: string, message: string, options?: ErrorOptions) {
    super(`bundle ${bundle}: ${message}`, options);
    this.bundle = bundle;
  }
}
