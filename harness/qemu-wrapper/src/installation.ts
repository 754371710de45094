import { execa } from 'execa';
import { FIRMWARES } from './spec/firmwares.ts';

/** What may be asked of a QEMU, by the kind of option whose `help` lists it. */
export interface QemuFeatures {
  readonly device?: string;
  readonly netdev?: string;
  readonly display?: string;
  readonly accel?: string;
  readonly machine?: string;
  readonly chardev?: string;
}

/** QEMU is not there, or not in a state to answer. */
export class QemuNotFoundError extends Error {
  override readonly name = 'QemuNotFoundError';
  readonly code = 'QEMU_NOT_FOUND';
  readonly binary: string;

  constructor(binary: string, why: string, options?: ErrorOptions) {
    super(`${binary} cannot be run: ${why}; install QEMU for x86 (Debian: apt-get install qemu-system-x86)`, options);
    this.binary = binary;
  }
}

const DEADLINE_MS = 20_000;

/** The version of the installed QEMU, e.g. `10.0.13`. */
export async function qemuVersion(binary: string = FIRMWARES.bios.binary): Promise<string> {
  const output = await ask(binary, ['--version']);
  const version = /version (\d+\.\d+\.\d+)/.exec(output)?.[1];
  if (version === undefined)
    throw new QemuNotFoundError(
      binary,
      `expected a version in its first line, got ${JSON.stringify(output.split('\n')[0])}`,
    );
  return version;
}

/** Those of the features that this QEMU lacks, as `netdev user`; empty when it has all. */
export async function qemuLacks(features: QemuFeatures, binary: string = FIRMWARES.bios.binary): Promise<string[]> {
  const lacking: string[] = [];
  for (const [option, name] of Object.entries(features) as [keyof QemuFeatures, string][]) {
    const output = await ask(binary, [`-${option}`, 'help']);
    if (!mentions(output, name)) lacking.push(`${option} ${name}`);
  }
  return lacking;
}

/** True when this QEMU has all of the features. */
export async function qemuHas(features: QemuFeatures, binary?: string): Promise<boolean> {
  return (await qemuLacks(features, binary)).length === 0;
}

/** Help lists one thing a line: `name "e1000", bus PCI`, or the bare name, or the name and a description. */
export function mentions(help: string, name: string): boolean {
  return help.split('\n').some((line) => {
    const words = line.trim().split(/[\s,]+/);
    return words[0] === name || (words[0] === 'name' && words[1] === `"${name}"`);
  });
}

async function ask(binary: string, args: string[]): Promise<string> {
  const result = await execa(binary, args, { reject: false, stdin: 'ignore', timeout: DEADLINE_MS, all: true });
  if (!result.failed) return result.all;
  throw new QemuNotFoundError(
    binary,
    result.code === 'ENOENT' ? 'there is no such program' : (result.shortMessage ?? 'no reason given'),
    { cause: result },
  );
}
