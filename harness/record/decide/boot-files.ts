import { ARCHITECTURES, architectureName } from '../../protocols/dhcp/wire/architectures.ts';
import { seen, type Commented, type CommentedMap } from '../commented.ts';
import type { NamedFile } from '../facts/dhcp.ts';
import type { LabNetwork } from './lab-network.ts';

/** Keys `bootfile`, `bootfiles` and `user-classes` of a service, from what a server named to whom. */
export function bootFileKeys(
  files: readonly NamedFile[],
  network: LabNetwork,
  open: (note: string) => void,
): CommentedMap {
  const plain = files.filter(({ userClass }) => userClass === undefined);
  const classed = files.filter(({ userClass }) => userClass !== undefined);
  // A ROM that is iPXE itself says so from the first question on: then its class tells nothing apart.
  const [common, special] = plain.length === 0 ? [classed, []] : [plain, classed];
  const written = (file: string): string => network.url(file);
  const others = special.filter(({ file }) => !common.some((one) => one.file === file));
  return {
    ...commonKeys(common, written, open),
    ...(others.length === 0 ? {} : { 'user-classes': userClassFiles(others, written) }),
  };
}

type Written = (file: string) => string;

function commonKeys(files: readonly NamedFile[], written: Written, open: (note: string) => void): CommentedMap {
  const [one, ...more] = distinct(files, ({ file }) => file);
  if (one === undefined) return {};
  const frames = files.filter(({ file }) => file === one.file).map(({ frame }) => frame);
  // UEFI HTTP boot takes what UEFI PXE boot, which comes first, cannot: it was for the one and not for the other.
  const isHttpBoot = files.every(({ architecture }) => architecture === ARCHITECTURES['uefi-x64-http']);
  if (more.length === 0 && isHttpBoot)
    return { bootfiles: { 'uefi-x64-http': seen(written(one.file), frames.slice(0, 1)) } };
  if (more.length === 0) return { bootfile: seen(written(one.file), frames.slice(0, 1)) };
  const byWord = distinct(files, ({ architecture }) => String(architecture)).flatMap(
    ({ architecture, file, frame }): [string, Commented][] => {
      const word = Object.entries(ARCHITECTURES).find(([, number]) => number === architecture)?.[0];
      return word === undefined ? [] : [[word, seen(written(file), frame)]];
    },
  );
  const told = new Set(distinct(files, ({ architecture }) => String(architecture)).map(({ file }) => file));
  for (const { file, architecture, frame } of more)
    if (!told.has(file))
      open(
        `services: the server named ${JSON.stringify(file)} (frame ${frame}) after ${JSON.stringify(one.file)} to the same architecture (${architecture === undefined ? 'unknown' : architectureName(architecture)}): a scenario can tell such rounds apart by a user class only`,
      );
  return byWord.length > 1
    ? { bootfiles: Object.fromEntries(byWord) }
    : { bootfile: seen(written(one.file), one.frame) };
}

function userClassFiles(files: readonly NamedFile[], written: Written): CommentedMap {
  return Object.fromEntries(
    distinct(files, ({ userClass }) => userClass ?? '').map(({ userClass = '', file, frame }) => [
      userClass,
      seen(written(file), frame),
    ]),
  );
}

/** The first item of each key. */
function distinct<T>(items: readonly T[], key: (item: T) => string): T[] {
  return [...Map.groupBy(items, key).values()].flatMap((same) => same.slice(0, 1));
}
