import type { NdpEvent, RouterEvent } from '../../protocols/ndp/observe/events.ts';
import { first, type Fact } from './fact.ts';

/** What a router advertises. */
export type Advertisement = Extract<RouterEvent, { readonly type: 'ndp.router-advertisement' }>;

/** The routers of the client's link. */
export class RouterFacts {
  /** The first advertisement. */
  advertisement: Fact<Advertisement> | undefined;

  event(event: NdpEvent): void {
    if (event.type === 'ndp.router-advertisement') this.advertisement = first(this.advertisement, event, event.frame);
  }
}
