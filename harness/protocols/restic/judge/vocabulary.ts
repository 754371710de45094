import type { Causes, DetailWords, Steps, Waits } from '../../base/judge/vocabulary.ts';
import { RESTIC_TYPES } from '../wire/codec.ts';

const STORE = { server: 'string', repository: ['string', 'path of the repository, where it has one'] } as const;
const SNAPSHOT = ['string', 'SHA-256 of the snapshot'] as const satisfies DetailWords;

/** The words of this room. */
export const RESTIC = {
  steps: {
    'restic.init': { about: 'a repository was made: its key and its configuration are there', details: STORE },
    'restic.open': {
      about: 'restic read the configuration, so that a key was opened with the password; every command opens the store',
      details: { ...STORE, port: 'number', keys: ['number', 'keys that were tried'] },
    },
    'restic.lock': {
      about: 'restic placed its lock, looked for others once more, and went on',
      details: { ...STORE, lock: ['string', 'SHA-256 of the lock'], others: ['number', 'locks beside it'] },
    },
    'restic.backup': {
      about:
        'a snapshot was written after all packs that it may name; one for each partition, and one for the manifest',
      details: {
        ...STORE,
        snapshot: SNAPSHOT,
        packs: ['number', 'packs that were stored for it'],
        bytes: ['number', 'bytes of these packs'],
      },
    },
    'restic.restore': {
      about: 'contents of packs were read, all that was asked for',
      details: {
        ...STORE,
        snapshot: ['string', 'SHA-256 of the snapshot, where only one was read'],
        ranges: ['number', 'parts of packs that were read'],
        bytes: 'number',
        pack: ['string', 'the pack that is missing, truncated or damaged'],
      },
    },
    'restic.list': {
      about: 'the list of snapshots was read and no pack',
      details: { ...STORE, snapshots: ['number', 'snapshots that the store has'] },
    },
    'restic.check': {
      about:
        'the packs of the store were listed and compared with its index; with --read-data their contents were read',
      details: {
        ...STORE,
        packs: ['number', 'packs that the store has'],
        ranges: ['number', 'packs, and parts of packs, that were read'],
        bytes: ['number', 'bytes that were read'],
        pack: ['string', 'the pack that is missing, truncated or damaged'],
      },
    },
    'restic.forget': {
      about: 'snapshots were removed; their packs stay until restic.prune',
      details: { ...STORE, snapshots: ['number', 'snapshots that were removed'] },
    },
    'restic.prune': {
      about: 'packs that no snapshot needs were removed',
      details: {
        ...STORE,
        packs: ['number', 'packs that were removed'],
        bytes: ['number', 'bytes that were written anew, of packs of which a part is needed'],
      },
    },
    'restic.unlock': {
      about: 'a stale lock of another process was removed',
      details: { ...STORE, lock: ['string', 'SHA-256 of the lock'] },
    },
    'restic.error': {
      about: 'the store refused a request, or its connection ended; restic may try again',
      details: {
        ...STORE,
        action: ['string', 'what was asked', ['create', 'list', 'stat', 'load', 'save', 'remove']],
        kind: ['string', 'of which kind of object', [...RESTIC_TYPES, 'config', 'repository']],
        id: ['string', 'SHA-256 of the object'],
        status: ['number', 'status of HTTP; absent without an answer'],
      },
      only: 'recorded',
      expectable: true,
    },
  },
  causes: {
    'store-unreachable': {
      why: 'the backup store does not accept the connection, or ends it: see whether it runs, and on that port',
    },
    'store-silent': {
      why: 'the backup store took the request and did not answer: look at its log and its disk',
    },
    'store-no-repository': {
      why: 'there is no repository at this path of the backup store: make one (restic init), or correct the path',
    },
    'store-exists': { why: 'the repository is there already: restic init makes a new one only' },
    'store-wrong-password': {
      why: 'restic read the keys and could open none: the password of the repository is wrong, or of another store',
      lacks: 'earlier-message',
    },
    'store-access-denied': {
      why: 'the backup store’s web server refuses this user: check user, password and, with private repositories, the path',
    },
    'store-locked': {
      why: 'another process holds a lock that excludes this one (check, prune and forget need the store alone): wait for it, or remove the lock of one that is gone (restic unlock)',
      lacks: 'earlier-message',
    },
    'store-full': {
      why: 'the backup store has no room: remove old backups (restic forget, restic prune), or enlarge its disk or its capacity',
    },
    'pack-there-already': {
      why: 'the backup store has the pack already: its answer to the first try was lost when it went away, and restic gives up; started again, it saves the same under another name',
    },
    'store-append-only': { why: 'the backup store lets nobody remove anything: it runs append-only' },
    'store-refused': { why: 'the backup store refused the request: its log says why' },
    'store-client-gone': {
      why: 'restic ended in the middle of its work: it was interrupted or killed, or its machine was switched off or lost its network; a lock that it did not give back stays until restic unlock',
      lacks: 'earlier-message',
    },
    'backup-given-up': {
      why: 'restic removed its lock and had written no snapshot: what it saved ended with an error, or it was interrupted; packs that came are removed by restic prune',
      lacks: 'earlier-message',
    },
    'backup-incomplete': {
      why: 'the snapshot was written although the store had refused a pack that it may name, or had not answered for it: restore it to see what it lacks',
      lacks: 'earlier-message',
    },
    'pack-missing': {
      why: 'the backup store lacks a pack that its index names: what it held is lost, unless another copy of the store has it',
    },
    'pack-truncated': {
      why: 'a pack is shorter than its index says: it was cut in the store, which restic check shows; what lies behind is lost',
    },
    'pack-damaged': {
      why: 'restic asked for the same part of a pack again when it had just come, which it does when the content is not what its hash says: the pack was changed in the store (restic check --read-data names it)',
    },
    'index-missing': {
      why: 'the backup store lacks an index that it listed, or has snapshots and none at all: restic repair index makes it anew',
    },
    'snapshot-missing': { why: 'the backup store lacks a snapshot that was asked for: it was removed meanwhile' },
  },
  waits: {
    restic: { ms: 60_000, about: 'An answer of a backup store, without the content of packs.' },
    'restic-pack': {
      ms: 90_000,
      about:
        'The next bytes of a pack, and then the answer of the backup store: a pack has 16 MiB, and on a slow link five share it.',
    },
    'restic-key': {
      ms: 60_000,
      about:
        'From a key to the configuration, or to a new key: scrypt lasts as long as the machine that made the store took for 0.5 s, under TCG 5 s, and once for each key.',
    },
    'restic-client': {
      ms: 360_000,
      about: 'The next request of a run that holds a lock: restic writes its lock anew every five minutes.',
    },
    'restic-again': {
      ms: 60_000,
      about:
        'The next request of a run that has ended its only connection: scrypt may lie between the two (`restic-key`).',
    },
    'restic-retry': {
      ms: 180_000,
      about:
        'Until a refused request succeeds, or another run follows. restic tries for 15 minutes, further and further apart; its caller may end it before.',
    },
  },
} as const satisfies { readonly steps: Steps; readonly causes: Causes; readonly waits: Waits };

/** A cause that this room knows. */
export type ResticCause = keyof typeof RESTIC.causes;
