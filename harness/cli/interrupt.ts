/**
 * Aborts on the first Ctrl-C or SIGTERM, so that labs unwind and the report is written. The second one ends the process
 * at once: every lab is tied to it by a parent-death signal, so the kernel takes them down with it.
 */
export function interruptSignal(): { signal: AbortSignal; dispose: () => void } {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(130);
    process.stderr.write('\npxewright: stopping; once more ends it at once\n');
    controller.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    dispose: () => {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
