/** One captured link-layer frame, as the kernel saw it. */
export interface Frame {
  /** 1-based position in its capture, the number that tshark and Wireshark show. */
  readonly number: number;
  /** Capture time, microseconds since the epoch, by the kernel's clock. */
  readonly atUs: number;
  /** The captured bytes: `bytes.length < originalLength` where a snap length or our evidence trimming cut the tail. */
  readonly bytes: Uint8Array;
  /** Length on the wire in bytes. */
  readonly originalLength: number;
  /** Link type of the interface that it came by; absent where the capture has one link type for all frames. */
  readonly linkType?: number;
}
