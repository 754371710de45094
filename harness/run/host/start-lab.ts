import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { bundledProgram, PROGRAMS_VARIABLE } from '../../lab/bundled-program.ts';
import { labCommand } from '../../lab/namespaces.ts';
import { LAB_MAIN, LAB_MESSAGE_FD, parseLabMessage, type LabJob, type LabMessage } from '../lab-protocol.ts';
import { programBundles } from './program-bundles.ts';

/**
 * Room for what a lab half makes and throws away: with V8's own 1 MiB to begin with, collecting it takes a tenth of the
 * CPU time of a short boot.
 */
const HEAP_OPTIONS = ['--min-semi-space-size=16', '--max-semi-space-size=32'];

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
  const programs = process.env[PROGRAMS_VARIABLE] ?? (await programBundles()) ?? '';
  const program = bundledProgram(LAB_MAIN, programs);
  const [command, ...args] = labCommand([process.execPath, ...HEAP_OPTIONS, program], {
    root: process.getuid?.() === 0,
  });
  const output = options.showOutput ? 'inherit' : 'ignore';
  // A session of its own: Ctrl-C at the terminal reaches us alone, and we decide how the lab unwinds.
  const child = execa(command, args, {
    env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`, [PROGRAMS_VARIABLE]: programs },
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
