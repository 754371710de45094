#!/usr/bin/env node
import * as nodeModule from 'node:module';
import { programEnvironment } from './program-environment.mjs';

// `npx pxewright`, in an installed package: it runs on the Node that its project has. A checkout starts by bootstrap.mjs.

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `pxewright: expected Node 22.18 or later, got ${process.versions.node}\n  to fix it, run: npm install node@24\n`,
  );
  process.exitCode = 2;
} else {
  Object.assign(process.env, programEnvironment(process.env));
  const compiled = process.env['NODE_COMPILE_CACHE'];
  if (compiled !== undefined) nodeModule.enableCompileCache(compiled);
  await import('./main.ts');
}
