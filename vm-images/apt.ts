import { execa } from 'execa';
import { mkdir, readFile, readdir, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Versions of packages, by name. */
export type Versions = Readonly<Record<string, string>>;

/**
 * What `find` says of apt's packages. apt takes a second to answer, so the answer is kept in `memory`, a file of the
 * cache, until apt's lists change. Without an answer, as without network: the one that was kept, or else that of
 * `otherwise`.
 */
export async function remembered(
  memory: string,
  find: () => Promise<Versions | undefined>,
  otherwise?: () => Promise<Versions | undefined>,
): Promise<Versions | undefined> {
  const stamp = await aptStamp();
  const known = await kept(memory);
  if (known?.stamp === stamp) return known.versions;
  const versions = (await find()) ?? known?.versions ?? (await otherwise?.());
  if (versions === undefined) return undefined;
  await mkdir(path.dirname(memory), { recursive: true });
  await writeFile(`${memory}.${process.pid}`, JSON.stringify({ stamp, versions }));
  await rename(`${memory}.${process.pid}`, memory);
  return versions;
}

/** The answer that was kept, while apt's lists are those that it was found in. */
export async function freshlyKept(memory: string): Promise<Versions | undefined> {
  const known = await kept(memory);
  return known?.stamp === (await aptStamp()) ? known.versions : undefined;
}

async function kept(memory: string): Promise<{ stamp: string; versions: Versions } | undefined> {
  return readFile(memory, 'utf8').then(
    (text) => JSON.parse(text) as { stamp: string; versions: Versions },
    () => undefined,
  );
}

async function aptStamp(): Promise<string> {
  const times = await Promise.all(
    ['/var/lib/apt/lists', '/etc/apt', '/etc/apt/sources.list.d', '/etc/os-release'].map((place) =>
      stat(place).then(
        (found) => found.mtimeMs,
        () => 0,
      ),
    ),
  );
  return times.join(' ');
}

/** Names after `Depends:` in the output of `apt-cache depends`. */
export function parseDependencies(text: string): string[] {
  return [...text.matchAll(/^\s*\|?Depends: (\S+)$/gm)].map((match) => match[1] ?? '');
}

/** Name and version of each package in the output of `apt-cache show` (stanzas, `Field: value`). */
export function parseVersions(text: string): [name: string, version: string][] {
  return text.split('\n\n').flatMap((stanza): [string, string][] => {
    const [name, version] = ['Package', 'Version'].map(
      (field) => new RegExp(`^${field}: (.+)$`, 'm').exec(stanza)?.[1],
    );
    return name === undefined || version === undefined ? [] : [[name, version]];
  });
}

/** apt for the host's packages, or for others by options of its own. Downloads and unpacks; installs nothing. */
export class Apt {
  readonly #options: readonly string[];

  constructor(options: readonly string[] = []) {
    this.#options = options;
  }

  /** The kernel package that a package of a name without version stands for. */
  async kernelOf(meta: string): Promise<string | undefined> {
    return parseDependencies(await this.#cache(['depends', meta])).find((name) => /^linux-image-\d/.test(name));
  }

  /** The versions that `unpack` would get; none of a package that apt does not know. One call, since each takes apt half a second. */
  async versions(names: readonly string[]): Promise<Versions> {
    const text = await this.#cache(['show', '--no-all-versions', ...names]);
    return Object.fromEntries(parseVersions(text).filter(([name]) => names.includes(name)));
  }

  /** Downloads packages into `scratch` and unpacks all of them together; returns the folder that stands for `/`. */
  async unpack(versions: Versions, scratch: string, progress: (line: string) => void): Promise<string> {
    const root = path.join(scratch, 'root');
    await mkdir(root);
    const packages = Object.entries(versions).map(([name, version]) => `${name}=${version}`);
    progress(`downloading ${packages.join(' ')} (apt-get download, nothing is installed)`);
    await execa('apt-get', [...this.#options, 'download', ...packages], { cwd: scratch });
    for (const file of (await readdir(scratch)).filter((name) => name.endsWith('.deb'))) {
      progress(`unpacking ${file}`);
      await execa('dpkg-deb', ['--extract', path.join(scratch, file), root]);
    }
    return root;
  }

  /** What apt-cache prints, which is nothing of a package that it does not know. */
  async #cache(args: string[]): Promise<string> {
    const { stdout } = await execa('apt-cache', [...this.#options, ...args], { reject: false, env: { LC_ALL: 'C' } });
    return stdout;
  }
}
