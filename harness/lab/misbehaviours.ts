import type { LifeEvent, MisbehavedEvent, ServiceEvent } from '../../servers/service/event-lines.ts';

const READY: LifeEvent = 'ready';
const MISBEHAVED: MisbehavedEvent['event'] = 'misbehaved';

/** What a service was told to do wrong, and what of that it did, by its events. */
export class Misbehaviours {
  #told: readonly string[] = [];
  readonly #came = new Set<string>();

  take(event: ServiceEvent): void {
    if (event.event === READY) this.#told = namesIn(event['misbehaves']);
    if (event.event === MISBEHAVED && typeof event['how'] === 'string') this.#came.add(event['how']);
  }

  /** Faults that did not come. */
  missing(): readonly string[] {
    return this.#told.filter((how) => !this.#came.has(how));
  }
}

const namesIn = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
