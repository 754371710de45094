import { homedir } from 'node:os';
import path from 'node:path';

// Plain JavaScript, because harness/cli/bootstrap.mjs asks before the Node that runs TypeScript is there.

/**
 * Where everything is kept that the next run needs not make again: bundles, compiled code, what the canary boot
 * said, what boots needed, states of firmware.
 * $PXEWRIGHT_CACHE, else pxewright below $XDG_CACHE_HOME, else ~/.cache/pxewright. A relative $XDG_CACHE_HOME is ignored,
 * as the XDG Base Directory Specification wants it.
 * @param {Readonly<Record<string, string | undefined>>} [environment]
 */
export function cacheFolder(environment = process.env) {
  const { PXEWRIGHT_CACHE: ours, XDG_CACHE_HOME: base } = environment;
  if (ours) return path.resolve(ours);
  return path.join(base && path.isAbsolute(base) ? base : path.join(homedir(), '.cache'), 'pxewright');
}
