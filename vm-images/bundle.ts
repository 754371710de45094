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
  /** Absolute. Read-only by agreement: every lab on this host shares it. */
  readonly folder: string;
  /** Hash of the recipe and its inputs, not of the files: the same inputs give the same hash without building. */
  readonly hash: string;
  readonly files: readonly BundleFile[];
  /** Built by this call, not found in the cache. */
  readonly builtNow: boolean;
  /** Versions of what went in, by package name. */
  readonly versions: Readonly<Record<string, string>>;
}

/** What a recipe's `build` gets. */
export interface BuildContext {
  /** Empty folder whose content becomes the bundle. */
  readonly folder: string;
  /** Empty folder for anything else; removed afterwards. */
  readonly scratch: string;
  /** The bundles that the recipe needs, by name. */
  readonly inputs: ReadonlyMap<string, Bundle>;
  readonly versions: Readonly<Record<string, string>>;
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
   * Files and folders beside this one whose text decides about the output: the recipe itself, the agent's scripts, …
   */
  readonly sources: readonly string[];
  /** Host packages that files are taken from or that make them. */
  readonly packages: readonly string[];
  /** Parameters that tell two bundles of one recipe apart. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Versions that are not those of installed packages; called on every look-up, so it remembers its answer. */
  resolve?(cacheFolder: string): Promise<Readonly<Record<string, string>>>;
  build(context: BuildContext): Promise<void>;
}

/** A bundle cannot be made: which, and what to do. */
export class BundleError extends Error {
  override readonly name = 'BundleError';
  readonly code = 'bundle';
  readonly bundle: string;
  constructor(bundle: string, message: string, options?: ErrorOptions) {
    super(`bundle ${bundle}: ${message}`, options);
    this.bundle = bundle;
  }
}
