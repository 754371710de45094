import { execa } from 'execa';

const PROGRAMS: readonly (readonly [name: string, command: string, args: readonly string[], pattern: RegExp])[] = [
  ['qemu', 'qemu-system-x86_64', ['--version'], /version (\S+)/],
  ['tcpdump', 'tcpdump', ['--version'], /tcpdump version (\S+)/],
  ['samba', 'smbd', ['--version'], /Version (\S+)/],
  ['wimlib', 'wimlib-imagex', ['--version'], /wimlib-imagex (\S+)/],
  ['kernel', 'uname', ['-r'], /(\S+)/],
];

/** Versions of everything that takes part in a run; a program that is not there is left out. */
export async function programVersions(): Promise<Record<string, string>> {
  const versions = await Promise.all(
    PROGRAMS.map(async ([name, command, args, pattern]) => {
      const result = await execa(command, args, {
        reject: false,
        all: true,
        env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
      });
      const found = pattern.exec(typeof result.all === 'string' ? result.all : '')?.[1];
      return found === undefined ? [] : [[name, found] as const];
    }),
  );
  return { node: process.versions.node, ...Object.fromEntries(versions.flat()) };
}
