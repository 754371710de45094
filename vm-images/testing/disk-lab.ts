import { execa } from 'execa';
import { mkdir, mkdtemp, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, vi } from 'vitest';
import { startBackupStore } from '../../servers/images/backup-store.ts';
import { readBackupManifest, type BackupManifest } from '../../servers/images/backup-store/manifest.ts';
import type { Running } from '../../servers/service/service.ts';
import { lastingPort } from '../../servers/service/testing/lasting-port.ts';
import { unpackDiskAgent } from './disk-agent.ts';

// The agent's scripts save and restore disks which are files, with the programs of the initramfs and a store that is served.
// disk-agent.sh stands for the computer.

export const MIB = 1024 * 1024;
/** What the agent reports at last. */
export const DONE = { event: 'agent.result', uptimeMs: expect.any(Number) as number, ok: true };

const PASSWORD = 'secret, with a blank';

/** Unpacks the initramfs with the agent's scripts; the folder with its `root`. */
export async function makeInitramfs(): Promise<string> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'pxewright-disk-agent-'));
  const root = path.join(scratch, 'root');
  await unpackDiskAgent(root);
  return scratch;
}

/** A store that is served, and computers that know it. */
export class DiskLab {
  readonly password = PASSWORD;
  readonly folder: string;
  readonly #root: string;
  #running: Running;
  #runs = 0;

  private constructor(root: string, folder: string, running: Running) {
    this.#root = root;
    this.folder = folder;
    this.#running = running;
  }

  /** In the folder of `makeInitramfs`. */
  static async with(scratch: string, use: (lab: DiskLab) => Promise<void>): Promise<void> {
    const folder = await mkdtemp(path.join(scratch, 'lab-'));
    const lab = new DiskLab(path.join(scratch, 'root'), folder, await DiskLab.#serve(folder, await lastingPort()));
    try {
      await use(lab);
    } finally {
      await lab.stop();
    }
  }

  static #serve(folder: string, port: number, maxBytes?: number): Promise<Running> {
    const root = path.join(folder, 'store');
    const config = { address: '127.0.0.1', port, root, password: PASSWORD, quickKey: true, startTimeoutMs: 20_000 };
    return startBackupStore({ ...config, ...(maxBytes === undefined ? {} : { maxBytes }) }, () => undefined);
  }

  stop(): Promise<void> {
    return this.#running.stop();
  }

  /** Serves the store at the same port again; it takes no more than so many bytes. */
  async startAgain(maxBytes?: number): Promise<void> {
    this.#running = await DiskLab.#serve(this.folder, Number(this.address.split(':')[1]), maxBytes);
  }

  get address(): string {
    return this.#running.listening[0]?.replace('/tcp', '') ?? '';
  }

  file(name: string): string {
    return path.join(this.folder, name);
  }

  /** Runs the agent in a role on `disk`; what it reports. `meanwhile` happens while it runs. */
  async agent(
    mode: 'backup' | 'restore',
    disk: string,
    told: Readonly<Record<string, string>> = {},
    meanwhile?: (agent: RunningAgent) => Promise<void>,
  ): Promise<AgentRun> {
    const run = this.file(`run-${this.#runs++}`);
    await mkdir(run);
    await writeFile(path.join(run, 'disk'), '');
    await writeFile(path.join(run, 'events'), '');
    const namespace = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
    const script =
      'mount --rbind /dev "$1/dev" && mount -t proc proc "$1/proc" && mount --bind "$2" "$1/run" && mount --bind "$3" "$1/run/disk" && ' +
      'root=$1 && shift 3 && exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$root" /bin/sh /agent/disk-agent.sh "$@"';
    const words = Object.entries({
      option_store: this.address,
      option_storepassword: PASSWORD,
      option_client: 'pc',
      ...told,
    }).map(([name, value]) => `${name}=${value}`);
    const agent = execa(
      'unshare',
      [
        ...[...namespace, '--mount', '--pid', '--uts', '--fork', '--kill-child', 'sh', '-c', script],
        ...['test', this.#root, run, disk, mode, ...words],
      ],
      { reject: meanwhile === undefined },
    );
    const reported = async (name: string): Promise<void> => {
      const seen = async (): Promise<void> =>
        expect(await readFile(path.join(run, 'events'), 'utf8')).toContain(`"event":"${name}"`);
      await vi.waitFor(seen, { timeout: 60_000, interval: 10 });
    };
    await meanwhile?.({ reported, cutPower: () => agent.kill('SIGKILL') });
    await agent;
    const events = (await readFile(path.join(run, 'events'), 'utf8'))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as AgentEvent);
    return { run, events, result: events.at(-1) };
  }

  /** Backs a disk up; its manifest. */
  async backup(disk: string, told?: Readonly<Record<string, string>>): Promise<BackupManifest> {
    const { run, events, result } = await this.agent('backup', disk, told);
    expect(result).toEqual(DONE);
    const saved = events.find(({ event }) => event === 'agent.backed-up');
    const text = await readFile(path.join(run, `backup-${String(saved?.['id'])}`, 'backup.json'), 'utf8');
    const { manifest, message } = readBackupManifest(text);
    if (manifest === undefined) throw new Error(message);
    expect(saved).toMatchObject({ id: manifest.id, partitions: manifest.partitions.length });
    return manifest;
  }

  /** Restores to an empty disk of that size; its file. */
  async restored(bytes: number, told?: Readonly<Record<string, string>>): Promise<string> {
    const disk = await emptyFile(this.file(`restored-${this.#runs}.img`), bytes);
    expect((await this.agent('restore', disk, told)).result).toEqual(DONE);
    return disk;
  }

  /** Sends a signal to a program of the agents, or to the server of the store; false if none runs. */
  async kill(
    program: 'restic' | 'partclone' | 'restic-rest-server',
    signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT' = 'SIGKILL',
  ): Promise<boolean> {
    let found = false;
    for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
      const read = (file: string): Promise<string> => readFile(`/proc/${pid}/${file}`, 'latin1').catch(() => '');
      const [name = '', ...words] = (await read('cmdline')).split('\0');
      const ours = words.includes(this.file('store')) || (await read('environ')).includes(`http://${this.address}/`);
      if (!ours || !(name === program || (program === 'partclone' && name.startsWith('partclone.')))) continue;
      try {
        process.kill(Number(pid), signal);
        found = true;
      } catch {
        // It has just ended.
      }
      // Until it is gone the server has its port, and who begins anew there is refused. Only one of its threads may have ended (Z).
      const over = program === 'restic-rest-server' ? /^$/ : /^$|\) [ZX] /;
      const isOver = async (): Promise<void> => expect(await read('stat')).toMatch(over);
      if (signal === 'SIGKILL') await vi.waitFor(isOver, { timeout: 20_000, interval: 2 });
    }
    return found;
  }

  /** restic on the store's folder, without the server. */
  async restic(...args: readonly string[]): Promise<string> {
    const { stdout } = await execa('restic', ['--no-cache', '--repo', this.file('store'), ...args], {
      env: { RESTIC_PASSWORD: this.password },
    });
    return stdout;
  }
}

/** The agent while it runs. */
export interface RunningAgent {
  /** Waits for its event. */
  readonly reported: (event: string) => Promise<void>;
  /** Ends all its programs, as they are; false if they have ended. */
  readonly cutPower: () => boolean;
}

type AgentEvent = Readonly<Record<string, unknown>> & { readonly event: string };
export interface AgentRun {
  /** Its `/run`. */
  readonly run: string;
  readonly events: readonly AgentEvent[];
  readonly result: AgentEvent | undefined;
}

export async function emptyFile(file: string, bytes: number): Promise<string> {
  await writeFile(file, '');
  await truncate(file, bytes);
  return file;
}

/** Whether two files have the same bytes. */
export const isSame = async (one: string, other: string): Promise<boolean> =>
  (await execa('cmp', ['--silent', one, other], { reject: false })).exitCode === 0;
