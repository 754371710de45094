import { PercentileSketch } from '../../base/observe/percentile-sketch.ts';
import { endsOf, type MeteredTransfer, type TransferWatch } from '../../base/observe/metered-transfer.ts';
import type { TransferFigures } from '../../base/observe/seen.ts';
import { encodeResticTarget } from '../wire/codec.ts';
import type { ResticEvent } from './events.ts';

/** Runs remembered: a client has one at a time. */
const MAX_RUNS = 64;

/** What a run moved of packs in one direction since its last snapshot. */
class Moved {
  beganUs = Infinity;
  endUs = 0;
  bytes = 0;
  retransmissions = 0;
  readonly #latencies = new PercentileSketch();

  add({ bytes, durationUs, retransmissions, rttUs }: TransferFigures, atUs: number): void {
    this.beganUs = Math.min(this.beganUs, atUs - durationUs);
    this.endUs = Math.max(this.endUs, atUs);
    this.bytes += bytes;
    this.retransmissions += retransmissions;
    this.#latencies.record(rttUs.max);
  }

  /** Its figures, in the frames of the exchange that ends it. */
  figures({ firstFrame, lastFrame }: Pick<TransferFigures, 'firstFrame' | 'lastFrame'>): TransferFigures {
    const { bytes, beganUs, endUs, retransmissions } = this;
    const rttUs = this.#latencies.rttUs();
    return { bytes, durationUs: endUs - beganUs, firstFrame, lastFrame, retransmissions, rttUs };
  }
}

interface Run {
  saved: Moved;
  loaded: Moved;
  readonly snapshots: Set<string>;
  readonly connections: Set<string>;
  /** Its own: while it has one, it is not at its end. */
  readonly locks: Set<string>;
  /** It writes, or looks for packs: what it reads is not for itself. */
  hasOtherAim: boolean;
  repository: string;
}

const newRun = (): Run => ({
  saved: new Moved(),
  loaded: new Moved(),
  snapshots: new Set(),
  connections: new Set(),
  locks: new Set(),
  hasOtherAim: false,
  repository: '',
});

/**
 * Counts each exchange with a store, and lists what a backup or a restore moved of packs: when its snapshot is written,
 * or when a run that wrote none gives back its lock or ends.
 */
export function watchResticTransfers(): TransferWatch<ResticEvent> {
  const runs = new Map<number, Run>();
  return (event) => {
    const run = runs.get(event.run) ?? newRun();
    if (runs.size >= MAX_RUNS && !runs.has(event.run)) runs.clear();
    runs.set(event.run, run);
    if (event.type === 'restic.request') {
      run.connections.add(event.connection);
      return undefined;
    }
    if (event.type === 'restic.moved') return undefined;
    const ends = endsOf(event.connection);
    if (event.type === 'restic.disconnected') {
      run.connections.delete(event.connection);
      if (run.locks.size > 0 || run.connections.size > 0) return undefined;
      const at = { firstFrame: event.frame, lastFrame: event.frame };
      return read(run, { ...ends, what: 'the end of a run of restic' }, at);
    }
    const { action, kind, figures } = event;
    run.repository = event.repository;
    const counted = {
      what: `restic ${action} of ${encodeResticTarget(event)}`,
      ...ends,
      beganUs: event.atUs - figures.durationUs,
      figures,
    };
    const isDone = event.type === 'restic.answer' && event.status < 300;
    if (!isDone) return counted;
    if (kind === 'data' && action === 'save') run.saved.add(figures, event.atUs);
    if (kind === 'data' && action === 'load') run.loaded.add(figures, event.atUs);
    if (kind === 'snapshots' && action === 'load' && event.id !== undefined) run.snapshots.add(event.id);
    if (kind === 'snapshots' && action === 'save') return written(run, counted, encodeResticTarget(event));
    run.hasOtherAim ||= kind === 'data' && action !== 'load' && action !== 'stat';
    if (kind === 'locks' && action === 'save') run.locks.add(event.id ?? '');
    if (kind !== 'locks' || action !== 'remove') return counted;
    const isOwn = run.locks.delete(event.id ?? '');
    return isOwn && run.locks.size === 0 ? (read(run, counted, figures) ?? counted) : counted;
  };
}

type Counted = Pick<MeteredTransfer, 'what' | 'client' | 'server'>;

function written(run: Run, counted: MeteredTransfer, path: string): MeteredTransfer {
  const { saved } = run;
  run.saved = new Moved();
  run.hasOtherAim = true;
  if (saved.endUs === 0) return counted;
  saved.endUs = counted.beganUs + counted.figures.durationUs;
  return {
    ...counted,
    beganUs: saved.beganUs,
    figures: saved.figures(counted.figures),
    listed: { protocol: 'restic', path, operation: 'write', direction: 'upload' },
  };
}

/** What a run read of packs, if it has written nothing: the parent of a backup is read for comparison only. */
function read(
  run: Run,
  counted: Counted,
  at: Pick<TransferFigures, 'firstFrame' | 'lastFrame'>,
): MeteredTransfer | undefined {
  const { loaded, snapshots, repository, hasOtherAim } = run;
  run.loaded = new Moved();
  if (hasOtherAim || loaded.endUs === 0) return undefined;
  const [snapshot] = snapshots.size === 1 ? snapshots : [];
  const path = encodeResticTarget(
    snapshot === undefined ? { repository, kind: 'data' } : { repository, kind: 'snapshots', id: snapshot },
  );
  return {
    ...counted,
    beganUs: loaded.beganUs,
    figures: loaded.figures(at),
    listed: { protocol: 'restic', path, operation: 'get' },
  };
}
