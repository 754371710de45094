import type { Credential } from '../protocols/ntlm/observe/credentials.ts';
import type { PathPattern } from '../protocols/base/judge/path-names.ts';
import type { Expectation, ServicePlan } from '../plan/plan.ts';

// What these name comes into being: before that it is not there.
const WRITES: readonly string[] = ['smb.write', 'smb.rename', 'image.upload'];

/** Paths that a scenario's expectations name: their absence on a server is a failure at once. */
export function expectedPaths(expectations: readonly Expectation[]): PathPattern[] {
  return expectations.flatMap((expectation) => {
    const path = expectation.with['path'];
    if (
      expectation.step.endsWith('.error') ||
      WRITES.includes(expectation.step) ||
      path === undefined ||
      typeof path === 'number' ||
      typeof path === 'boolean'
    )
      return [];
    return [path];
  });
}

/** Whether a scenario expects anything of the system that is booted: SMB, an image, or a second round of DHCP. */
export function expectsGuest(expectations: readonly Expectation[]): boolean {
  const loads = expectations.findIndex((expectation) => /^(tftp|http)\./.test(expectation.step));
  return expectations.some(
    (expectation, index) =>
      /^(smb|ntlm|kerberos|rpc|wds|image)\./.test(expectation.step) ||
      (loads >= 0 && index > loads && /^dhcp\./.test(expectation.step)),
  );
}

/**
 * Names of the users that the scenario's services know, lowercase without domain; undefined when the plan does not say.
 */
export function knownUsers(services: readonly Pick<ServicePlan, 'config'>[]): readonly string[] | undefined {
  const names = accountsOf(services).flatMap(nameOf);
  return names.length === 0 ? undefined : names;
}

/** The scenario's users with their passwords, with which an observer reads what they sealed. */
export function credentialsOf(services: readonly Pick<ServicePlan, 'config'>[]): Credential[] {
  return accountsOf(services).flatMap((account) => {
    const password: unknown =
      typeof account === 'object' && account !== null && 'password' in account ? account.password : undefined;
    return typeof password === 'string' ? nameOf(account).map((user) => ({ user, password })) : [];
  });
}

/** Accounts as services are configured with them. */
function accountsOf(services: readonly Pick<ServicePlan, 'config'>[]): unknown[] {
  return services.flatMap(({ config }) =>
    [config['accounts'], config['users']].flatMap((list): unknown[] => (Array.isArray(list) ? list : [])),
  );
}

function nameOf(user: unknown): string[] {
  const name: unknown = typeof user === 'object' && user !== null && 'name' in user ? user.name : user;
  return typeof name === 'string' ? [bareUser(name)] : [];
}

/** A user's name without its domain, lowercase: Windows names have no case. */
export function bareUser(user: string): string {
  return (user.split('\\').at(-1) ?? user).toLowerCase();
}
