import type { Credential } from './credential.ts';
import type { FileWatch } from './file-watch.ts';

/** Facts for the observers of a capture that the capture alone does not show. */
export interface ObserverSettings {
  /** Users whose sealed messages are to be read, and their passwords. */
  readonly credentials: readonly Credential[];
  /** Nobody can vouch for the capture: what happened may not be in it. */
  readonly isDoubtful: boolean;
}

/**
 * One client of a capture, as the observers of its conversations know it: who it is, where its events go, and what its
 * conversations share. `E`: the events that the observer raises.
 */
export interface ObservedClient<E> {
  /** Who it is, as its events say (`Seen.client`). */
  readonly mac: string;
  readonly emit: (event: E) => void;
  readonly settings: ObserverSettings;
  /** Looks into the files that the client reads and writes. */
  readonly files: FileWatch;
  /** What the client's conversations share of this kind, made when one of them first asks for it. */
  shared<T extends object>(kind: new () => T): T;
}
