type Anomaly<Kind extends string, Facts> = { readonly kind: Kind; readonly callId: number } & Readonly<Facts>;

/**
 * A PDU that the PDUs before it do not allow, with what was measured. Which of them fail is for the judge
 * (`judge/anomalies.ts`).
 */
export type RpcAnomaly =
  /** A PDU in fragments that is neither request, response nor fault. */
  | Anomaly<'pdu-in-fragments', { name: string }>
  | Anomaly<'fragment-without-first', object>
  /** Another first fragment where fragment `wanted` of the call was to come. */
  | Anomaly<'first-fragment-twice', { wanted: number }>
  /** Unfinished calls that hold more bytes than are put together here. */
  | Anomaly<'fragments-without-end', { limit: number }>
  | Anomaly<'answer-to-no-bind', object>
  /** As many results as there were contexts are to come. */
  | Anomaly<'results-for-other-contexts', { results: number; contexts: number }>
  | Anomaly<'other-level', { level: number; asked: number }>
  | Anomaly<'auth3-without-token', object>
  /** `bind` is the call id of the bind or alter-context that the AUTH3 completes. */
  | Anomaly<'auth3-of-other-call', { bind: number }>
  | Anomaly<'unknown-context', { contextId: number }>
  | Anomaly<'call-id-in-use', object>
  | Anomaly<'answer-to-no-call', { name: 'response' | 'fault' }>
  /** A tower of the endpoint mapper for another interface than was asked for. */
  | Anomaly<'tower-of-other-interface', { interface: string; asked: string }>
  /** A signature that the session key of `user` does not give. */
  | Anomaly<'wrong-signature', { user: string }>;
