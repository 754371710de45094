import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Step } from '../../reports/result.ts';
import { terminalStyle } from '../../reports/terminal/style.ts';
import { stepLines } from '../../reports/terminal/step-line.ts';
import { watchInterface } from '../run/replay/watch.ts';
import { interruptSignal } from './interrupt.ts';
import { planOf, shown, type ReplayCommandOptions } from './shown-replay.ts';
import { UsageError } from './usage-error.ts';
import { WatchedSteps } from './watched-steps.ts';

/** Longest time of one timer, 2^31 − 1 ms: a longer watch ends by Ctrl-C. */
const MAX_SECONDS = 2_147_483;

/** `pxewright replay --live`: steps as they happen, until Ctrl-C or the end of --for, then what a replay prints. */
export async function watchCommand(name: string, options: ReplayCommandOptions): Promise<number> {
  const forMs = options.for === undefined ? undefined : secondsOf(options.for) * 1000;
  const plan = await planOf(options);
  const folder =
    options.write === undefined && (options.frames === true || options.html !== undefined)
      ? await mkdtemp(join(tmpdir(), 'pxewright-capture-'))
      : undefined;
  const interrupt = interruptSignal();
  try {
    return await shown(plan, options, async (part) => {
      const steps = new WatchedSteps(part.client, stepPrinter(options));
      const judged = await watchInterface(plan, {
        ...part,
        interface: name,
        file: options.write ?? (folder === undefined ? undefined : join(folder, 'capture')),
        signal:
          forMs === undefined ? interrupt.signal : AbortSignal.any([interrupt.signal, AbortSignal.timeout(forMs)]),
        onListening: () =>
          void process.stderr.write(`pxewright: watching ${name}; Ctrl-C ends it and gives the verdict\n`),
        onStep: (client, step) => steps.add(client, step),
        onEnded: (reason) => void process.stderr.write(`pxewright: ${reason}\n`),
      });
      steps.finish();
      return judged;
    });
  } finally {
    interrupt.dispose();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }
}

/** Prints a step of a client by its address: its name is known at the end. */
function stepPrinter(options: ReplayCommandOptions): (client: string, step: Step) => void {
  const stream = options.json ? process.stderr : process.stdout;
  const style = { ...terminalStyle(stream, process.env), live: false };
  return (client, step) => {
    const lines = stepLines(
      { scenario: '', client, step },
      style,
      `  ${client}`,
      stream.isTTY ? stream.columns : undefined,
    );
    stream.write(`${lines.join('\n')}\n`);
  };
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0 && seconds <= MAX_SECONDS))
    throw new UsageError(`--for: expected seconds above 0, at most ${MAX_SECONDS}, got ${text}`);
  return seconds;
}
