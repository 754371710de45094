import { forbidden } from './harness/setup/import-direction.ts';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [...forbidden],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Our own files and Node's modules; npm packages are free.
    includeOnly: { path: ['^(harness|servers|vm-images|reports|scenarios)/', '^[a-z_]+(/promises)?$'] },
    exclude: { path: '^reports/runs/' },
    tsConfig: { fileName: 'tsconfig.json' },
    // Type-only imports count, too.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { extensions: ['.ts', '.mjs', '.js', '.json'] },
  },
};
