import { mkdtempSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Does work with a temporary folder, which is gone afterwards, also when Ctrl-C ends the process in the middle. */
export async function withTemporaryFolder<T>(prefix: string, work: (folder: string) => Promise<T>): Promise<T> {
  let folder: string | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    // Without this handler the signal does what it does by itself.
    forget();
    process.kill(process.pid, signal);
  };
  const forget = (): void => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    // At once: a signal finds either no folder, or one that is known here.
    folder = mkdtempSync(join(tmpdir(), prefix));
    return await work(folder);
  } finally {
    forget();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }
}
