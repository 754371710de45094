import fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { agentCommandLine, type ImageOptions } from './agent-options.ts';

const options: ImageOptions = {
  mode: 'install',
  server: '172.22.52.207',
  share: 'REMINST',
  domain: 'SYSTEM',
  user: 'administrateur',
  password: 'Passw0rd.lab',
  image: 'Images\\Linux\\sample.wim',
  unattended: true,
};

/** What the agent's own shell code makes of a command line. */
function agentReads(commandLine: string, name: string): string {
  // `read` is replaced, since it would read /proc/cmdline.
  const script = `. "$1"; read() { line=$COMMAND_LINE; }; options_read; printf '%s' "$option_${name}"`;
  const args = ['sh', '-c', script, 'test', path.join(import.meta.dirname, 'agent', 'lib', 'options.sh')];
  return execFileSync('busybox', args, { env: { ...process.env, COMMAND_LINE: commandLine }, encoding: 'utf8' });
}

describe('agentCommandLine', () => {
  it('writes one word per option and encodes what a kernel command line cannot hold', () => {
    const line = agentCommandLine({ ...options, password: 'a b;c\'d"e%f(g)' });
    expect(line).toContain(' pxw.image=Images%5CLinux%5Csample.wim ');
    expect(line).toContain(' pxw.password=a%20b%3Bc%27d%22e%25f%28g%29 ');
    expect(line).toMatch(/pxw\.unattended=1$/);
  });

  it('gives several paths, a line each', () => {
    const { server, share, domain, user, password } = options;
    const logon = { server, share, domain, user, password };
    const paths = '/etc/hostname\n/home/a 100%';
    const line = agentCommandLine({ mode: 'recover', ...logon, backupOf: 'pc', backup: 'latest', paths });
    expect(agentReads(line, 'paths')).toBe(paths);
  });

  it('leaves out options that are not set', () => {
    const { image: _, ...withoutImage } = options;
    expect(agentCommandLine({ ...withoutImage, unattended: false })).not.toContain('pxw.image');
  });

  it('refuses a line that the kernel would cut', () => {
    expect(() => agentCommandLine({ ...options, image: 'x'.repeat(2048) })).toThrow(/expected less than 2048/);
  });

  it("refuses a comma, at which the agent's mount would split", () => {
    expect(() => agentCommandLine({ ...options, password: 'a,b' })).toThrow('password has a comma');
  });

  it('has only characters that neither the kernel nor PXELINUX interprets, whatever the values', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 40 }).filter((text) => !text.includes(',')),
        (password) => {
          const words = agentCommandLine({ ...options, password })
            .split(' ')
            .filter((word) => word.startsWith('pxw.'));
          expect(words).toHaveLength(8);
          for (const word of words) expect(word).toMatch(/^pxw\.[a-z]+=[A-Za-z0-9._~%-]*$/);
        },
      ),
    );
  });

  it('gives the agent the same values', () => {
    for (const password of [
      'Passw0rd.lab',
      'q\'uo"te',
      'back\\slash\\x41',
      'per%25cent',
      'with space',
      'çé日本',
      '$HOME`id`',
    ]) {
      expect(agentReads(agentCommandLine({ ...options, password }), 'password')).toBe(password);
    }
    expect(agentReads(agentCommandLine(options), 'image')).toBe(options.image);
  });

  it('gives the agent what it must know of a store of backups, and a password that mount could not take', () => {
    const line = agentCommandLine({
      mode: 'restore',
      store: '172.22.52.207:8000',
      storePassword: 'a, b',
      client: 'replacement',
      backupOf: 'pc',
      backup: '20261128T111500Z',
    });
    const read = ['mode', 'store', 'storepassword', 'client', 'backupof', 'backup'].map((name) =>
      agentReads(line, name),
    );
    expect(read).toEqual(['restore', '172.22.52.207:8000', 'a, b', 'replacement', 'pc', '20261128T111500Z']);
    const newest = agentCommandLine({ mode: 'restore', store: '172.22.52.207:8000', storePassword: 'p', client: 'pc' });
    expect(agentReads(newest, 'backup')).toBe('latest');
    expect(agentReads(newest, 'storetls')).toBe('0');
    const secret = agentCommandLine({
      mode: 'backup',
      store: 'a:8000',
      storePassword: 'p',
      storeTls: true,
      client: 'pc',
    });
    expect(agentReads(secret, 'storetls')).toBe('1');
  });

  it('gives the agent of a computer at work the snapshots that it takes', () => {
    const store = { store: '172.22.52.207:8000', storePassword: 'p', client: 'pc' };
    const line = agentCommandLine({ mode: 'work', ...store, snapshots: '65536,64' });
    expect(['mode', 'client', 'snapshots'].map((name) => agentReads(line, name))).toEqual(['work', 'pc', '65536,64']);
    expect(agentReads(agentCommandLine({ mode: 'work' }), 'snapshots')).toBe('');
  });
});
