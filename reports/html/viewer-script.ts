import { readFileSync } from 'node:fs';
import { createRequire, stripTypeScriptTypes } from 'node:module';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

// The viewer is TypeScript in reports/viewer, written so that it needs no bundler: named imports of relative files and
// of `htm/preact` only, named exports only, top-level names unique. Joining it is then a matter of order. See
// harness/docs/decisions for why.

const VIEWER = fileURLToPath(new URL('../viewer/main.ts', import.meta.url));
const IMPORT = /^import\s+(type\s+)?\{[^}]*\}\s+from\s+'([^']+)';[ \t]*$/gm;
const EXPORT = /^export (?=(?:async )?(?:function|const|let|class|interface|type) )/gm;
const PREACT = 'htm/preact';

/** A viewer file that breaks the rules under which files can be joined. */
class ViewerSourceError extends Error {
  constructor(file: string, reason: string) {
    super(`${file}: ${reason} (viewer files may only use named imports and exports, see html/viewer-script.ts)`);
    this.name = 'ViewerSourceError';
  }
}

let joined: string | undefined;

/**
 * The viewer as one classic script: Preact's standalone build, then every file after those that it imports, types
 * stripped.
 */
export function viewerScript(): string {
  return (joined ??= joinFiles(VIEWER, (path) => readFileSync(path, 'utf8')));
}

/** Joins `entry` and all that it imports; `read` gives a file's text. */
export function joinFiles(entry: string, read: (path: string) => string): string {
  const parts: string[] = [];
  const seen = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    const source = read(path);
    for (const [, typeOnly, from = ''] of source.matchAll(IMPORT)) {
      if (typeOnly !== undefined || from === PREACT) continue;
      if (!from.startsWith('.')) throw new ViewerSourceError(path, `imports ${from}`);
      visit(normalize(join(dirname(path), from)));
    }
    const code = strip(source).replace(IMPORT, '').replace(EXPORT, '');
    const left = /^\s*(?:import|export)\b.*$/m.exec(code);
    if (left !== null) throw new ViewerSourceError(path, `cannot join "${left[0].trim()}"`);
    parts.push(
      code
        .replace(/[ \t]+$/gm, '')
        .replace(/\n{2,}/g, '\n')
        .trim(),
    );
  };
  visit(entry);
  // A classic script must not contain `</script`, in whatever a dependency's string literals say.
  return `"use strict";(() => {\n${preactSource()}\n${parts.join('\n')}\n})();\n`
    .replace(/<\/(?=script)/gi, '<\\/')
    .replace(/<!--/g, '<\\!--');
}

/** Preact, its hooks and htm as `const { h, html, render, … }`. */
function preactSource(): string {
  const path = join(dirname(createRequire(import.meta.url).resolve('htm')), '../preact/standalone.module.js');
  const source = readFileSync(path, 'utf8');
  const exports = /export\s*\{([^}]*)\};?\s*$/.exec(source);
  if (exports?.[1] === undefined) throw new ViewerSourceError(path, 'ends in no export list');
  const pairs = exports[1].split(',').map((pair) => pair.trim().split(/\s+as\s+/));
  const names = pairs.map(([local = '', name = local]) => ({ local, name }));
  return `const { ${names.map(({ name }) => name).join(', ')} } = (() => {${source.slice(0, exports.index)}\nreturn { ${names.map(({ local, name }) => `${name}: ${local}`).join(', ')} };})();`;
}

/** Types out. Node marks the function experimental; the warning says nothing to somebody who reads a report. */
function strip(source: string): string {
  const restore = Object.getOwnPropertyDescriptor(process, 'emitWarning');
  process.emitWarning = () => undefined;
  try {
    return stripTypeScriptTypes(source);
  } finally {
    if (restore !== undefined) Object.defineProperty(process, 'emitWarning', restore);
  }
}
