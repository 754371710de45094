/**
 * Within this time a second signal counts as a repetition of the first: the terminal sends Ctrl-C to every process in
 * the foreground, and npm (and the bootstrap, on a Node without execve) hands it on to its child besides.
 */
const SAME_PRESS_MS = 500;
/** A shell's code for an end by SIGINT. */
const EXIT_ENDED_AT_ONCE = 130;

/**
 * Aborts on the first Ctrl-C, SIGTERM or SIGHUP, so that labs unwind and the report is written. The second one ends the
 * process at once: every lab is tied to it by a parent-death signal, so the kernel takes them down with it.
 */
export function interruptSignal(): { signal: AbortSignal; dispose: () => void } {
  const controller = new AbortController();
  let firstMs = 0;
  const onSignal = (): void => {
    if (!controller.signal.aborted) {
      firstMs = performance.now();
      process.stderr.write('\npxewright: stopping; press Ctrl-C again to end at once\n');
      controller.abort();
    } else if (performance.now() - firstMs > SAME_PRESS_MS) process.exit(EXIT_ENDED_AT_ONCE);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of signals) process.on(name, onSignal);
  return {
    signal: controller.signal,
    dispose: () => {
      for (const name of signals) process.off(name, onSignal);
    },
  };
}
