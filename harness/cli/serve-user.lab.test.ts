import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { BOOTSTRAP, PROJECT } from '../run/testing/pxewright.ts';
import { commandAsUser } from '../run/lab/command-as-user.ts';

const SCENARIO = 'harness/run/testing/scenarios/silent.yaml';

/** Started by whoever runs the tests, by an ordinary user, or by the root of a user namespace that holds no other user. */
function serve(args: readonly string[], by: 'ordinary' | 'namespace' | 'caller') {
  const prefix = {
    ordinary: ['unshare', '--user', '--map-user=4711', '--map-group=4711', '--'],
    namespace: ['unshare', '--user', '--map-root-user', '--'],
    caller: ['env'],
  }[by];
  const [program = '', ...rest] = [...prefix, process.execPath, BOOTSTRAP, 'serve', SCENARIO, ...args];
  return execa(program, rest, { cwd: PROJECT, reject: false, stdin: 'ignore' });
}

describe('--user of pxewright serve', () => {
  it.each([
    ['no-such-user', 'expected a user of this host, got "no-such-user", whom it does not know'],
    ['4294967000', 'expected UID:GID for a user without an account, got "4294967000" and no account with it'],
    ['4294967295:1', 'expected ids up to 4294967294, got "4294967295:1"'],
    ['nobody:nogroup', 'expected NAME, UID, NAME:GID or UID:GID, got "nobody:nogroup"'],
    ['', 'expected NAME, UID, NAME:GID or UID:GID, got ""'],
  ])('refuses %j with status 3, before anything starts', async (user, says) => {
    const { exitCode, stderr } = await serve(['--user', user, '--', 'true'], 'caller');
    expect([exitCode, stderr]).toEqual([3, `--user: ${says}`]);
  });

  it('wants a command', async () => {
    const { exitCode, stderr } = await serve(['--user', 'nobody'], 'caller');
    expect([exitCode, stderr]).toEqual([3, '--user: expected a COMMAND after --, which runs as that user; got none']);
  });

  it('tells an ordinary user that a lab of theirs has no other one', async () => {
    const { exitCode, stderr } = await serve(['--user', 'root', '--', 'true'], 'ordinary');
    expect([exitCode, stderr]).toEqual([
      3,
      '--user: expected this user, 4711:4711, got root (0:0): the lab of an ordinary user has no other one (user_namespaces(7)); start pxewright as root, e.g. with sudo',
    ]);
  });

  it('tells the root of a user namespace whom that namespace lacks', async () => {
    const { exitCode, stderr } = await serve(['--user', '4711:4712', '--', 'true'], 'namespace');
    expect([exitCode, stderr]).toEqual([
      3,
      '--user: expected a user of this user namespace, got 4711, whose uid 4711 /proc/self/uid_map does not have; start pxewright outside of it, or give the container that id',
    ]);
  });
});

describe('a command as a user', () => {
  const user = { name: 'tester', uid: 4711, gid: 4712, groups: [4712, 27], home: '/home/tester', shell: '/bin/sh' };

  it('has its groups and no capability, and the environment of a login', () => {
    expect(commandAsUser(['id', '-u'], user, true)).toEqual({
      argv: ['setpriv', '--reuid=4711', '--regid=4712', '--groups=4712,27', '--inh-caps=-all', '--', 'id', '-u'],
      env: { HOME: '/home/tester', SHELL: '/bin/sh', USER: 'tester', LOGNAME: 'tester' },
    });
    expect(commandAsUser(['id'], { ...user, groups: [] }, true).argv).toContain('--clear-groups');
  });

  it('is shown under its own id where the lab has no other user', async () => {
    const { argv } = commandAsUser(['id', '-u'], { ...user, uid: 4711, gid: 4711 }, false);
    const { stdout } = await execa('unshare', ['--user', '--map-root-user', '--', ...argv]);
    expect(stdout).toBe('4711');
  });
});
