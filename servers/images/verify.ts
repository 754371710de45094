import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { WINDOWS_ARCHITECTURE_NAMES } from '../../harness/protocols/wim/wire/architectures.ts';
import { EXIT } from '../service/exit-codes.ts';
import { verifyWim, type VerifiedWim, type VerifyOptions } from './wim/verify-wim.ts';
import { whatToDo } from './wim/problem.ts';

const NAMES = WINDOWS_ARCHITECTURE_NAMES.join(', ');

const HELP = `usage: pxewright images verify [--json] [--quick] [--architecture NAME] FILE|FOLDER…

Checks Windows image files (.wim, .swm, .esd, and Res.rwm of a WDS image group) before a client reads them:
  the header and its tables lie within the file; the list of images can be read and has as many as the header says;
  the integrity table's hashes, chunk by chunk; every resource lies within the file and has the SHA-1 that the table gives it
  (compressed ones are unpacked by wimlib-imagex); the parts of a set are there and belong together;
  boot images lie in the folder of their own architecture (Boot\\x64\\… for x64).

  --json               one JSON document on standard output: { schema, files: [ { file, bytes, images, problems } ] }
  --quick              only header, tables and list, not the content
  --architecture NAME  architecture that all images must have: ${NAMES}

Each problem has a stable name (wim-truncated, wim-integrity-mismatch, …), where it is, what was expected and found, what to do.
Exit: 0 no problems, 1 problems found, 3 unusable input.
`;

const IMAGE_NAME = /\.(wim|swm|esd|rwm)$/i;

process.exitCode = await main(process.argv.slice(2));

async function main(argv: string[]): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        quick: { type: 'boolean', default: false },
        architecture: { type: 'string' },
        help: { type: 'boolean' },
      },
    });
    if (values.help) {
      process.stdout.write(HELP);
      return EXIT.passed;
    }
    const { json, quick, architecture } = values;
    if (architecture !== undefined && !WINDOWS_ARCHITECTURE_NAMES.some((name) => name === architecture))
      throw new Error(`--architecture: expected one of ${NAMES}, got ${JSON.stringify(architecture)}`);
    if (positionals.length === 0) throw new Error('expected image files or folders, got none');
    return await verifyAll(await imageFiles(positionals), { quick, architecture }, json);
  } catch (error) {
    process.stderr.write(`images verify: ${error instanceof Error ? error.message : String(error)}; --help explains\n`);
    return EXIT.unusableInput;
  }
}

async function verifyAll(files: readonly string[], options: VerifyOptions, json: boolean): Promise<number> {
  const results: VerifiedWim[] = [];
  for (const file of files) {
    const result = await verifyWim(file, { ...options, ...progressOf(file) });
    results.push(result);
    if (!json) process.stdout.write(described(result));
  }
  const bad = results.filter(({ problems }) => problems.length > 0).length;
  if (json) process.stdout.write(`${JSON.stringify({ schema: 1, files: results.map(withAdvice) }, undefined, 2)}\n`);
  else
    process.stdout.write(
      bad === 0
        ? `no problems in ${results.length} image file${results.length === 1 ? '' : 's'}\n`
        : `problems in ${bad} of ${results.length} image file${results.length === 1 ? '' : 's'}\n`,
    );
  return bad === 0 ? EXIT.passed : EXIT.failed;
}

function withAdvice(result: VerifiedWim): object {
  return { ...result, problems: result.problems.map((one) => ({ ...one, whatToDo: whatToDo(one.problem) })) };
}

function described({ file, bytes, images, part, problems }: VerifiedWim): string {
  const names = images.map(({ name, index }) => name || `image ${index}`).join(', ');
  const facts = [`${(bytes / 2 ** 20).toFixed(1)} MiB`, names || 'no images', ...(part === '' ? [] : [part])].join(
    ' · ',
  );
  const lines = problems.map(
    ({ problem, offset, expected, got }) =>
      `      ${problem}${offset === undefined ? '' : ` at offset ${offset}`}: expected ${expected}, got ${got}\n        ${whatToDo(problem)}\n`,
  );
  return `${problems.length === 0 ? 'ok ' : 'BAD'}   ${file}  ${facts}\n${lines.join('')}`;
}

/** Every image file among the named paths, in order; a folder without one is an error. */
async function imageFiles(names: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const name of names) {
    const found = await stat(name).catch(() => undefined);
    if (!found) throw new Error(`${name}: expected an image file or folder, got nothing of that name`);
    if (!found.isDirectory()) {
      files.push(name);
      continue;
    }
    const inside = (await readdir(name, { recursive: true })).filter((entry) => IMAGE_NAME.test(entry)).toSorted();
    if (inside.length === 0)
      throw new Error(`${name}: expected image files (.wim, .swm, .esd, .rwm) in this folder, got none`);
    files.push(...inside.map((entry) => path.join(name, entry)));
  }
  return [...new Set(files)];
}

/** A progress line, for a person who watches. */
function progressOf(file: string): Pick<VerifyOptions, 'onProgress'> {
  if (!process.stderr.isTTY) return {};
  let last = -1;
  return {
    onProgress: (bytes, total) => {
      const percent = Math.min(100, Math.floor((bytes / total) * 100));
      if (percent === last) return;
      last = percent;
      process.stderr.write(`\r${file} ${percent} %${percent === 100 ? '\r\u001b[K' : ''}`);
    },
  };
}
