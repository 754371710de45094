import { labObstacle } from '../lab/host-checks.ts';
import { startLab } from '../run/host/start-lab.ts';
import { EXIT } from './exit-codes.ts';
import { interruptSignal } from './interrupt.ts';
import { loadPlans } from './load-plans.ts';
import { commandUser } from './serve-user.ts';
import { usesOf } from '../setup/requirements/run-uses.ts';
import { bundlesOf, setUp } from './set-up.ts';
import { UsageError } from './usage-error.ts';

export interface ServeCommandOptions {
  readonly allowRoot?: readonly string[];
  readonly user?: string;
  readonly allowPrograms?: boolean;
}

/** `pxewright serve`: a scenario's services in a lab of their own, for a person or a program on the same bridge. */
export async function serveCommand(
  file: string,
  command: readonly string[],
  options: ServeCommandOptions,
): Promise<number> {
  if (options.user !== undefined && command.length === 0)
    throw new UsageError('--user: expected a COMMAND after --, which runs as that user; got none');
  const user = options.user === undefined ? undefined : await commandUser(options.user);
  const { plans } = await loadPlans([file], {
    allowRoots: options.allowRoot,
    allowPrograms: options.allowPrograms,
  });
  const [plan, ...others] = plans;
  if (!plan) throw new UsageError(`no scenario in ${file}`);
  if (others.length > 0)
    process.stderr.write(`serve: the matrix has ${others.length + 1} points, serving ${plan.id}\n`);
  const obstacle = await labObstacle({ taps: false });
  if (obstacle) throw obstacle;
  await setUp('run', usesOf([plan]));
  const bundles = await bundlesOf(plan.bundles);
  const { signal, dispose } = interruptSignal();
  try {
    const end = await startLab(
      {
        // Nothing is kept: a served lab has its logs in its own files.
        plan,
        attempt: 1,
        evidenceFolder: '',
        evidencePath: '.',
        accel: 'tcg',
        fullCapture: true,
        cold: true,
        rerun: [],
        bundles: [...bundles].map(([name, { folder }]) => ({ name, folder })),
        mode: { kind: 'serve', command, user },
      },
      {
        showOutput: true,
        signal,
        onMessage: (message) => {
          if (message.type === 'lab-step' && message.state === 'failed')
            process.stderr.write(`serve: ${message.title} failed\n`);
          if (message.type !== 'serving' || command.length > 0) return;
          for (const host of message.hosts) process.stderr.write(`${host.ip.padEnd(16)} ${host.services.join(', ')}\n`);
          process.stderr.write('serving; Ctrl-C stops it\n');
        },
      },
    );
    if (end.exitCode === undefined) process.stderr.write(`serve: the lab ended with ${end.how}\n`);
    return end.exitCode ?? EXIT.labError;
  } finally {
    dispose();
  }
}
