import { readFile } from 'node:fs/promises';
import { execa } from 'execa';
import type { CommandUser } from '../run/lab-protocol.ts';
import { UsageError } from './usage-error.ts';

// uid_t has 32 bits, and its last value means "unchanged" (setresuid(2)).
const MOST_ID = 2 ** 32 - 2;
const EXPECTED = 'expected NAME, UID, NAME:GID or UID:GID';

/** The user of `serve --user`, with the groups that a login would give; accounts are the host's, whatever keeps them. */
export async function commandUser(text: string): Promise<CommandUser> {
  const [, who = '', group] = /^([^:]+)(?::(\d+))?$/.exec(text) ?? [];
  if (who === '') throw new UsageError(`--user: ${EXPECTED}, got "${text}"`);
  const account = await accountOf(who);
  const uid = account?.uid ?? (/^\d+$/.test(who) ? Number(who) : undefined);
  if (uid === undefined)
    throw new UsageError(`--user: expected a user of this host, got "${who}", whom it does not know`);
  const gid = group === undefined ? account?.gid : Number(group);
  if (gid === undefined)
    throw new UsageError(
      `--user: expected UID:GID for a user without an account, got "${text}" and no account with it`,
    );
  if (uid > MOST_ID || gid > MOST_ID) throw new UsageError(`--user: expected ids up to ${MOST_ID}, got "${text}"`);
  const user = { name: String(uid), home: '/', shell: '/bin/sh', groups: [], ...account, uid, gid };
  await assertPossible(user);
  return user;
}

/** An account by its name or number, passwd(5); undefined when there is none. */
async function accountOf(who: string): Promise<CommandUser | undefined> {
  const { stdout, exitCode } = await execa('getent', ['passwd', '--', who], { reject: false });
  if (exitCode !== 0) return undefined;
  const [name = '', , uid, gid, , home = '', shell = ''] = stdout.split(':');
  // By name: an account's number may be another's name.
  const groups = (await execa('id', ['-G', '--', name])).stdout.split(' ').map(Number);
  return { name, uid: Number(uid), gid: Number(gid), groups, home: home || '/', shell: shell || '/bin/sh' };
}

/** Throws unless a lab that this process starts can run a program as that user. */
async function assertPossible({ uid, gid, name }: CommandUser): Promise<void> {
  const [own, ownGroup] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  if (own !== 0) {
    if (uid === own && gid === ownGroup) return;
    throw new UsageError(
      `--user: expected this user, ${own}:${ownGroup}, got ${name} (${uid}:${gid}): the lab of an ordinary user has no other one (user_namespaces(7)); start pxewright as root, e.g. with sudo`,
    );
  }
  for (const [what, id] of [
    ['uid', uid],
    ['gid', gid],
  ] as const)
    if (!(await isMapped(id, `/proc/self/${what}_map`)))
      throw new UsageError(
        `--user: expected a user of this user namespace, got ${name}, whose ${what} ${id} /proc/self/${what}_map does not have; start pxewright outside of it, or give the container that id`,
      );
}

/** Whether a user namespace has an id: lines of first id inside, first id outside, count. */
async function isMapped(id: number, file: string): Promise<boolean> {
  const map = await readFile(file, 'utf8');
  return map.split('\n').some((line) => {
    const [first = NaN, , count = 0] = line.trim().split(/ +/).map(Number);
    return id >= first && id < first + count;
  });
}
