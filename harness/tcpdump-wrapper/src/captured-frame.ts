/** One captured link-layer frame. */
export interface CapturedFrame {
  /** 1-based position in its capture, the number that tshark and Wireshark show. */
  readonly number: number;
  /** Capture time, whole microseconds since the epoch (finer clocks are rounded down). */
  readonly atUs: number;
  /** The stored bytes: a view into the chunk that was read, shorter than `originalLength` where the tail was cut. */
  readonly bytes: Uint8Array;
  /** Length on the wire in bytes. */
  readonly originalLength: number;
  /** LINKTYPE value of its interface; absent in formats where one holds for all frames (CaptureSource.linkType). */
  readonly linkType?: number;
}

/** Where and why a capture stopped in the middle of a record. */
export interface Truncation {
  /** Expected against actual: `record header needs 16 bytes but only 5 remain`. */
  readonly reason: string;
  /** Offset of the incomplete record from the start of the capture. */
  readonly atByte: number;
}

/** Frames in capture order, from a file or a live interface. */
export interface CaptureSource {
  /**
   * LINKTYPE value of every frame that has none of its own (https://www.tcpdump.org/linktypes.html), e.g. 1 for Ethernet.
   */
  readonly linkType: number;
  /**
   * The frames in batches, none empty; may be iterated once. Frames before a damaged record are delivered before the
   * error is thrown.
   */
  batches(): AsyncIterable<CapturedFrame[]>;
  /** Frames that the capturing side lost; known after the last batch, undefined where the source does not count them. */
  readonly dropped: number | undefined;
  /** Bytes of the file, as it is stored, that were read so far; undefined where there is no file. */
  readonly bytesRead?: number;
  /** Set after the last batch when the capture ends inside a record. */
  readonly truncated?: Truncation | undefined;
  /** Releases the file or ends tcpdump; harmless when repeated. */
  close(): Promise<void>;
}
