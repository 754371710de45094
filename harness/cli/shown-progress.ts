import { terminalStyle } from '../../reports/terminal/style.ts';
import { type Reading, watchReading } from '../run/reading-progress.ts';

/** Reading that is over sooner shows nothing. */
const QUIET_MS = 2000;
const REDRAW_MS = 250;
const ERASE_LINE = '\r\u001b[2K';

/** Where progress is shown, and by which clock. */
export interface ProgressPlace {
  readonly stream?: Pick<NodeJS.WriteStream, 'isTTY' | 'write'>;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly nowMs?: () => number;
}

/**
 * Does work that reads captures. When that takes long, standard error shows how far it is, where a person watches it;
 * the line is gone when the work is over.
 */
export async function withProgress<T>(work: () => Promise<T>, place: ProgressPlace = {}): Promise<T> {
  const { stream = process.stderr, env = process.env, nowMs = () => performance.now() } = place;
  if (!terminalStyle(stream, env).live) return work();
  let nextMs = nowMs() + QUIET_MS;
  let shown = 0;
  const stop = watchReading((reading) => {
    const now = nowMs();
    if (now < nextMs) return;
    nextMs = now + REDRAW_MS;
    shown += 1;
    stream.write(`${ERASE_LINE}${progressText(reading)}`);
  });
  try {
    return await work();
  } finally {
    stop();
    if (shown > 0) stream.write(ERASE_LINE);
  }
}

/** No longer than a narrow terminal: what wraps cannot be erased as one line. */
function progressText({ name, frames, bytes, ofBytes }: Reading): string {
  const part = bytes === undefined || ofBytes === undefined ? '' : `${Math.floor((100 * bytes) / ofBytes)} % read, `;
  const short = name.length > 30 ? `…${name.slice(-29)}` : name;
  return `${short.replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '?')}: ${part}${frames.toLocaleString('en')} frames`;
}
