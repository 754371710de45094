import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The viewer's script in an installed package, which `npm pack` bundles; a checkout bundles it when it is needed. */
export const BUNDLED_VIEWER = 'viewer.bundle.js';

let script: Promise<string> | undefined;

/** The viewer (reports/viewer) as one classic script. */
export function viewerScript(): Promise<string> {
  return (script ??= import.meta.filename.endsWith('.js')
    ? readFile(join(import.meta.dirname, BUNDLED_VIEWER), 'utf8')
    : import('./bundle-viewer.ts').then(({ bundleViewer }) => bundleViewer()));
}
