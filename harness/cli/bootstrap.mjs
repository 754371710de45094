#!/usr/bin/env node
// The first thing that runs on a fresh clone, on whatever Node (20 or later) the host has: plain JavaScript that imports
// no package. It installs the npm packages when the lock file has changed, then hands over to the pinned Node 24, which
// runs the TypeScript without a build step.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tiedToParent } from '../lab/tied-to-parent.mjs';
import { programEnvironment } from './program-environment.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const pinnedNode = join(root, 'node_modules', '.bin', 'node');
const stamp = join(root, 'node_modules', '.pxewright-packages');

const major = Number(process.versions.node.split('.')[0]);
if (major < 20)
  fail(
    `Node ${process.versions.node} is too old to start the set-up: Node 20 or later is needed`,
    'sudo apt-get install -y nodejs npm',
  );

const wanted = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex');
if (!existsSync(pinnedNode) || installed() !== wanted) installPackages();

const env = programEnvironment(process.env, [dirname(pinnedNode)]);
const program = join(root, 'harness', 'cli', 'main.ts');
if (process.execPath === realpathSync(pinnedNode)) {
  // Already the pinned Node, as in every npm script once it is installed: no second start.
  Object.assign(process.env, env);
  if (env.NODE_COMPILE_CACHE) nodeModule.enableCompileCache(env.NODE_COMPILE_CACHE);
  await import(program);
} else if (process.execve) {
  // Become the program where Node can (22.15 and later): killing this process kills the program.
  process.execve(pinnedNode, [pinnedNode, program, ...process.argv.slice(2)], env);
} else {
  startTied();
}

/** Starts the program so that its life is tied to ours, for a Node that cannot become another program. */
function startTied() {
  const [command, ...args] = tiedToParent([pinnedNode, program, ...process.argv.slice(2)], process.pid);
  const main = spawn(command, args, { stdio: 'inherit', env });
  // The program decides what a signal means. A terminal has sent it Ctrl-C already; it takes the two for one.
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
    process.on(signal, () => main.kill(signal));
  main.on('error', (error) =>
    fail(`starting Node ${pinnedNode} by setpriv: ${error.message}`, 'sudo apt-get install -y util-linux'),
  );
  main.on('exit', (code, signal) => {
    // A shell's convention for a death by signal: 128 and its number, here that of SIGINT.
    process.exitCode = signal ? 130 : (code ?? 2);
  });
}

function installed() {
  return existsSync(stamp) ? readFileSync(stamp, 'utf8') : undefined;
}

function installPackages() {
  process.stderr.write('set-up: npm packages and Node 24 (the lock file is new or has changed)\n');
  const npm = spawnSync('npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    // `npm pack` hands its options on: `--dry-run` and `--workspace` are not meant for this npm.
    env: Object.fromEntries(
      Object.entries(process.env).filter(
        ([name]) => !/^npm_config_(dry_run|workspaces?|pack_destination)$/i.test(name),
      ),
    ),
    stdio: ['ignore', 2, 2],
  });
  if (npm.status !== 0 || !existsSync(pinnedNode))
    fail(`npm ci ended with ${npm.status ?? npm.signal}`, `cd ${root} && npm ci`);
  writeFileSync(stamp, wanted);
  process.stderr.write('set-up: npm packages are in place\n');
}

/** @param {string} message @param {string} remedy @returns {never} */
function fail(message, remedy) {
  process.stderr.write(`pxewright: ${message}\n  to fix it, run: ${remedy}\n`);
  process.exit(2);
}
