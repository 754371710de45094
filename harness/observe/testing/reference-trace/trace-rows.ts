import trace from '../../testdata/reference-trace/wds-trace.json' with { type: 'json' };

/** One frame of the reference trace as its table gives it. */
export interface TraceRow {
  /** Excerpt: 1 PXE and TFTP, 2 authentication, 3 image selection. Each is a capture of its own. */
  readonly step: 1 | 2 | 3;
  /** Number in the original capture. */
  readonly frame: number;
  /** Seconds since that capture began. */
  readonly time: number;
  readonly src: string;
  readonly dst: string;
  readonly protocol: string;
  /** Of the frame, bytes. */
  readonly length: number;
  readonly info: string;
}

/** All rows, in order. */
export const TRACE_ROWS: readonly TraceRow[] = (trace as { frames: TraceRow[] }).frames;

/** The rows of one excerpt. */
export function rowsOf(step: TraceRow['step']): TraceRow[] {
  return TRACE_ROWS.filter((row) => row.step === step);
}
