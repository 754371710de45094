/** Who sent a packet. */
export type TftpSide = 'client' | 'server';

type Anomaly<Kind extends string, Facts = object> = { readonly kind: Kind } & Readonly<Facts>;

/**
 * A packet that the packets before it do not allow, with what was measured. Which of them fail is for the judge
 * (protocols/tftp/judge/anomalies.ts).
 */
export type TftpAnomaly =
  /** An ACK or OACK of a transfer whose request the capture does not hold. */
  | Anomaly<'packet-without-request', { op: 'ack' | 'option-ack'; by: TftpSide }>
  /** DATA, ACK or OACK from the side that never sends it. */
  | Anomaly<'wrong-side', { op: 'data' | 'ack' | 'option-ack'; by: TftpSide }>
  /** A request to the port of a transfer instead of port 69. */
  | Anomaly<'request-inside-transfer', { op: 'read-request' | 'write-request'; by: TftpSide }>
  /** The first DATA has block 0. */
  | Anomaly<'block-zero-first'>
  | Anomaly<'block-too-long', { block: number; bytes: number; blksize: number }>
  /** DATA after the block that was shorter than agreed. */
  | Anomaly<'data-after-last-block', { block: number; last: number; blksize: number }>
  | Anomaly<'two-last-blocks', { block: number; last: number }>
  /** Block 1 follows block 65535. */
  | Anomaly<'rollover-to-one'>
  /** Nothing moves any more after block 65535, or after the block that follows it; `by`: the side that does not go on. */
  | Anomaly<'stalled-at-rollover', { block: number; by: TftpSide }>
  /** In lockstep, consecutive blocks went again for repeated acknowledgements: the Sorcerer's Apprentice. */
  | Anomaly<'blocks-sent-twice', { first: number; last: number }>
  | Anomaly<'window-exceeded', { block: number; acknowledged: number; window: number }>
  /** An ACK of a block that the capture does not hold; `expected` is the next block that it could have held. */
  | Anomaly<'ack-without-data', { block: number; expected: number }>
  /** An ACK without the fifth byte although `msftwindow` is granted. */
  | Anomaly<'window-byte-missing', { block: number }>
  /** An ACK with it although `msftwindow` is not granted. */
  | Anomaly<'window-byte-unasked', { block: number }>
  /** The first answer comes from another host than the request went to. */
  | Anomaly<'answer-from-other-host', { from: string; asked: string }>
  /** The first answer comes from port 69 and not from a port of its own. */
  | Anomaly<'answer-from-port-69', { from: string }>
  /** A second end answers a request that was sent once. */
  | Anomaly<'second-answer', { op: string; from: string; answered: string }>
  /** A packet of the transfer that this client port was used for before. */
  | Anomaly<'packet-of-former-transfer', { op: string; from: string }>
  /** The client goes on with an end that is not the one that answered first; `answered` is empty where none did. */
  | Anomaly<'client-chose-other-end', { op: string; to: string; answered: string }>;
