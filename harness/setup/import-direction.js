// Import direction between folders, as lint rules (design.md, Layout).
//
// A folder may import from itself, from npm packages, and from the folders named here; nothing else.
// `io: false` also forbids Node's I/O modules: what judges must be replayable. Type-only imports are free:
// they vanish before the program runs.

const NODE_IO = ['fs', 'net', 'dgram', 'http', 'https', 'child_process', 'worker_threads', 'cluster', 'tls', 'dns', 'os', 'process', 'timers'];

/** @type {Record<string, { may: string[], io?: false }>} */
export const DIRECTION = {
  'harness/wire': { may: [], io: false },
  'harness/observe': { may: ['harness/wire'], io: false },
  'harness/machines': { may: ['harness/observe', 'harness/wire'], io: false },
  'harness/verdict': { may: ['harness/machines', 'harness/observe', 'harness/plan', 'harness/wire', 'reports/result'], io: false },
  'harness/scenario': { may: [] },
  'harness/plan': { may: ['harness/scenario', 'vm-images/agent-options', 'vm-images/domain-names'] },
  'harness/lab': { may: ['harness/plan'] },
  'harness/load': { may: ['harness/wire', 'harness/plan', 'harness/observe'] },
  'harness/qemu-wrapper': { may: [] },
  'harness/tcpdump-wrapper': { may: [] },
  'harness/run': {
    may: ['harness/lab', 'harness/observe', 'harness/machines', 'harness/verdict', 'harness/plan', 'harness/scenario', 'harness/wire', 'harness/setup', 'vm-images', 'reports'],
  },
  'harness/setup': { may: ['harness/scenario', 'vm-images', 'reports'] },
  servers: { may: ['harness/wire'] },
  'vm-images': { may: [] },
  reports: { may: [] },
};

const FOLDERS = Object.keys(DIRECTION);

/** @param {string} folder */
function forbidden(folder) {
  const may = DIRECTION[folder]?.may ?? [];
  return [...FOLDERS, 'harness/cli'].filter((other) => other !== folder && !may.some((m) => m === other || m.startsWith(`${other}/`)));
}

/** A regex that a relative import of `target` from inside `folder` matches. @param {string} folder @param {string} target */
function importPattern(folder, target) {
  const sameTop = folder.split('/')[0] === target.split('/')[0];
  const tail = sameTop ? target.split('/').slice(1).join('/') : target;
  return `^(\\.\\./)+${tail}(/|$)`;
}

/** ESLint flat-config entries, one a folder. @type {import('eslint').Linter.Config[]} */
export const importDirection = FOLDERS.map((folder) => ({
  files: [`${folder}/**/*.{ts,mjs}`],
  ignores: ['**/*.test.ts'],
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: [
          ...forbidden(folder).map((target) => ({
            regex: importPattern(folder, target),
            allowTypeImports: true,
            message: `${folder} may import only from: ${DIRECTION[folder]?.may.join(', ') || 'itself'} (harness/setup/import-direction.js)`,
          })),
          ...(DIRECTION[folder]?.io === false
            ? [{ regex: `^(node:)?(${NODE_IO.join('|')})(/|$)`, message: `${folder} is pure: no Node I/O, so that a replay gives the same verdict` }]
            : []),
        ],
      },
    ],
  },
}));
