import type { FileDataSink } from './file-data-sink.ts';
import type { ConnectionSeen } from './seen.ts';
import type { Stamp } from './event-body.ts';

/** A file on a server, as a file protocol names it. */
export interface FileName {
  /** IP address of the server. */
  readonly server: string;
  readonly share: string;
  /** Relative to the share, as the client wrote it; empty for a file that was opened before the capture began. */
  readonly path: string;
}

/** A file that a client has opened. */
export interface FileOpened extends FileName {
  readonly fileId: string;
  /** 0 when the capture did not show the open. */
  readonly endOfFile: number;
}

/** What an event of the file protocol's connection carries when it is raised at a frame. */
export type SeenAt = (at: Stamp) => ConnectionSeen;

/** Looks into one open file. Positions are the file's own. */
export interface OpenFileWatch {
  /** `length` bytes are answered to a read at `offset` whose request was `requestFrame`. */
  read(offset: number, length: number, requestFrame: number, seen: SeenAt): FileDataSink;
  /** `length` bytes are written at `offset`; undefined when none of them matters. */
  write(offset: number, length: number, seen: SeenAt): FileDataSink | undefined;
  /** Nothing more will be read by this open, which has read something. */
  readEnded(seen: ConnectionSeen): void;
}

/** Looks into the files of one client, whatever protocol carries them. */
export interface FileWatch {
  opened(file: FileOpened): OpenFileWatch;
}

const NOTHING: OpenFileWatch = {
  read: (_offset, _length, _requestFrame, _seen) => ({
    unwanted: (_position, left) => left,
    take: (_position, bytes) => bytes.length,
    done: () => undefined,
  }),
  write: () => undefined,
  readEnded: () => undefined,
};

/** Looks into no file. */
export const NO_FILE_WATCH: FileWatch = { opened: () => NOTHING };
