import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { shellLine } from '#qemu-wrapper';
import { byteCount, plural, printable } from '../../reports/text.ts';
import { recordCapture, type Recording } from '../record/record-capture.ts';
import { STANDARD_INPUT } from '../run/open-capture.ts';
import { PACKAGE_FOLDER, pxewrightCommand } from '../setup/installation.ts';
import { EXIT } from './exit-codes.ts';
import { assertFileCanBeMade } from './out-folder.ts';
import { withProgress } from './shown-progress.ts';
import { assertReadable } from './readable-capture.ts';
import { UsageError } from './usage-error.ts';

export interface RecordCommandOptions {
  readonly client?: string;
  readonly output?: string;
  readonly root?: string;
  readonly contents?: boolean;
  readonly force?: boolean;
}

/** `pxewright record`: a scenario out of a capture, what it leaves open, and the commands that go on from there. */
export async function recordCommand(capture: string, options: RecordCommandOptions): Promise<number> {
  if (capture === STANDARD_INPUT)
    throw new UsageError('-: expected a capture file, which is read more than once: save what comes to one first');
  assertReadable(capture);
  const output = options.output ?? `${nameOf(capture)}.yaml`;
  await assertFileCanBeMade('-o', resolve(output));
  const recording = await withProgress(() =>
    recordCapture(capture, { ...options, output, schema: schemaFrom(dirname(resolve(output))) }),
  );
  process.stdout.write(`${recordingLines(capture, recording).join('\n')}\n`);
  return EXIT.passed;
}

/** The capture's name without its endings, those of a packed file as well. */
const nameOf = (capture: string): string => basename(capture).replace(/(\.(pcapng|pcap|cap|dmp|gz|xz|zst|bz2))+$/i, '');

/** Path of the scenario's JSON Schema, for editors. */
function schemaFrom(folder: string): string {
  return relative(folder, join(PACKAGE_FOLDER, 'scenarios/scenario.schema.json')).split(sep).join('/');
}

function recordingLines(capture: string, { client, output, files, open, allowRoot }: Recording): string[] {
  const pxewright = shellLine(pxewrightCommand(process.cwd()));
  const allowed = allowRoot === undefined ? [] : ['--allow-root', allowRoot];
  const placeholders = files?.written.filter(({ isPlaceholder }) => isPlaceholder) ?? [];
  return [
    `${output}: the boot of ${client.mac}${client.why === undefined ? '' : `, ${client.verdict}: ${printable(client.why)}`}`,
    ...(files?.written ?? []).map(
      ({ path, bytes, isPlaceholder }) =>
        `  ${join(files?.folder ?? '', path)}  ${byteCount(bytes)}  ${isPlaceholder ? 'placeholder' : 'from the capture'}`,
    ),
    ...(placeholders.length === 0
      ? []
      : [
          `  ${plural(placeholders.length, 'placeholder')}: put the real ${placeholders.length === 1 ? 'file' : 'files'} there, or record again with --root FOLDER or --contents`,
        ]),
    ...(open.length === 0 ? [] : ['', 'To fill in, or to know:', ...open.map((note) => `- ${printable(note, 500)}`)]),
    '',
    'Next:',
    `  ${pxewright} ${shellLine(['validate', output, ...allowed])}`,
    `  ${pxewright} ${shellLine(['run', output, ...allowed])}`,
    `  ${pxewright} ${shellLine(['compare', capture, 'reports/runs/latest'])}`,
  ];
}
