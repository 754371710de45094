/** tcpdump did not get to the point where it listens. */
export class CaptureStartError extends Error {
  override readonly name = 'CaptureStartError';
  readonly code = 'CAPTURE_START';
  readonly argv: readonly string[];
  readonly stderr: string;

  constructor(why: string, argv: readonly string[], stderr: string, options?: ErrorOptions) {
    super(
      `starting the capture failed: ${why}\n  command: ${argv.join(' ')}\n  standard error: ${quoted(stderr)}`,
      options,
    );
    this.argv = argv;
    this.stderr = stderr;
  }
}

/** tcpdump ended although it was not stopped, or did not end when asked to. */
export class CaptureDiedError extends Error {
  override readonly name = 'CaptureDiedError';
  readonly code = 'CAPTURE_DIED';
  /** How it ended, without what it said of it. */
  readonly why: string;
  readonly argv: readonly string[];
  readonly stderr: string;
  /** Frames delivered before. */
  readonly frames: number;

  constructor(why: string, argv: readonly string[], stderr: string, frames: number, options?: ErrorOptions) {
    super(
      `the capture ended by itself after ${frames} frames: ${why}\n  command: ${argv.join(' ')}\n  standard error: ${quoted(stderr)}`,
      options,
    );
    this.why = why;
    this.argv = argv;
    this.stderr = stderr;
    this.frames = frames;
  }
}

function quoted(stderr: string): string {
  const text = stderr.trim();
  return text === '' ? '(empty)' : text.split('\n').join('\n    ');
}
