import { execa } from 'execa';
import { programFile } from '../../servers/service/program-file.ts';
import { EXIT } from './exit-codes.ts';
import { bundlesOf, setUp } from './set-up.ts';

const PROGRAM = programFile(import.meta.filename, '../../servers/images/verify');
/** What is verified when nothing is named: the image files that the labs serve. */
const IMAGE_BUNDLES = ['reminst', 'images/linux-sample', 'images/linux-group'];

export interface ImagesVerifyOptions {
  readonly json?: boolean;
  readonly quick?: boolean;
  readonly architecture?: string;
}

/** `pxewright images verify`: the image server's own check, as a program of its own. */
export async function imagesVerifyCommand(
  paths: readonly string[],
  { json, quick, architecture }: ImagesVerifyOptions,
): Promise<number> {
  const files = paths.length > 0 ? paths : await bundledImages();
  const flags = [
    ...(json ? ['--json'] : []),
    ...(quick ? ['--quick'] : []),
    ...(architecture === undefined ? [] : ['--architecture', architecture]),
  ];
  const { exitCode } = await execa(process.execPath, [PROGRAM, ...flags, '--', ...files], {
    stdio: 'inherit',
    reject: false,
  });
  return exitCode ?? EXIT.labError;
}

async function bundledImages(): Promise<readonly string[]> {
  await setUp('run');
  const bundles = await bundlesOf(IMAGE_BUNDLES);
  return [...bundles.values()].map(({ folder }) => folder);
}
