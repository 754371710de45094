import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { labCommand } from '../../lab/namespaces.ts';
import { LAB_MAIN, LAB_MESSAGE_FD, parseLabMessage, type LabJob, type LabMessage } from '../lab-protocol.ts';

export interface StartLabOptions {
  readonly onMessage: (message: LabMessage) => void;
  /** Aborted: the lab is asked to unwind. */
  readonly signal?: AbortSignal | undefined;
  /** Standard output of a served command goes to the terminal, and it reads from there (file descriptor 4). */
  readonly showOutput?: boolean;
}

export interface LabEnd {
  readonly exitCode: number | undefined;
  /** `exit code 1` or a signal's name, for messages. */
  readonly how: string;
  /** Standard error; empty when it went to the terminal. */
  readonly stderr: string;
}

/** Starts the lab half of a run as the first process of a lab, hands it its job, and listens until it ends. */
export async function startLab(job: LabJob, options: StartLabOptions): Promise<LabEnd> {
  const [command, ...args] = labCommand([process.execPath, LAB_MAIN], { root: process.getuid?.() === 0 });
  const output = options.showOutput ? 'inherit' : 'ignore';
  // A session of its own: Ctrl-C at the terminal reaches us alone, and we decide how the lab unwinds.
  const child = execa(command, args, {
    env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
    stdio: ['pipe', output, options.showOutput ? 'inherit' : 'pipe', 'pipe', options.showOutput ? 0 : 'ignore'],
    reject: false,
    detached: true,
    cleanup: false,
    buffer: { fd3: false },
  });
  const channel = child.stdio[LAB_MESSAGE_FD] as NodeJS.ReadableStream;
  const lines = createInterface({ input: channel });
  lines.on('line', (line) => {
    const message = parseLabMessage(line);
    if (message) options.onMessage(message);
  });
  const linesEnd = new Promise<void>((resolve) => void lines.once('close', () => resolve()));
  // A closed standard input asks the lab half to unwind; it must stay open until then.
  const stop = (): void => void child.stdin.end();
  child.stdin.on('error', () => undefined);
  child.stdin.write(`${JSON.stringify(job)}\n`);
  options.signal?.addEventListener('abort', stop, { once: true });
  if (options.signal?.aborted) stop();
  const ended = await child;
  await linesEnd;
  options.signal?.removeEventListener('abort', stop);
  return {
    exitCode: ended.exitCode,
    how: ended.signal ?? `exit code ${ended.exitCode ?? '?'}`,
    stderr: typeof ended.stderr === 'string' ? ended.stderr.trim() : '',
  };
}
