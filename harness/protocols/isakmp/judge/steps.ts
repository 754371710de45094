import type { IsakmpEvent } from '../observe/events.ts';
import type { StepDraft } from '../../base/judge/step.ts';
import { stepBuilders } from '../../base/judge/step-builders.ts';
import { ISAKMP } from './vocabulary.ts';

const { recorded } = stepBuilders('isakmp', ISAKMP);

/**
 * `isakmp.message`: Windows proposes IPsec to servers it connects to; one that is not configured for it does not answer
 * (the reference trace's step 2, frame 32).
 */
export function isakmpStep(event: IsakmpEvent): StepDraft {
  return recorded({
    step: 'isakmp.message',
    at: event,
    detail: { exchange: event.exchange, by: event.by },
    why: 'key exchange for IPsec; the conversation continues in the clear without it',
  });
}
