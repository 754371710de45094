import { join } from 'node:path';
import { execa } from 'execa';
import { networkTask } from '../lab/network.ts';
import { privateFilesTask } from '../lab/private-files.ts';
import { serviceTask } from '../lab/service.ts';
import { TaskStack } from '../lab/task.ts';
import { treeTask } from '../lab/tree.ts';
import type { LabJob, LabMessage } from './lab-protocol.ts';
import { SERVICE_PROGRAMS } from './service-programs.ts';

/** Address that a command inside a served lab has on the bridge: the last one before the broadcast address. */
function visitorAddress(subnet: string, prefixLength: number): string {
  const octets = subnet.split('.').map(Number);
  const value = octets.reduce((sum, octet) => sum * 256 + octet, 0) + 2 ** (32 - prefixLength) - 2;
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

/** Services of a scenario without machines. Runs `command` on the bridge and returns its exit code, or waits for the end. */
export async function serveScenario(job: LabJob, command: readonly string[], emit: (message: LabMessage) => void, signal: AbortSignal): Promise<number> {
  const { plan } = job;
  const stack = new TaskStack(({ title, state, durationMs }) => emit({ type: 'lab-step', title, state, ...(durationMs === undefined ? {} : { durationMs }) }));
  const died = Promise.withResolvers<never>();
  died.promise.catch(() => undefined);
  try {
    const servicesOnly = { ...plan, clients: [] };
    await stack.add(privateFilesTask());
    const bundles = new Map(job.bundles.map(({ name, folder }) => [name, folder]));
    await Promise.all([networkTask(servicesOnly), ...plan.trees.map((tree) => treeTask(tree, bundles))].map((task) => stack.add(task)));
    await execa('ip', ['addr', 'add', `${visitorAddress(plan.network.subnet, plan.network.prefixLength)}/${plan.network.prefixLength}`, 'dev', 'br0']);
    await Promise.all(plan.services.map((service) => stack.add(serviceTask(service, {
      programs: SERVICE_PROGRAMS,
      eventFile: join(job.evidenceFolder, 'services', `${service.kind}@${service.host}.jsonl`),
      readyMs: 20_000,
      onDeath: (error) => died.reject(error),
    }))));
    emit({
      type: 'serving', pid: process.pid,
      hosts: plan.hosts.map((host) => ({ name: host.name, ip: host.ip, services: plan.services.filter((service) => service.host === host.name).map((service) => service.kind) })),
    });
    const [program, ...args] = command;
    const ended = new Promise<number>((resolve) => signal.addEventListener('abort', () => resolve(0), { once: true }));
    if (program === undefined) return await Promise.race([ended, died.promise]);
    const child = execa(program, args, { reject: false, stdin: 'ignore', stdout: 'inherit', stderr: 'inherit' });
    return await Promise.race([child.then((result) => result.exitCode ?? 1), ended, died.promise]);
  } finally {
    await stack.unwind();
  }
}
