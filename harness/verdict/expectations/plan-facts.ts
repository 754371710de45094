import type { Credential } from '../../protocols/base/observe/credential.ts';
import { comparablePath, type PathPattern } from '../../protocols/base/judge/path-names.ts';
import { portsOfBase } from '../../protocols/multicast/wire/ports.ts';
import { roomOfStep } from '../../protocols/rooms.ts';
import { wordsOf } from '../../protocols/words.ts';
import type { Expectation, Plan, TreePlan } from '../../plan/plan.ts';
import type { ServicePlan } from '../../plan/services/service-plan.ts';

/** Paths that a scenario's expectations name: their absence on a server is a failure at once. */
export function expectedPaths(expectations: readonly Expectation[]): PathPattern[] {
  return expectations.flatMap((expectation) => {
    const path = expectation.with['path'];
    if (
      expectation.step.endsWith('.error') ||
      wordsOf(expectation.step)?.creates ||
      path === undefined ||
      typeof path === 'number' ||
      typeof path === 'boolean'
    )
      return [];
    return [path];
  });
}

/** Comparable paths of files that a scenario expects to be loaded more than once. */
export function pathsExpectedAgain(expectations: readonly Expectation[]): string[] {
  const loads = expectations.flatMap(({ step, with: { path } }) =>
    (step === 'tftp.transfer' || step === 'http.get') && typeof path === 'string' ? [comparablePath(path)] : [],
  );
  return [...Map.groupBy(loads, (path) => path)].flatMap(([path, same]) => (same.length > 1 ? [path] : []));
}

/** Whether a scenario expects anything of the system that is booted: SMB, an image, or a second round of DHCP. */
export function expectsGuest(expectations: readonly Expectation[]): boolean {
  const speakers = expectations.map(({ step }) => roomOfStep(step)?.boot?.speaker);
  const loads = speakers.indexOf('loader');
  return expectations.some(
    ({ step }, index) => speakers[index] === 'system' || (loads >= 0 && index > loads && step.startsWith('dhcp.')),
  );
}

/** Names of the users that the scenario's services know, without domain; undefined when the plan does not say. */
export function knownUsers(services: readonly ServicePlan[]): readonly string[] | undefined {
  const names = credentialsOf(services).map(({ user }) => user);
  return names.length === 0 ? undefined : names;
}

/** The scenario's users with their passwords, with which an observer reads what they sealed. */
export function credentialsOf(services: readonly ServicePlan[]): Credential[] {
  return services.flatMap(accountsOf).map(({ name, password }) => ({ user: bareUser(name), password }));
}

/** Accounts that a service is configured with. */
function accountsOf(service: ServicePlan): readonly { readonly name: string; readonly password: string }[] {
  switch (service.kind) {
    case 'active-directory':
      return service.config.users ?? [];
    case 'smb':
    case 'control':
      return service.config.accounts ?? [];
    default:
      return [];
  }
}

/**
 * Ports that the scenario gives its services, by protocol; a service without one listens on its protocol's usual port.
 * A domain controller's RPC ports are not included: clients ask the endpoint mapper, whose answer is on the wire.
 */
export function configuredPorts(
  services: readonly ServicePlan[],
): Readonly<Record<'http' | 'rpc' | 'restic' | 'tls' | 'multicast', readonly number[]>> {
  const portsOf = (kind: 'http' | 'control' | 'backup-store'): number[] =>
    services.flatMap((service) => (service.kind === kind ? (service.config.port ?? []) : []));
  const multicast = services.flatMap((service) =>
    service.kind === 'multicast' && service.config.portBase !== undefined ? portsOfBase(service.config.portBase) : [],
  );
  return {
    http: portsOf('http'),
    rpc: portsOf('control'),
    restic: portsOf('backup-store'),
    tls: portsOf('backup-store'),
    multicast,
  };
}

/** The folder that the plan's TFTP server serves, as the scenario's author knows it: a folder, or a bundle. */
export function servedRoot({
  services,
  trees = [],
}: {
  readonly services: readonly ServicePlan[];
  readonly trees?: readonly TreePlan[];
}): string | undefined {
  const [root] = services.flatMap((service) => (service.kind === 'tftp' ? [service.config.root] : []));
  const entry = trees.find((tree) => tree.root === root)?.entries.find(({ path }) => path === '.');
  if (entry === undefined) return undefined;
  return 'source' in entry ? entry.source : 'bundle' in entry ? `the bundle ${entry.bundle}` : undefined;
}

/** A user's name without its domain, lowercase: Windows names have no case. */
export function bareUser(user: string): string {
  return (user.split('\\').at(-1) ?? user).toLowerCase();
}

/** The clients that hypervisors speak for when they save their disks, by the hypervisors' IP addresses. */
export function hypervisorsOf({
  clients = [],
  hosts = [],
}: Partial<Pick<Plan, 'clients' | 'hosts'>>): ReadonlyMap<string, string> {
  return new Map(
    clients.flatMap((client): [string, string][] => {
      const name = client.plays === undefined ? client.hotBackups?.hypervisor : undefined;
      const host = hosts.find((one) => one.name === name);
      return host === undefined ? [] : [[host.ip, client.mac.toLowerCase()]];
    }),
  );
}
