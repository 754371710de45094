import { execa } from 'execa';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** The control service in a network namespace of its own, where port 135 is free and no frame can leave. */
export interface ControlLab {
  /** Every event line so far. */
  readonly events: readonly { readonly event: string; readonly [field: string]: unknown }[];
  /**
   * Runs a command in the same namespace, with `input` as standard input; its standard output. Throws when it fails.
   */
  run(command: string, args: readonly string[], input?: string): Promise<string>;
  /** Stops the service as the harness does, and gives its counters. */
  stop(): Promise<unknown>;
}

const PROGRAM = path.join(import.meta.dirname, '..', 'control.ts');
const asRoot = process.getuid?.() === 0;

export async function startControlLab(config: object): Promise<ControlLab> {
  const start = ['sh', '-c', 'ip link set lo up && exec "$0" "$1" --config -', process.execPath, PROGRAM];
  const service = execa('unshare', [...(asRoot ? [] : ['--user', '--map-root-user']), '--net', '--', ...start], {
    input: JSON.stringify({ address: '127.0.0.1', ...config }),
    reject: false,
    buffer: { stdout: false, stderr: true },
  });
  const events: ControlLab['events'][number][] = [];
  const lines = createInterface({ input: service.stdout });
  lines.on('line', (line) => {
    events.push(JSON.parse(line) as ControlLab['events'][number]);
  });
  const first = await Promise.race([once(lines, 'line'), service]);
  if (!Array.isArray(first)) throw new Error(`the control service did not start: ${first.stderr}`);
  return {
    events,
    run: async (command, args, input = '') =>
      (
        await execa(
          'nsenter',
          [
            '--target',
            String(service.pid),
            ...(asRoot ? [] : ['--user', '--preserve-credentials']),
            '--net',
            '--',
            command,
            ...args,
          ],
          { input },
        )
      ).stdout,
    stop: async () => {
      service.kill('SIGTERM');
      const { exitCode, stderr } = await service;
      if (exitCode !== 0) throw new Error(`the control service ended with ${String(exitCode)}: ${stderr}`);
      return events.find(({ event }) => event === 'stopped')?.['counters'];
    },
  };
}
