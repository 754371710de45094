import { constants, open, readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { BUNDLED_IMAGES } from '../../../vm-images/bundled-images.ts';
import { decodeWimHeader, WIM_HEADER_LENGTH } from '../../protocols/wim/wire/codec.ts';
import { decodeWimXml, WIM_XML_LIMIT } from '../../protocols/wim/wire/xml.ts';
import { failureOf } from '../client-order.ts';
import { imageChoice, type ImageChoice } from '../image-choice.ts';
import { suggest } from '../parsing/suggest.ts';
import type { Problem, ScenarioPath } from '../scenario-error.ts';
import type { Scenario } from '../scenario.ts';

interface ImageInFile {
  readonly index: number;
  readonly name: string;
}

/**
 * Images that a scenario chooses by index or name, against those that their files hold. A file that only the run will
 * make, by a capture, is not there to be read; a negative scenario may want an image that is not there.
 */
export async function checkImagesInFiles(scenario: Scenario): Promise<Problem[]> {
  const problems = await Promise.all(
    choices(scenario).map(async ({ path, choice }) => {
      const { file, index, name } = imageChoice(choice);
      if (index === undefined && name === undefined) return [];
      const images = await imagesIn(scenario, file);
      if (images === undefined || images.some((one) => (name === undefined ? one.index === index : one.name === name)))
        return [];
      return [unknownImage(path, file, name ?? index ?? 1, images)];
    }),
  );
  return problems.flat();
}

function choices(scenario: Scenario): { path: ScenarioPath; choice: ImageChoice }[] {
  const compared = (after: Scenario['after'], path: ScenarioPath) => {
    const choice = after?.['compare-disk-with'];
    return choice === undefined || (typeof choice === 'object' && 'client' in choice)
      ? []
      : [{ path: [...path, 'after', 'compare-disk-with'], choice }];
  };
  const ofClients = scenario.clients.flatMap((client, position) => {
    const path = ['clients', position];
    const negative = failureOf(client, scenario) !== undefined;
    const image = client.agent?.image;
    return [
      ...(image === undefined || negative ? [] : [{ path: [...path, 'agent', 'image'], choice: image }]),
      ...compared(client.after, path),
    ];
  });
  return [...ofClients, ...compared(scenario.after, [])];
}

function unknownImage(
  path: ScenarioPath,
  file: string,
  wanted: string | number,
  images: readonly ImageInFile[],
): Problem {
  const key = typeof wanted === 'number' ? 'index' : 'name';
  const names = images.map(({ name }) => name);
  const meant = typeof wanted === 'number' ? undefined : suggest(wanted, names);
  const list = images.map(({ index, name }) => `${index} ${JSON.stringify(name)}`).join(', ') || 'none';
  return {
    path: [...path, key],
    expected: `an image of ${file}`,
    got: JSON.stringify(wanted),
    known: key === 'name' ? names : images.map(({ index }) => String(index)),
    says: `there is no image ${JSON.stringify(wanted)} in ${file} (its images: ${list}${meant === undefined ? '' : `; did you mean ${JSON.stringify(meant)}?`})`,
  };
}

/** The images of a file below the share; undefined when there is no such file to read, which other checks tell. */
async function imagesIn(
  { services: { images }, source }: Scenario,
  file: string,
): Promise<readonly ImageInFile[] | undefined> {
  const wanted = comparable(file);
  const added = Object.entries(images?.files ?? {}).find(([path]) => comparable(path) === wanted)?.[1];
  if (added !== undefined) return 'file' in added ? readImages(resolve(source.folder, added.file)) : undefined;
  if (images?.root === undefined) {
    const bundled = Object.entries(BUNDLED_IMAGES).find(([path]) => comparable(path) === wanted)?.[1];
    return bundled === undefined ? undefined : [{ index: 1, name: bundled }];
  }
  const found = await findInAnyCase(resolve(source.folder, images.root), wanted.split('/'));
  return found === undefined ? undefined : readImages(found);
}

const comparable = (path: string): string => path.replaceAll('\\', '/').replace(/^\/+/, '').toLowerCase();

async function findInAnyCase(folder: string, [name, ...rest]: readonly string[]): Promise<string | undefined> {
  if (name === undefined) return folder;
  const names = await readdir(folder).catch((): string[] => []);
  const same = names.find((other) => other.toLowerCase() === name);
  return same === undefined ? undefined : findInAnyCase(resolve(folder, same), rest);
}

/** The images that a WIM file lists; none for a file that is no WIM, undefined for one that cannot be read. */
async function readImages(file: string): Promise<readonly ImageInFile[] | undefined> {
  try {
    // A FIFO is not waited for; the services refuse it.
    await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!(await handle.stat()).isFile()) return [];
    const read = async (length: number, at: number): Promise<Uint8Array> => {
      const { buffer, bytesRead } = await handle.read(new Uint8Array(length), 0, length, at);
      return buffer.subarray(0, bytesRead);
    };
    const header = decodeWimHeader(await read(WIM_HEADER_LENGTH, 0));
    if (header.kind !== 'wim' || header.xml.size > WIM_XML_LIMIT) return [];
    const listed = decodeWimXml(await read(header.xml.size, header.xml.offset));
    return Array.isArray(listed) ? listed : [];
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}
