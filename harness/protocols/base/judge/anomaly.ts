import type { Breach } from './step.ts';

/**
 * What an anomaly does to a receiver that keeps to the specification (decision 130). `refused`: it ends the
 * conversation, or has to do without what the packet carried. `misled`: it takes the packet and ends up with something
 * else than the sender has. `none`: it goes on as if nothing had come, or refuses by an answer that is judged itself,
 * the specification leaves it open, or the capture may have missed what the packet belongs to.
 */
type Harm = 'refused' | 'misled' | 'none';

/** How a room judges one kind of its anomalies. */
export interface AnomalyRule<Facts> {
  readonly harm: Harm;
  /** The specification's section: `RFC 1350 section 4`. */
  readonly section: string;
  readonly expected: (facts: Facts) => string;
  readonly actual: (facts: Facts) => string;
}

/** The rules of a room: one for each kind of anomaly that its observer reports. */
export type AnomalyRules<Anomaly extends { readonly kind: string }> = {
  readonly [Kind in Anomaly['kind']]: AnomalyRule<Extract<Anomaly, { readonly kind: Kind }>>;
};

/** What a room's rules make of an anomaly: a breach where it harms, else the reason why it is only recorded. */
export function judgeAnomaly<Anomaly extends { readonly kind: string }, C extends string>(
  rules: AnomalyRules<Anomaly>,
  anomaly: Anomaly,
  cause: C,
): { readonly breach: Breach<C> } | { readonly why: string } {
  // The mapped type gives each kind the rule of its own facts; TypeScript cannot follow that through an index.
  const rule = rules[anomaly.kind as Anomaly['kind']] as AnomalyRule<Anomaly>;
  const actual = rule.actual(anomaly);
  const expected = `${rule.expected(anomaly)} (${rule.section})`;
  return rule.harm === 'none'
    ? { why: `${actual}, expected ${expected}; the receiver can continue` }
    : { breach: { expected, actual, cause } };
}
