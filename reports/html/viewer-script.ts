import { extname, join } from 'node:path';

const VIEWER = join(import.meta.dirname, `../viewer/main${extname(import.meta.filename)}`);

let bundled: Promise<string> | undefined;

/**
 * The viewer (reports/viewer), with Preact and everything else that it imports, as one classic script without types.
 */
export function viewerScript(): Promise<string> {
  return (bundled ??= bundle());
}

async function bundle(): Promise<string> {
  // Loaded when the first report is written: 14 ms of CPU that no other command needs.
  const { buildSync } = await import('esbuild');
  const { outputFiles } = buildSync({
    entryPoints: [VIEWER],
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    charset: 'utf8',
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}
