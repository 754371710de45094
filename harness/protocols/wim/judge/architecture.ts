import type { WimEvent } from '../observe/events.ts';
import { firmwareOf, processorOf } from '../../dhcp/wire/architectures.ts';
import { bootFolderArchitecture, windowsArchitectureName } from '../wire/architectures.ts';
import type { Breach } from '../../base/judge/step.ts';
import type { WIM } from './vocabulary.ts';

/**
 * Architectures of images that a client can run, by its option 93; undefined where that is not known. A BIOS says x86
 * whether or not its processor has 64 bits; Windows on UEFI must have the firmware's own width.
 */
function runnableBy(client: number | undefined): readonly string[] | undefined {
  const processor = client === undefined ? undefined : processorOf(client);
  if (client === undefined || processor === undefined) return undefined;
  return firmwareOf(client) === 'bios' ? [processor, 'x64'] : [processor];
}

/**
 * An image for another processor than its folder (`Boot\\x64\\…`) or its client; undefined where one of them is not
 * known.
 */
export function architectureBreach(
  { path, images }: Pick<Extract<WimEvent, { readonly type: 'wim.tail' }>, 'path' | 'images'>,
  client: number | undefined,
): Breach<keyof typeof WIM.causes> | undefined {
  const folder = bootFolderArchitecture(path);
  const runs = runnableBy(client);
  const known = images.flatMap(({ name, architecture }) =>
    architecture === undefined ? [] : [{ name, architecture: windowsArchitectureName(architecture) }],
  );
  const misplaced = folder === undefined ? undefined : known.find((image) => image.architecture !== folder);
  if (misplaced)
    return {
      expected: `an image for ${folder ?? ''}, as its folder says`,
      actual: `“${misplaced.name}” is for ${misplaced.architecture}`,
      cause: 'image-wrong-architecture',
    };
  // A client that lists a file of several images takes one that it can run.
  const [first] = known;
  if (!runs || !first || known.length < images.length || known.some(({ architecture }) => runs.includes(architecture)))
    return undefined;
  return {
    expected: `an image for ${runs.join(' or ')}, which this client runs (option 93 says ${client ?? ''})`,
    actual: `“${first.name}” is for ${first.architecture}`,
    cause: 'image-wrong-architecture',
  };
}
