import { judgedStep, recordedStep, type StepDraft, type StepParts } from './step.ts';

/**
 * What an anomaly does to a receiver that keeps to the specification (decision 130). `refused`: it answers with an
 * error, ends the conversation, or has to do without what the packet carried. `misled`: it takes the packet and ends up
 * with something else than the sender has. `none`: it goes on as if nothing had come, the specification leaves it open,
 * or the capture may have missed what the packet belongs to.
 */
type Harm = 'refused' | 'misled' | 'none';

/** How a room judges one kind of its anomalies. */
export interface AnomalyRule<Facts> {
  readonly harm: Harm;
  /** Where that is written: `RFC 1350 section 4`. */
  readonly section: string;
  readonly expected: (facts: Facts) => string;
  readonly actual: (facts: Facts) => string;
}

/** The rules of a room: one for each kind of anomaly that its observer reports. */
export type AnomalyRules<Anomaly extends { readonly kind: string }> = {
  readonly [Kind in Anomaly['kind']]: AnomalyRule<Extract<Anomaly, { readonly kind: Kind }>>;
};

/** The step of an anomaly: failed where it harms, else recorded. */
export function anomalyStep<Anomaly extends { readonly kind: string }>(
  parts: Omit<StepParts, 'breach'>,
  rules: AnomalyRules<Anomaly>,
  anomaly: Anomaly,
  cause: string,
): StepDraft {
  // The mapped type gives each kind the rule of its own facts; TypeScript cannot follow that through an index.
  const rule = rules[anomaly.kind as Anomaly['kind']] as AnomalyRule<Anomaly>;
  const actual = rule.actual(anomaly);
  const expected = `${rule.expected(anomaly)} (${rule.section})`;
  return rule.harm === 'none'
    ? recordedStep({ ...parts, why: `${actual}, expected ${expected}; the receiver can go on` })
    : judgedStep({ ...parts, breach: { expected, actual, cause } });
}
