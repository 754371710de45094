import { join } from 'node:path';

const VIEWER = join(import.meta.dirname, '../viewer/main.ts');

/** The viewer (reports/viewer), with Preact and everything else that it imports, as one classic script without types. */
export async function bundleViewer(): Promise<string> {
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
