import { bootsAgent } from '../../scenario/bundles.ts';
import { treePath } from '../../scenario/trees.ts';
import { isProbeName } from '../../protocols/base/judge/path-names.ts';
import { HTTP_PORT } from '../../protocols/http/wire/ports.ts';
import type { FileService } from '../../scenario/defaults.ts';
import { seen, told, type Commented, type CommentedMap } from '../commented.ts';
import type { AskedFile } from '../facts/files.ts';
import { plural } from '../../../reports/text.ts';
import type { Decision } from './decision.ts';
import { misbehaveKey } from './dhcp.ts';
import { usableUrl } from './ipv6.ts';
import { filesOf, isAnswered, missingFrom, type ServerFile } from './file-tree.ts';
import { inBundle, packageIn, servedBundleOf, type ServedBundle } from './served-bundle.ts';

/** Where contents come from. */
export interface Sources {
  /** Folder beside the scenario that the recorder fills: `./NAME.files`. */
  readonly folder: string;
  /** `--root`: as the scenario names it, and the names of all files in it, lower case. */
  readonly root?: { readonly name: string; readonly files: ReadonlySet<string> } | undefined;
  /** The capture is a lab's own, whose servers have the bundles' files. */
  readonly ofLab: boolean;
  /** Where contents may be taken: whether the capture has all bytes of a file that came whole. */
  readonly hasBytes?: ((file: AskedFile) => boolean) | undefined;
}

/** A file that the recorder writes. */
export interface WrittenFile extends ServerFile {
  readonly service: FileService;
  /** Its bytes stand in the capture, and are taken from there. */
  readonly fromCapture: boolean;
}

/** A boot file service, and the files that it needs beside the scenario. */
export interface FileServiceDecision {
  readonly keys: CommentedMap;
  readonly written: readonly WrittenFile[];
  /** Its root is a folder beside the scenario. */
  readonly ownRoot: boolean;
  /** Its root is a bundle whose boot image has the agent. */
  readonly bootsAgent: boolean;
  /** That image has no driver for the client's network card. */
  readonly bootsMute: boolean;
  /** The capture has none of its answers. */
  readonly hidden: boolean;
  /** Whether the lab has the real content of a file, so that a client goes on with it as it did. */
  readonly isReal: (path: string) => boolean;
}

/** Size of a placeholder where no frame shows the file's. */
export const UNKNOWN_SIZE = 65_536;

/** `services.tftp` or `services.http`; undefined where the client met none. */
export function fileService(kind: FileService, decision: Decision, sources: Sources): FileServiceDecision | undefined {
  const { facts, network, open, misbehaviours, failure } = decision;
  const all = facts.files.files.filter(({ protocol }) => protocol === kind);
  const misbehave = misbehaviours[kind] ?? {};
  const named = namedFiles(kind, decision);
  const answered = all.find(isAnswered);
  // Nothing failed, so that somebody answered: a filter, or a place on the way, hid it.
  const hidden = answered === undefined && failure === undefined && all.length > 0;
  if (hidden)
    open(`services.${kind}: no frame shows an answer, and nothing failed: the capture seems to have only one side`);
  const answering = answered ?? (hidden || Object.keys(misbehave).length > 0 ? all[0] : undefined);
  // A URL names its server; of a name, only the client's request shows whom it asks.
  const namedHost =
    kind === 'http' || all.length === 0 ? named.find(({ host }) => host !== undefined)?.host : undefined;
  const server = answering?.server ?? namedHost;
  if (server === undefined) return undefined;
  const asked = all.filter((file) => file.server === server);
  for (const other of new Set(
    all.filter((file) => isAnswered(file) && file.server !== server).map((file) => file.server),
  ))
    open(`services.${kind}: ${other} has files, too; a scenario has one ${kind.toUpperCase()} server`);
  const unasked = named.filter(
    ({ place, host }) =>
      (host === undefined || host === server) && !asked.some(({ path }) => samePlace(treePath(path), place)),
  );
  const files = [...filesOf(asked, hidden), ...unasked];
  const bundle = sources.root === undefined && sources.ofLab ? servedBundleOf(files, facts) : undefined;
  const tree = treeKeys(kind, files, missingFrom(asked), bundle, sources);
  for (const { path, size, frame } of tree.written)
    if (size === undefined)
      open(`${sources.folder}/${kind}: no frame shows the size of ${JSON.stringify(path)} (frame ${frame})`);
  for (const { path, whole, fromCapture } of tree.written)
    if (sources.hasBytes && whole !== undefined && !fromCapture)
      open(
        `${sources.folder}/${kind}: the capture lacks bytes of ${JSON.stringify(path)}: its frames were cut, or its body is coded`,
      );
  const first = asked[0] ?? named[0];
  const port = first?.port ?? 0;
  return {
    keys: {
      at: network.seenAt(server, first?.frame ?? 0),
      ...(kind === 'http' && port !== HTTP_PORT ? { port: seen(port, first?.frame ?? 0) } : {}),
      ...tree.keys,
      ...(kind === 'tftp' ? termsKeys(asked) : {}),
      ...misbehaveKey({ ...omittedKey(asked), ...delayKey(asked), ...misbehave }),
    },
    written: tree.written,
    ownRoot: tree.ownRoot,
    bootsAgent: tree.bootsAgent,
    bootsMute: tree.bootsMute,
    hidden,
    isReal: tree.isReal,
  };
}

/** A file that a server told the client of: a URL with its host, or a name without. */
interface NamedServerFile extends ServerFile {
  readonly host: string | undefined;
  readonly port: number;
}

const URL_PARTS = /^(http|tftp):\/\/(?:(\d+\.\d+\.\d+\.\d+)|\[([0-9a-f:.]+)\])(?::(\d+))?\/([^?#]*)/i;

/** Files that DHCP and boot servers name: the client may never have come to ask for them. */
function namedFiles(kind: FileService, { facts: { dhcp, dhcpv6 } }: Decision): NamedServerFile[] {
  const named = [
    ...[...dhcp.servers.values(), ...dhcp.bootServers.values()].flatMap(({ files, programs }) => [
      ...files,
      ...programs,
    ]),
    ...[...dhcpv6.servers.values()].flatMap(({ files }) =>
      files.map((named) => ({ ...named, file: usableUrl(named.file) })),
    ),
  ];
  const all = named.flatMap(({ file, frame }): NamedServerFile[] => {
    const [, scheme = 'tftp', ipv4, ipv6, port, path = ''] = URL_PARTS.exec(file) ?? [];
    const host = ipv4 ?? ipv6;
    if (scheme.toLowerCase() !== kind || (host === undefined && file.includes('://'))) return [];
    // A request by HTTP names a path with its slash, one by TFTP without.
    const name = host === undefined ? file : scheme.toLowerCase() === 'http' ? `/${path}` : path;
    return [
      {
        path: name,
        place: treePath(name),
        size: undefined,
        frame,
        whole: undefined,
        host,
        port: Number(port ?? HTTP_PORT),
      },
    ];
  });
  return [...Map.groupBy(all, ({ place }) => place.toLowerCase()).values()].flatMap((same) => same.slice(0, 1));
}

const samePlace = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

interface TreeKeys extends Pick<FileServiceDecision, 'written' | 'ownRoot' | 'bootsAgent' | 'bootsMute' | 'isReal'> {
  readonly keys: CommentedMap;
}

function treeKeys(
  service: FileService,
  files: readonly ServerFile[],
  missing: readonly AskedFile[],
  bundle: ServedBundle | undefined,
  { folder, root, hasBytes }: Sources,
): TreeKeys {
  const has = (place: string): boolean =>
    root?.files.has(place.toLowerCase()) ??
    (bundle !== undefined && (inBundle(bundle.name, place) || packageIn(place) !== undefined));
  const fromCapture = ({ whole }: ServerFile): boolean => whole !== undefined && hasBytes?.(whole) === true;
  const written = files
    .filter(({ place }) => !has(place))
    .map((file): WrittenFile => ({ ...file, service, fromCapture: fromCapture(file) }));
  const isReal = (path: string): boolean =>
    has(treePath(path)) ||
    written.some((file) => file.fromCapture && file.place.toLowerCase() === treePath(path).toLowerCase());
  // What the bundle makes for each scenario is there under some of the names that boot programs try.
  const left = missing.filter(({ path }) => has(treePath(path)) && !isProbeName(path));
  const own = `${folder}/${service}`;
  const without = [...Map.groupBy(left, ({ path }) => path)].map(([path, same]) => seen(path, same[0]?.frame ?? 0));
  const keys: CommentedMap = {
    root:
      root === undefined && bundle === undefined
        ? told(own, rootComment(written))
        : told(root?.name ?? bundle?.name ?? own, root === undefined ? (bundle?.why ?? '') : '--root'),
    ...(bundle === undefined || bundle.packages.length === 0 ? {} : { 'driver-packages': bundle.packages }),
    ...((root !== undefined || bundle !== undefined) && written.length > 0
      ? {
          files: Object.fromEntries(
            written.map((file): [string, Commented] => [
              file.path,
              seen({ file: `${own}/${file.place}` }, file.frame, contentText(file)),
            ]),
          ),
        }
      : {}),
    ...(without.length === 0 ? {} : { without }),
  };
  return {
    keys,
    written,
    ownRoot: root === undefined && bundle === undefined,
    bootsAgent: bundle !== undefined && bootsAgent(bundle.name),
    bootsMute: bundle?.bootsMute ?? false,
    isReal,
  };
}

const contentText = ({ fromCapture, size }: WrittenFile): string =>
  `${size?.value ?? 'unknown'} bytes, ${fromCapture ? 'from the capture' : 'a placeholder'}`;

function rootComment(written: readonly WrittenFile[]): string {
  const placeholders = written.filter(({ fromCapture }) => !fromCapture).length;
  if (written.length === 0) return 'empty: the server had none of the files that it was asked for';
  return placeholders === 0
    ? 'files from the capture'
    : `to fill in: ${plural(placeholders, 'placeholder')} of the right size`;
}

const valueOf = (options: AskedFile['asked'] | undefined, name: string): number | undefined => {
  const text = options?.find((option) => option.name === name)?.value;
  return text === undefined ? undefined : Number(text);
};

/** What the server grants less than it was asked for, and whether it has but one port. */
function termsKeys(asked: readonly AskedFile[]): CommentedMap {
  const lowered = (name: string): Commented | undefined => {
    const file = asked.find(({ asked: wanted, granted }) => {
      const got = valueOf(granted?.value, name);
      return got !== undefined && got < (valueOf(wanted, name) ?? 0);
    });
    const got = valueOf(file?.granted?.value, name);
    return file?.granted === undefined || got === undefined ? undefined : seen(got, file.granted.frame);
  };
  const single = asked.find(({ answeredFromPort69 }) => answeredFromPort69);
  return {
    'max-blksize': lowered('blksize'),
    'max-windowsize': lowered('windowsize'),
    'single-port': single === undefined ? undefined : seen(true, single.frame, 'answered from port 69'),
  };
}

/** Options that the server knows nothing of: asked for, and never granted. */
const GRANTABLE = ['blksize', 'tsize', 'windowsize', 'timeout', 'msftwindow'];

function omittedKey(asked: readonly AskedFile[]): CommentedMap {
  const answered = asked.filter(
    ({ protocol, refused, whole, granted }) => protocol === 'tftp' && (whole ?? granted) && !refused,
  );
  const omitted = GRANTABLE.filter((name) => {
    const wanting = answered.filter((file) => file.asked.some((option) => option.name === name));
    return wanting.length > 0 && wanting.every(({ granted }) => !granted?.value.some((option) => option.name === name));
  });
  const frame = answered[0]?.granted?.frame ?? answered[0]?.frame ?? 0;
  return omitted.length === 0 ? {} : { 'oack-omit': seen(omitted, frame, 'asked for and not granted') };
}

/** No client notices a shorter wait. */
const NOTICEABLE_MS = 500;

function delayKey(asked: readonly AskedFile[]): CommentedMap {
  const delays = asked.flatMap(({ delayMs }) => delayMs ?? []);
  const [least] = delays.toSorted((a, b) => a.value - b.value);
  if (least === undefined || least.value < NOTICEABLE_MS) return {};
  return { delay: seen(`${Math.round(least.value / 100) * 100}ms`, least.frame, 'its shortest time to answer') };
}
