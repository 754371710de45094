import { execa } from 'execa';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

// How the agent's shell code handles an answer file, in a root like the boot image's: BusyBox and the agent's own
// scripts.

const AGENT = path.join(import.meta.dirname, 'agent');
const SCENARIO = path.join(import.meta.dirname, '..', 'scenarios', 'wds', 'answer-files');
const SHOW =
  'printf "%s|" "$option_domain" "$option_user" "$option_password" "$option_image" "$option_disk" "$option_unattended"; answer computer-name; echo "$value"';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'pxewright-agent-'));
  for (const folder of ['bin', 'run', 'dev']) await mkdir(path.join(root, folder));
  await cp('/bin/busybox', path.join(root, 'bin', 'busybox'));
  // Receives what the scripts discard: only root may make devices.
  await writeFile(path.join(root, 'dev', 'null'), '');
  const { stdout } = await execa('/bin/busybox', ['--list']);
  for (const name of stdout.split('\n').filter((name) => name !== 'busybox'))
    await symlink('busybox', path.join(root, 'bin', name));
  await cp(path.join(AGENT, 'lib'), path.join(root, 'agent'), { recursive: true });
  for (const file of ['answer-file.awk', 'utf16.awk']) await cp(path.join(AGENT, file), path.join(root, 'agent', file));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/**
 * Reads a file as the agent does, after the boot image's options and with the server's flags; returns the options or
 * the error.
 */
async function read(answerFile: string | Uint8Array, { options = 'true', flags = 1 } = {}): Promise<string> {
  await writeFile(path.join(root, 'run', 'answer.xml'), answerFile);
  const script = `. /agent/options.sh; . /agent/answer-file.sh; ${options}; answer_file=/run/answer.xml answer_flags=${flags}; if answer_file_read; then ${SHOW}; else echo "failed: $answer_error"; fi`;
  const namespace = process.getuid?.() === 0 ? [] : ['unshare', '--user', '--map-root-user'];
  return (
    await execa('env', [...namespace, 'chroot', root, '/bin/busybox', 'sh', '-c', script], {
      env: { PATH: '/bin:/usr/bin:/usr/sbin' },
    })
  ).stdout;
}

describe("the agent's answer file", () => {
  const TOLD = "option_user=other option_image='Images\\Linux\\other.wim'";

  it("takes precedence over the boot image's options", async () => {
    const whole = 'SYSTEM|administrateur|Passw0rd.lab|Images\\Linux\\sample.wim|0|1|PC01';
    const file = await readFile(path.join(SCENARIO, 'pc01.xml'));
    expect(await read(file)).toBe(whole);
    expect(await read(file, { options: TOLD })).toBe(whole);
  });

  it("yields to the boot image's options if the server says so, and then sets only what they leave open", async () => {
    expect(await read(await readFile(path.join(SCENARIO, 'pc01.xml')), { options: TOLD, flags: 3 })).toBe(
      'SYSTEM|other|Passw0rd.lab|Images\\Linux\\other.wim|0|1|PC01',
    );
  });

  it("may be UTF-16, as Windows' editors write it", async () => {
    const text = (await readFile(path.join(SCENARIO, 'pc01.xml'), 'utf8')).replace('Passw0rd.lab', 'pâss日😀');
    expect(await read(Buffer.from(`\ufeff${text}`, 'utf16le'))).toBe(
      'SYSTEM|administrateur|pâss日😀|Images\\Linux\\sample.wim|0|1|PC01',
    );
  });

  it('is refused for its content, for its size, and for a password that mount cannot take', async () => {
    expect(await read('<unattend><servicing/></unattended>')).toBe(
      'failed: line 1: </unattended> closes <unattend> of line 1',
    );
    expect(await read(`<unattend><!-- ${'x'.repeat(300_000)} --></unattend>`)).toBe('failed: larger than 262144 bytes');
    expect(await read((await readFile(path.join(SCENARIO, 'pc01.xml'), 'utf8')).replace('Passw0rd.lab', 'a,b'))).toBe(
      'failed: the password has a comma, which mount(8) cannot take',
    );
  });
});
