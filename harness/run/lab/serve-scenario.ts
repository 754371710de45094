import { mkdir } from 'node:fs/promises';
import { constants } from 'node:os';
import { execa } from 'execa';
import ipaddr from 'ipaddr.js';
import { EVIDENCE } from '../../../reports/file-names.ts';
import { knowsOtherUsers } from '../../lab/namespaces.ts';
import { addIpv6, BRIDGE, networkTask } from '../../lab/network.ts';
import { privateFilesTask, RUN_FOLDER } from '../../lab/private-files.ts';
import { stateTask } from '../../lab/state.ts';
import { TaskStack } from '../../lab/task.ts';
import { treeTask } from '../../lab/tree.ts';
import { ipv6Of } from '../../plan/derive-identity.ts';
import { commandAsUser } from './command-as-user.ts';
import { LabFailure } from './lab-failure.ts';
import { serviceTasks } from './service-tasks.ts';
import { LAB_INPUT_FD, type CommandUser, type LabJob, type LabMessage } from '../lab-protocol.ts';
import { announceLab } from '../running-labs.ts';

/** Logs of services, in the lab's own files: a visitor can read them, and they leave nothing on the host. */
const LOG_FOLDER = `${RUN_FOLDER}/${EVIDENCE.services}`;
/** A shell's code for an end by signal is 128 and the signal's number. */
const SHELL_SIGNAL_BASE = 128;
/** A shell's code for a command that was not found. */
const NOT_FOUND = 127;

/**
 * Services of a scenario without VMs. Runs `command` on the bridge and returns its exit code, a shell's for one
 * that could not be run or was ended by a signal; without a command it waits for the end. Rejects when the lab broke.
 */
export async function serveScenario(
  job: LabJob,
  { command, user }: Extract<LabJob['mode'], { kind: 'serve' }>,
  emit: (message: LabMessage) => void,
  signal: AbortSignal,
): Promise<number> {
  const { plan } = job;
  const stack = new TaskStack(({ title, state, durationMs }) => emit({ type: 'lab-step', title, state, durationMs }));
  const lab = new LabFailure(signal);
  try {
    await lab.orFail(startServices(job, stack, lab));
    await announceLab(job);
    emit({
      type: 'serving',
      pid: process.pid,
      hosts: plan.hosts.map((host) => ({
        name: host.name,
        ip: host.ip,
        services: [
          ...plan.services.filter((service) => service.host === host.name).map((service) => service.kind),
          ...(plan.programs ?? []).filter((program) => program.host === host.name).map(({ name }) => name),
        ],
      })),
    });
    return await lab.orFail(command.length > 0 ? runVisitor(command, user) : new Promise<never>(() => undefined));
  } catch (error) {
    // Waiting ends by being stopped, and that is its success; a command that was cut short has none.
    if (signal.aborted) return command.length > 0 ? SHELL_SIGNAL_BASE + constants.signals.SIGINT : 0;
    throw error;
  } finally {
    await stack.unwind();
  }
}

async function startServices(job: LabJob, stack: TaskStack, lab: LabFailure): Promise<void> {
  const { plan } = job;
  const bundles = new Map(job.bundles.map(({ name, folder }) => [name, folder]));
  await stack.add(privateFilesTask());
  await mkdir(LOG_FOLDER);
  await Promise.all(
    [
      networkTask({ ...plan, clients: [] }),
      stateTask(plan.state),
      ...plan.trees.map((tree) => treeTask(tree, bundles)),
    ].map((task) => stack.add(task)),
  );
  const { subnet, prefixLength } = plan.network;
  const visitor = visitorAddress(subnet, prefixLength);
  await execa('ip', ['addr', 'add', `${visitor}/${prefixLength}`, 'brd', '+', 'dev', BRIDGE]);
  if (plan.network.ipv6 !== undefined) await addIpv6(BRIDGE, ipv6Of(visitor, plan.network.ipv6));
  const { services, programs } = serviceTasks(plan, LOG_FOLDER, lab);
  await Promise.all([...services, ...programs].map((task) => stack.add(task)));
}

async function runVisitor(command: readonly string[], user: CommandUser | undefined): Promise<number> {
  const { argv, env } = user ? commandAsUser(command, user, await knowsOtherUsers()) : { argv: command, env: {} };
  const [program = '', ...args] = argv;
  const result = await execa(program, args, {
    env,
    reject: false,
    stdin: LAB_INPUT_FD,
    stdout: 'inherit',
    stderr: 'inherit',
  });
  if (result.exitCode !== undefined) return result.exitCode;
  if (result.signal !== undefined) return SHELL_SIGNAL_BASE + constants.signals[result.signal];
  process.stderr.write(`${program}: ${result.originalMessage ?? 'it could not be run'}\n`);
  return NOT_FOUND;
}

/** Address that a command inside a served lab has on the bridge: the last one before the broadcast address. */
function visitorAddress(subnet: string, prefixLength: number): string {
  const [a, b, c, last = 0] = ipaddr.IPv4.broadcastAddressFromCIDR(`${subnet}/${prefixLength}`).octets;
  return [a, b, c, last - 1].join('.');
}
