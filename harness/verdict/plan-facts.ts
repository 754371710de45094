import type { PathPattern } from '../machines/path-names.ts';
import type { Expectation, ServicePlan } from '../plan/plan.ts';

/** Paths that a scenario's expectations name: their absence on a server is a failure at once. */
export function expectedPaths(expectations: readonly Expectation[]): PathPattern[] {
  return expectations.flatMap((expectation) => {
    const path = expectation.with['path'];
    if (expectation.step.endsWith('.error') || path === undefined || typeof path === 'number' || typeof path === 'boolean') return [];
    return [path];
  });
}

/** Whether a scenario expects anything of the system that is booted: SMB, an image, or a second round of DHCP. */
export function expectsGuest(expectations: readonly Expectation[]): boolean {
  const loads = expectations.findIndex((expectation) => /^(tftp|http)\./.test(expectation.step));
  return expectations.some((expectation, index) => /^(smb|ntlm|kerberos|image)\./.test(expectation.step) || (loads >= 0 && index > loads && /^dhcp\./.test(expectation.step)));
}

/** Names of the users that the scenario's file services know, lowercase without domain; undefined when the plan does not say. */
export function knownUsers(services: readonly ServicePlan[]): readonly string[] | undefined {
  const names = services.flatMap(({ config }) => {
    // A domain controller's users; a file server's accounts.
    const users = config['users'] ?? config['accounts'];
    return Array.isArray(users) ? users.flatMap((user: unknown) => nameOf(user)) : [];
  });
  return names.length === 0 ? undefined : names;
}

function nameOf(user: unknown): string[] {
  const name: unknown = typeof user === 'object' && user !== null && 'name' in user ? user.name : user;
  return typeof name === 'string' ? [bareUser(name)] : [];
}

/** A user's name without its domain, lowercase: Windows names have no case. */
export function bareUser(user: string): string {
  return (user.split('\\').at(-1) ?? user).toLowerCase();
}
