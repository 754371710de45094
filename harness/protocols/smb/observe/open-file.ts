import type { TransferFigures } from '../../base/observe/seen.ts';
import type { CoveredRanges } from '../../base/observe/covered-ranges.ts';
import { PercentileSketch } from '../../base/observe/percentile-sketch.ts';
import type { Stamp } from '../../base/observe/event-body.ts';
import type { OpenFileWatch } from '../../base/observe/file-watch.ts';

/** Meter of one direction of an open file: bytes, operations, latencies, first request to last byte. */
class TransferMeter {
  bytes = 0;
  operations = 0;
  readonly #rtt = new PercentileSketch();
  #first: Stamp | undefined;
  #last: Stamp | undefined;
  #retransmissionsBefore = 0;

  /** An operation was answered: `request` asked for it, `answer` is the first frame of the response. */
  count(request: Stamp, answer: Stamp, bytes: number, retransmissions: number): void {
    if (!this.#first) {
      this.#first = request;
      this.#retransmissionsBefore = retransmissions;
    }
    this.#last = answer;
    this.bytes += bytes;
    this.operations += 1;
    this.#rtt.record(answer.atUs - request.atUs);
  }

  /** The last byte of an operation came in this frame. */
  ended(at: Stamp): void {
    this.#last = at;
  }

  /** Undefined when nothing was transferred. Retransmissions are those of the connection's direction meanwhile. */
  figures(retransmissions: number): TransferFigures | undefined {
    if (!this.#first || !this.#last) return undefined;
    return {
      bytes: this.bytes,
      durationUs: this.#last.atUs - this.#first.atUs,
      firstFrame: this.#first.number,
      lastFrame: this.#last.number,
      retransmissions: retransmissions - this.#retransmissionsBefore,
      rttUs: this.#rtt.rttUs(),
    };
  }
}

type OpenFacts = Pick<
  OpenFile,
  'path' | 'share' | 'fileId' | 'endOfFile' | 'sessionId' | 'treeId' | 'watch' | 'covered'
>;

/** A file or folder that the client has open. */
export class OpenFile {
  readonly path: string;
  readonly share: string;
  readonly fileId: string;
  /** 0 when the capture did not show the open. */
  readonly endOfFile: number;
  readonly sessionId: string;
  readonly treeId: number;
  readonly reads = new TransferMeter();
  readonly writes = new TransferMeter();
  /** Looks into what is read and written. */
  readonly watch: OpenFileWatch;
  writeBegan = false;
  refusedWrites = 0;
  /** What was read of the file, over all opens. */
  readonly covered: CoveredRanges;

  constructor({ path, share, fileId, endOfFile, sessionId, treeId, watch, covered }: OpenFacts) {
    this.path = path;
    this.share = share;
    this.fileId = fileId;
    this.endOfFile = endOfFile;
    this.sessionId = sessionId;
    this.treeId = treeId;
    this.watch = watch;
    this.covered = covered;
  }

  /** What events name a file by. */
  get named(): { readonly path: string; readonly share: string; readonly fileId: string } {
    return { path: this.path, share: this.share, fileId: this.fileId };
  }
}
