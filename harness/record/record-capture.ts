import { readdir, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { hasAddress } from '../../reports/client-addresses.ts';
import { printable } from '../../reports/text.ts';
import type { ClientResult } from '../../reports/result.ts';
import { replayCapture } from '../run/replay/replay.ts';
import { readJudgedWith } from '../run/judged-with.ts';
import type { Contents } from './facts/contents.ts';
import { RecordError } from './record-error.ts';
import { readContents, readFacts } from './read-facts.ts';
import { scenarioOf, type RecordedScenario } from './scenario-of.ts';
import { toYaml } from './to-yaml.ts';
import { writeFiles, writeRoot, type WrittenContent } from './write-recording.ts';

/** What a recording is made with. */
export interface RecordOptions {
  /** MAC or IP address of the client, where the capture shows more than one that boots. */
  readonly client?: string | undefined;
  /** The scenario file to write. */
  readonly output: string;
  /** A folder with the real files, below the root of TFTP and HTTP. */
  readonly root?: string | undefined;
  /** Take contents from the capture where it has them whole; by default of a lab's own capture alone. */
  readonly contents?: boolean | undefined;
  /** Write over a scenario that is there. */
  readonly force?: boolean | undefined;
  /** First line of the scenario: where its JSON Schema is, from the scenario's folder. */
  readonly schema: string;
}

/** What became of a recording. */
export interface Recording {
  readonly client: ClientResult;
  readonly output: string;
  /** Folder with the files beside the scenario; absent where none was needed. */
  readonly files?: { readonly folder: string; readonly written: readonly WrittenContent[] };
  readonly open: readonly string[];
  /** `--root`, where the scenario needs --allow-root for it. */
  readonly allowRoot?: string;
}

/**
 * Makes a scenario of a capture, and writes it with the files that it needs. Throws RecordError for what cannot be
 * recorded, and what a replay throws for a capture that cannot be judged.
 */
export async function recordCapture(capture: string, options: RecordOptions): Promise<Recording> {
  const { output } = options;
  const folder = dirname(resolve(output));
  if (!options.force && (await exists(output)))
    throw new RecordError(
      `${output}: expected a scenario file that does not exist yet: name another with -o, or use --force`,
    );
  const root = options.root === undefined ? undefined : await rootOf(options.root, folder);
  const result = await replayCapture(capture);
  const ofLab = (await readJudgedWith(capture)) !== undefined;
  const client = chosenClient(capture, result.scenarios[0]?.clients ?? [], options.client);
  const name = basename(output, extname(output));
  const shown = await readFacts(capture, client);
  const whole = shown.facts.files.files.filter((file) => file.whole !== undefined);
  // What a lab served is no customer's.
  const contents = (options.contents ?? ofLab) ? await readContents(capture, whole) : undefined;
  const recorded = scenarioOf(
    { capture: captureTitle(capture, ofLab), client, ...shown },
    {
      folder: `./${name}.files`,
      root,
      ofLab,
      ...(contents === undefined ? {} : { hasBytes: (one) => contents.of(one) !== undefined }),
    },
  );
  const written = await writeAll(capture, join(folder, `${name}.files`), recorded, contents);
  await writeFile(output, toYaml(recorded.scenario, headOf(capture, client, recorded, options.schema)));
  return {
    client,
    output,
    open: recorded.open,
    ...(written.length === 0 ? {} : { files: { folder: join(dirname(output), `${name}.files`), written } }),
    ...(root?.isOutside ? { allowRoot: root.name } : {}),
  };
}

/** All captures of labs have the same name, in folders that are named for their scenarios. */
const captureTitle = (capture: string, ofLab: boolean): string =>
  ofLab ? basename(dirname(resolve(capture))) : basename(capture);

async function writeAll(
  capture: string,
  folder: string,
  recorded: RecordedScenario,
  contents: Contents | undefined,
): Promise<WrittenContent[]> {
  for (const service of recorded.roots) await writeRoot(join(folder, service), basename(capture));
  return writeFiles(folder, recorded, contents);
}

/** The client that the user names, else the only one that boots. */
export function chosenClient(
  capture: string,
  clients: readonly ClientResult[],
  wanted: string | undefined,
): ClientResult {
  const describe = ({ mac, ip, why }: ClientResult): string =>
    `  ${mac}${ip === undefined ? '' : `  ${ip}`}${why === undefined ? '' : `  ${printable(why, MOST_OF_REASON)}`}`;
  const list = (some: readonly ClientResult[]): string => some.map(describe).join('\n');
  if (wanted !== undefined) {
    const found = clients.find((client) => hasAddress(client, wanted));
    if (found) return found;
    throw new RecordError(
      `--client: ${capture} shows no client ${wanted}; it shows${clients.length === 0 ? ' none at all' : `\n${list(clients)}`}`,
    );
  }
  const booting = clients.filter((client) => client.booting !== false);
  const [one, ...others] = booting;
  if (one === undefined)
    throw new RecordError(
      `${capture}: expected a client that boots over the network, got only hosts that do not${clients.length === 0 ? '' : `; name one of them by --client to record it all the same\n${list(clients)}`}`,
    );
  if (others.length > 0)
    throw new RecordError(
      `${capture}: expected one client that boots, got ${booting.length}: name one by --client\n${list(booting)}`,
    );
  return one;
}
const MOST_OF_REASON = 100;

interface Root {
  readonly name: string;
  readonly files: ReadonlySet<string>;
  readonly isOutside: boolean;
}

async function rootOf(root: string, folder: string): Promise<Root> {
  const entry = await stat(root).catch(() => undefined);
  if (!entry?.isDirectory())
    throw new RecordError(
      `--root: expected a folder with the boot files, below which the client’s paths are, got ${root}, ${entry === undefined ? 'which does not exist' : 'which is none'}`,
    );
  const below = relative(folder, resolve(root)).split(sep).join('/');
  const isOutside = below.startsWith('..') || isAbsolute(below);
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.flatMap((one) =>
    one.isDirectory() ? [] : [relative(root, join(one.parentPath, one.name)).split(sep).join('/').toLowerCase()],
  );
  return { name: isOutside ? resolve(root) : `./${below}`, files: new Set(files), isOutside };
}

const exists = async (file: string): Promise<boolean> => (await stat(file).catch(() => undefined)) !== undefined;

function headOf(capture: string, client: ClientResult, { open }: RecordedScenario, schema: string): string[] {
  return [
    `yaml-language-server: $schema=${schema}`,
    '',
    `Recorded from ${printable(basename(capture))}: the boot of ${client.mac}.`,
    'Comments name the frames of that capture that show a value; what has none is an assumption.',
    ...(open.length === 0
      ? []
      : [
          '',
          'Not in the capture, or more than a scenario can say:',
          ...open.map((note) => `- ${printable(note, MOST_OF_NOTE)}`),
        ]),
  ];
}
const MOST_OF_NOTE = 500;
