import { posix } from 'node:path';

// What a package.json says of its compiled files: its `exports` name them, its `imports` name the sources.

/** The part of a package.json that a build reads. */
export interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
  /** Names with "#", and the sources that they stand for. */
  readonly imports?: Readonly<Record<string, string>>;
  readonly workspaces?: readonly string[];
}

/** Folder of a package's compiled files. */
export const COMPILED = 'dist';

/** Sources of the modules that a package exports with types: `./dist/a/b.d.ts` is compiled from `a/b.ts`. */
export function typedSources({ exports }: Pick<Manifest, 'exports'>): string[] {
  return Object.values(exports).flatMap((target) =>
    typeof target === 'string' ? [] : [target.types.replace(`./${COMPILED}/`, '').replace(/\.d\.ts$/, '.ts')],
  );
}

/**
 * The text of the compiled module `file` with relative paths where it imports a name of `imports`. Both are relative to
 * the compiled files.
 */
export function withResolvedImports(text: string, file: string, imports: NonNullable<Manifest['imports']>): string {
  return text.replace(/\b(from |import\()(['"])(#[^'"]+)\2/g, (whole, before: string, quote: string, name: string) => {
    const source = imports[name];
    if (source === undefined) return whole;
    const path = posix.relative(posix.dirname(file), source.replace(/\.ts$/, '.js'));
    return `${before}${quote}${path.startsWith('.') ? path : `./${path}`}${quote}`;
  });
}
