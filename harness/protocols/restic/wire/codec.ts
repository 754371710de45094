import { malformed, type Malformed } from '../../../packet/malformed.ts';
import { decodeText } from '../../../packet/text.ts';

// restic's REST backend, as its documentation has it (restic, “REST Backend”): a repository is a path of a web server,
// an object in it a type and the SHA-256 of its content.

/** Types of objects that have a list; `config` is one object without a name. */
export const RESTIC_TYPES = ['data', 'index', 'keys', 'locks', 'snapshots'] as const;
export type ResticType = (typeof RESTIC_TYPES)[number];

/** What a path names. */
export interface ResticTarget {
  /** Path of the repository, without slashes at its ends: empty, or the user's name with `--private-repos`. */
  readonly repository: string;
  readonly kind: ResticType | 'config' | 'repository';
  /** 64 digits; absent for a list, the configuration and the repository. */
  readonly id?: string;
  /** `?create=true`. */
  readonly create?: true;
}

/** What a request does to what its path names. */
export type ResticAction = 'create' | 'list' | 'stat' | 'load' | 'save' | 'remove';

/** Version of the REST API, by the media type of what a client accepts and of a list. */
export type ResticVersion = 1 | 2;

/** An object of a list; version 1 gives no sizes. */
export interface ResticEntry {
  readonly name: string;
  readonly bytes?: number;
}

/** Bytes of an object that a request asks for; without `last` all up to its end. */
export interface ResticRange {
  readonly first: number;
  readonly last?: number;
}

/** A list that a client of ours would read: 512 KiB hold the names of 5000 packs. */
export const RESTIC_LIST_LIMIT = 524_288;

/** A media type, up to its version. */
export const RESTIC_MEDIA_TYPE = 'application/vnd.x.restic.rest.v';
const ID = /^[0-9a-f]{64}$/;

/** What the target of a request names; undefined where it is none of this protocol. */
export function decodeResticTarget(target: string): ResticTarget | undefined {
  const [path, query] = splitAt(target, target.indexOf('?'));
  if (!path.startsWith('/')) return undefined;
  const create = query !== undefined && new URLSearchParams(query).get('create') === 'true';
  const parts = path.slice(1).split('/');
  const last = parts.at(-1) ?? '';
  const before = parts.at(-2) ?? '';
  const named = (kind: ResticTarget['kind'], of: number, id?: string): ResticTarget => ({
    repository: parts.slice(0, parts.length - of).join('/'),
    kind,
    ...(id === undefined ? {} : { id }),
  });
  if (create) return last === '' ? { ...named('repository', 1), create } : undefined;
  if (last === 'config') return named('config', 1);
  if (isType(before) && last === '') return named(before, 2);
  if (isType(before) && ID.test(last)) return named(before, 2, last);
  return undefined;
}

/** The path of a request: the reverse of `decodeResticTarget`. */
export function encodeResticTarget({ repository, kind, id = '', create }: ResticTarget): string {
  const path = repository === '' ? '/' : `/${repository}/`;
  if (kind === 'repository') return create ? `${path}?create=true` : path;
  return kind === 'config' ? `${path}config` : `${path}${kind}/${id}`;
}

/** What a method does to a target; undefined for what the REST backend does not know. */
export function resticAction(method: string, { kind, id, create }: ResticTarget): ResticAction | undefined {
  if (create) return method === 'POST' ? 'create' : undefined;
  if (kind === 'repository') return undefined;
  if (kind !== 'config' && id === undefined) return method === 'GET' ? 'list' : undefined;
  return ACTIONS[method];
}

const ACTIONS: Readonly<Record<string, ResticAction>> = { HEAD: 'stat', GET: 'load', POST: 'save', DELETE: 'remove' };

/** The version that an `Accept` or `Content-Type` header names; undefined where it names none. */
export function resticVersion(header: string | undefined): ResticVersion | undefined {
  const at = header?.indexOf(RESTIC_MEDIA_TYPE) ?? -1;
  const digit = header?.charAt(at + RESTIC_MEDIA_TYPE.length);
  return at < 0 || (digit !== '1' && digit !== '2') ? undefined : digit === '1' ? 1 : 2;
}

/** A `Range` of one piece, as restic writes it (RFC 9110 section 14.1.2); undefined for any other. */
export function decodeResticRange(header: string): ResticRange | undefined {
  const [, first, last] = /^bytes=(\d{1,15})-(\d{1,15})?$/.exec(header.trim()) ?? [];
  if (first === undefined || (last !== undefined && Number(last) < Number(first))) return undefined;
  return { first: Number(first), ...(last === undefined ? {} : { last: Number(last) }) };
}

/**
 * A list: names in version 1, names and sizes in version 2. `null` is an empty one, as Go writes a list that was never
 * begun.
 */
export function decodeResticList(bytes: Uint8Array, version: ResticVersion): readonly ResticEntry[] | Malformed {
  const list = parsed(bytes);
  if (list === null) return [];
  if (!Array.isArray(list)) return malformed('restic', 'expected a list of objects as JSON', bytes.slice(0, 64));
  const entries: ResticEntry[] = [];
  for (const [index, one] of (list as readonly unknown[]).entries()) {
    const entry = version === 1 ? nameOnly(one) : nameAndSize(one);
    if (!entry)
      return malformed('restic', `entry ${index} of the list is no object of version ${version}`, bytes.slice(0, 64));
    entries.push(entry);
  }
  return entries;
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decodeText(bytes));
  } catch {
    return undefined;
  }
}

function nameOnly(one: unknown): ResticEntry | undefined {
  return typeof one === 'string' && isName(one) ? { name: one } : undefined;
}

function nameAndSize(one: unknown): ResticEntry | undefined {
  if (typeof one !== 'object' || one === null || !('name' in one) || !('size' in one)) return undefined;
  const { name, size } = one;
  if (typeof name !== 'string' || !isName(name)) return undefined;
  return Number.isSafeInteger(size) && Number(size) >= 0 ? { name, bytes: Number(size) } : undefined;
}

// A list may hold what is no object: rest-server shows its temporary files.
const isName = (name: string): boolean => name !== '' && !name.includes('/');
const isType = (name: string): name is ResticType => (RESTIC_TYPES as readonly string[]).includes(name);
const splitAt = (text: string, at: number): [string, string | undefined] =>
  at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
