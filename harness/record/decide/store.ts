import { filesOfBundle } from '../../../vm-images/bundle-contents.ts';
import { treePath } from '../../scenario/trees.ts';
import { WDS_CONTROL_PORT } from '../../protocols/wds/wire/ports.ts';
import { seen, told, type Commented, type CommentedMap } from '../commented.ts';
import type { Fact } from '../facts/fact.ts';
import type { Account } from '../facts/share.ts';
import type { Decision } from './decision.ts';
import { directoryPrograms } from './directory-programs.ts';
import { misbehaveKey } from './dhcp.ts';
import { earlierOf, sameImage, type Earlier } from './earlier-clients.ts';
import type { Sources } from './file-services.ts';
import { imageDamage } from './image-damage.ts';

/** Image store, accounts and control service, and what the client does with them. */
export interface StoreDecision {
  readonly authentication?: CommentedMap;
  readonly images?: Commented;
  readonly control?: CommentedMap;
  /** Files of the share that the recorder writes: path below it, and size. */
  readonly written: readonly { readonly place: string; readonly size: number; readonly frame: number }[];
  readonly agent?: CommentedMap;
  readonly deploysAs?: CommentedMap;
  readonly disk?: Commented;
  /** Only of a lab's own capture. */
  readonly earlier?: Earlier;
}

/** No capture shows a password. Server and client of the lab take it from the scenario, so that any one serves. */
const PASSWORD = told('Of-the-lab.1', 'no capture shows one; any gives the same steps');
const WRONG_PASSWORD = told('Another-one.2', 'not the account’s own');
const DISK = told('2GiB', 'no capture shows it');
const NETBIOS = /^[A-Za-z0-9][A-Za-z0-9-]{0,14}$/;

/** What the lab's client is: a VM, or a program that plays a ROM, or that plays wdsnbp and the deployment client. */
export type ClientKind = 'machine' | 'rom' | 'wdsnbp';

/**
 * A VM whose boot image has no driver for its network card never comes to a store. Without one in the scenario the image
 * waits at a shell, and would not go the way that it went.
 */
export function unreachedStore(): StoreDecision {
  return { images: told({}, 'never reached: the boot image has no driver'), disk: DISK, written: [] };
}

/** `endsBefore`: the story ends before all of the capture is told, with what the client of that kind can do. */
export function storeOf(decision: Decision, sources: Sources, kind: ClientKind, endsBefore: boolean): StoreDecision {
  if (kind === 'rom' || (kind === 'machine' && endsBefore)) return { written: [] };
  return kind === 'machine' ? mountedStore(decision, sources) : askedStore(decision, sources);
}

/** A VM mounts the share, and installs an image of it. */
function mountedStore(decision: Decision, sources: Sources): StoreDecision {
  const { share } = decision.facts;
  const [account] = share.accounts;
  const earlier = sources.ofLab ? earlierOf(decision, BUNDLED) : {};
  if (share.written !== undefined && earlier.captures === undefined)
    decision.open(
      `clients: frame ${share.written.frame} writes to the share, as a client does that captures its disk; that of the scenario's client is empty, so that this boot may part there`,
    );
  const images = storeHost(share) === undefined ? undefined : imagesService(decision, sources, earlier);
  const asksControl = isControlAsked(decision);
  return {
    ...(images !== undefined || asksControl ? { authentication: accounts(decision, sources) } : {}),
    ...(images === undefined ? {} : { images: images.keys }),
    ...(asksControl ? { control: controlService(decision) } : {}),
    written: images?.written ?? [],
    ...(account === undefined || images === undefined
      ? {}
      : {
          agent: agentOf(decision, logonOf(decision, account), earlier),
          ...(earlier.captures === undefined ? { disk: DISK } : {}),
          earlier,
        }),
  };
}

/** The file server; of a client that got no ticket for one, the domain controller, which serves the images in a lab. */
const storeHost = ({ server, kdc }: Decision['facts']['share']): Fact<string> | undefined => server ?? kdc;

/** The deployment client asks the control service. */
function askedStore(decision: Decision, sources: Sources): StoreDecision {
  const { facts, failure } = decision;
  const [account] = facts.share.accounts;
  const asks = isControlAsked(decision);
  if (!asks && failure?.cause !== 'control-service-unreachable') return { written: [] };
  return {
    authentication: accounts(decision, sources),
    ...(asks ? { images: listedImages(decision), control: controlService(decision) } : {}),
    written: [],
    deploysAs:
      account === undefined ? { user: told(NOBODY, 'no frame shows who would log on') } : logonOf(decision, account),
  };
}

const isControlAsked = ({ facts: { share } }: Decision): boolean =>
  share.control !== undefined || share.endpointMapper !== undefined;

/** Stands where no logon is in the capture. */
const NOBODY = 'somebody';

/** What the control service knows of the store, where nobody mounts it: a client expects that it lists images. */
function listedImages(decision: Decision): CommentedMap {
  return {
    share: told('REMINST', 'nobody mounts it here; the control service lists its images'),
    ...filesKey(answerFiles(decision)),
  };
}

const filesKey = (files: CommentedMap): CommentedMap => (Object.keys(files).length === 0 ? {} : { files });

/** The answer file that the control service gave the client. */
function answerFiles(decision: Decision): CommentedMap {
  const { answerFile } = decision.facts.share;
  return answerFile === undefined ? {} : { [ANSWER_FILE]: answerText(decision, answerFile.frame) };
}

/** Where the scenario has the answer file that the control service gave the client. */
export const ANSWER_FILE = 'WdsClientUnattend\\pc.xml';
const EMPTY_ANSWERS = '<?xml version="1.0"?><unattend xmlns="urn:schemas-microsoft-com:unattend"/>';
const NO_ANSWERS = 'no answer file';

/** A client that reports an error before it logs on, having asked for nothing else, cannot use the file that it got. */
function answerText({ facts, failure }: Decision, frame: number): Commented {
  return failure?.cause === 'client-reported-error' && facts.share.accounts.length === 0
    ? seen(
        { text: NO_ANSWERS },
        [frame, ...failure.frames],
        'the client gets it, and reports an error: here it is none',
      )
    : seen({ text: EMPTY_ANSWERS }, frame, 'to fill in: an empty answer file');
}

function accounts({ facts, failure, open }: Decision, { ofLab }: Sources): CommentedMap {
  const all = facts.share.accounts;
  if (all.length === 0)
    return {
      users: [{ name: told(NOBODY, 'no frame shows who would log on'), password: PASSWORD }],
    };
  const [one] = all;
  const domain = one?.domain.split('.')[0]?.toUpperCase() ?? '';
  open(
    `services.authentication: no capture shows the password of ${all.map(({ user }) => user).join(', ')}; clients and servers of the lab agree on one of their own`,
  );
  const isKnown = failure?.cause !== 'unknown-user';
  const directory = directoryKind({ facts, failure }, ofLab);
  const realm = all.find((account) => account.kerberos && REALM.test(account.domain.toLowerCase()));
  return {
    kind: directory ?? 'standalone',
    ...(NETBIOS.test(domain) ? { domain: seen(domain, one?.frame ?? 0) } : {}),
    ...(realm === undefined ? {} : { realm: seen(realm.domain.toLowerCase(), realm.frame) }),
    users: all.map((account, index) => ({
      name: seen(
        isKnown || index > 0 ? account.user : 'somebody-else',
        account.frame,
        isKnown ? '' : `not ${account.user}, whom the server does not know`,
      ),
      password: PASSWORD,
      ...(failure?.cause === 'account-locked' ? { locked: true } : {}),
      ...(failure?.cause === 'password-expired' ? { expired: true } : {}),
    })),
  };
}

const REALM = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/;
/** What only a domain controller says of an account. */
const OF_DIRECTORY: ReadonlySet<string> = new Set(['account-locked', 'password-expired']);
/** `kind` of accounts in a domain, with what shows it; undefined where a file server of its own may know them. */
function directoryKind({ facts, failure }: Pick<Decision, 'facts' | 'failure'>, ofLab: boolean): Commented | undefined {
  const KIND = 'active-directory';
  const kerberos = facts.share.accounts.find((account) => account.kerberos);
  if (kerberos !== undefined) return seen(KIND, kerberos.frame, 'logs on by Kerberos');
  if (failure !== undefined && OF_DIRECTORY.has(failure.cause ?? ''))
    return seen(KIND, failure.frames, `${failure.cause ?? ''}: only a domain has such accounts`);
  const image = ofLab ? directoryPrograms(facts) : undefined;
  return image && seen(KIND, image.frame, "loads the lab's programs for a domain");
}

/** Without the password a judge cannot tell a wrong one from a user who lacks permission; nobody knows that of a stranger. */
const REFUSED_LOGON: ReadonlySet<string> = new Set(['wrong-password', 'rpc-access-denied', 'unknown-user']);

function logonOf({ failure }: Decision, { user, frame, kerberos }: Account): CommentedMap {
  return {
    user: seen(user, frame),
    ...(failure !== undefined && REFUSED_LOGON.has(failure.cause ?? '') ? { password: WRONG_PASSWORD } : {}),
    ...(kerberos ? { authentication: 'kerberos' } : {}),
  };
}

function agentOf({ facts, failure }: Decision, logon: CommentedMap, { captures }: Earlier): CommentedMap {
  if (captures !== undefined) return { mode: 'capture', image: seen(captures.value, captures.frame), logon };
  const missing = failure?.cause === 'image-missing' ? failure.detail?.['path'] : undefined;
  const image =
    typeof missing === 'string' && failure !== undefined
      ? { value: missing, frame: failure.frames[0] ?? 0 }
      : facts.share.images.find(({ value }) => /^images\\/i.test(value));
  return { ...(image === undefined ? {} : { image: seen(image.value, image.frame) }), logon };
}

/** `Images\group\file.wim`. */
const IN_GROUP = /^images\\([^\\]+)\\([^\\]+\.wim)$/i;
const STORE_BUNDLES = ['reminst', 'images/linux-sample', 'images/linux-group', 'images/linux-arm64'];
/** Files of a lab's store, as the wire has them, lower case. */
const BUNDLED: ReadonlySet<string> = new Set(
  STORE_BUNDLES.flatMap((bundle) => filesOfBundle(bundle) ?? []).map((path) =>
    path.replaceAll('/', '\\').toLowerCase(),
  ),
);

function imagesService(
  decision: Decision,
  { folder, ofLab }: Sources,
  { captures, captured }: Earlier,
): { readonly keys: CommentedMap; readonly written: StoreDecision['written'] } {
  const { facts, network, failure, open } = decision;
  const { share } = facts;
  const host = storeHost(share);
  const [name] = share.shares;
  const opened = [...share.opened.values()].filter(({ share: of }) => of.toLowerCase() === name?.value.toLowerCase());
  // What a client of the scenario writes is not there before.
  const isMade = (path: string): boolean =>
    [captures, captured].some((made) => made !== undefined && sameImage(made.value, path));
  const own = opened.filter(({ path }) => !isMade(path) && !(ofLab && BUNDLED.has(path.toLowerCase())));
  const images = [
    ...new Map(
      [...share.images.map(({ value }) => value), ...opened.map(({ path }) => path)]
        .filter((path) => !isMade(path))
        .flatMap((path) => {
          const [, group = '', file = ''] = IN_GROUP.exec(path) ?? [];
          return group === '' ? [] : [[path.toLowerCase(), { group, file }] as const];
        }),
    ).values(),
  ];
  const groups = Object.fromEntries(
    [...Map.groupBy(images, ({ group }) => group)].map(([group, files]) => [group, files.map(({ file }) => file)]),
  );
  const isMissing = failure?.cause === 'share-missing';
  if (isMissing)
    open('services.images.share: the share that the client asked for is missing there; the lab has another');
  return {
    keys: {
      at: network.seenAt(host?.value ?? '', host?.frame ?? 0),
      ...(name === undefined
        ? {}
        : {
            share: isMissing
              ? told('OTHER', `not ${name.value}, which the server does not have`)
              : seen(name.value, name.frame),
          }),
      ...writableKeys(share.written ?? captured),
      ...(ofLab && failure?.cause === 'server-disk-full'
        ? { capacity: seen(NO_ROOM, failure.frames, 'full before the image is') }
        : {}),
      ...(ofLab || images.length === 0
        ? {}
        : { root: told(`${folder}/share`, 'to fill in: placeholders of the right size') }),
      ...(images.length === 0 ? {} : { groups }),
      ...(ofLab ? imageDamage(failure) : {}),
      ...filesKey({
        ...answerFiles(decision),
        ...(ofLab
          ? Object.fromEntries(
              own.map(({ path, frame, size }): [string, Commented] => [
                path,
                seen({ file: `${folder}/share/${treePath(path)}` }, frame, `${size} bytes, a placeholder`),
              ]),
            )
          : {}),
      }),
    },
    written: own.map(({ path, size, frame }) => ({ place: treePath(path), size, frame })),
  };
}

const writableKeys = (written: Fact<string> | undefined): CommentedMap =>
  written === undefined ? {} : { writable: seen(true, written.frame) };
/** The boot images of a lab's store take 32 MiB, its install image 48 MiB. */
const NO_ROOM = '96MiB';

function controlService({ facts, network, misbehaviours }: Decision): CommentedMap {
  const { control, endpointMapper } = facts.share;
  const port = control?.value.port ?? WDS_CONTROL_PORT;
  return {
    at: network.seenAt(control?.value.ip ?? '', control?.frame ?? 0),
    ...(port === WDS_CONTROL_PORT ? {} : { port: seen(port, control?.frame ?? 0) }),
    ...(endpointMapper === undefined ? { 'endpoint-mapper': told(false, 'nobody asks it') } : {}),
    ...misbehaveKey(misbehaviours.control ?? {}),
  };
}
