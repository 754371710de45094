import type { StepDraft } from '../../base/judge/step.ts';
import type { HttpEvent } from '../observe/events.ts';

/** A request begins a load: its step, `http.get`, comes only with the whole answer. */
export function httpLoadBegan(event: HttpEvent): StepDraft | undefined {
  if (event.type !== 'http.request') return undefined;
  const { atUs, frame, path } = event;
  return {
    machine: 'http',
    step: 'http.request',
    verdict: 'passed',
    startUs: atUs,
    endUs: atUs,
    frames: [frame],
    detail: { path },
  };
}
