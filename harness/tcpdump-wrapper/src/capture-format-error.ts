/** Bytes that are no capture, or a capture that contradicts itself. */
export class CaptureFormatError extends Error {
  override readonly name = 'CaptureFormatError';
  readonly code = 'CAPTURE_FORMAT';
  /** Offset from the start of the capture where the expectation broke. */
  readonly byteOffset: number;
  readonly expected: string;
  readonly got: string;

  constructor(facts: { byteOffset: number; expected: string; got: string; advice?: string }) {
    super(
      `capture is not readable at byte ${facts.byteOffset}: expected ${facts.expected}, got ${facts.got}${facts.advice === undefined ? '' : `; ${facts.advice}`}`,
    );
    this.byteOffset = facts.byteOffset;
    this.expected = facts.expected;
    this.got = facts.got;
  }
}
