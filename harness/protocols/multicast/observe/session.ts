import { MAX_REPORTS, type EventBody, type Stamp } from '../../base/observe/event-body.ts';
import { endText } from '../../base/observe/flow-ends.ts';
import { PercentileSketch } from '../../base/observe/percentile-sketch.ts';
import type { Endpoint } from '../../base/observe/seen.ts';
import { bitsSet } from '../wire/codec.ts';
import { CAPABILITIES, MAX_SLICE_BLOCKS, REFUSED } from '../wire/message.ts';
import type { MulticastEvent, MulticastMeasured, MulticastTerms } from './events.ts';
import { type BlockSeen, type Sending, SLICES_UNDER_WAY } from './sending.ts';

type Body = EventBody<MulticastEvent, 'frame' | 'atUs' | 'client' | 'session' | 'receiver' | 'server'>;

/** Receivers leave half a second after their last OK (--exit-wait); those that nothing came to any more, after many seconds. */
const EXIT_US = 5_000_000;

const NO_TERMS: MulticastTerms = { blockSize: 0, capabilities: 0, group: '' };

/** What the sender's meter showed when this receiver's share of the transfer began. */
interface Begin {
  readonly at: Stamp;
  readonly retransmissions: number;
  readonly wireBytes: number;
  readonly fecBlocks: number;
  readonly bytes: number;
  readonly slices: number;
  readonly receivers: number;
}

type PassedOver = Pick<
  Extract<MulticastEvent, { readonly type: 'multicast.dropped' }>,
  'slice' | 'wentOnTo' | 'unanswered'
>;

/** One receiver, from its CONNECT_REQ to its DISCONNECT: what it confirms, and what it asks for again. */
export class Session {
  readonly client: string;
  readonly receiver: Endpoint;
  server: Endpoint;
  /** The sender that let it in; undefined before. */
  sending: Sending | undefined;
  terms = NO_TERMS;
  /** Complete, dropped or left: nothing more is measured. */
  ended = false;
  /** The receiver has said that it goes. */
  left = false;
  #complete = false;
  #isAbandoned = false;
  readonly #name: string;
  readonly #firstFrame: number;
  readonly #emit: (event: MulticastEvent) => void;
  #begin: Begin | undefined;
  /** The slice that it has to confirm next. */
  #next = 0;
  #bytes = 0;
  #slices = 0;
  #askedAgain = 0;
  #unanswered = 0;
  /** The sender went on although the capture holds no OK of a slice; undefined since the receiver confirmed a later one. */
  #passedOver: PassedOver | undefined;
  /** A slice that it confirmed before the capture holds anything of it; -1 where there is none. */
  #unseen = -1;
  #lastFrame: number;
  #lastAtUs = 0;
  readonly #rtt = new PercentileSketch();
  readonly #reports: Record<string, number> = {};

  constructor(client: string, receiver: Endpoint, server: Endpoint, at: Stamp, emit: (event: MulticastEvent) => void) {
    this.client = client;
    this.receiver = receiver;
    this.server = server;
    this.#firstFrame = this.#lastFrame = at.number;
    this.#name = `${endText(receiver)}#${at.number}`;
    this.#emit = emit;
  }

  /** It has asked, and no sender has let it in. */
  get asks(): boolean {
    return this.sending === undefined && !this.ended;
  }

  /** The first packet of the image was for it. */
  get begun(): boolean {
    return this.#begin !== undefined;
  }

  /** Nothing of the image can come to it any more. */
  get over(): boolean {
    return this.ended || this.#isAbandoned;
  }

  joinRequest(at: Stamp, capabilities: number, receiveBuffer: number, repeated: boolean, underWay: boolean): void {
    this.#report(at, { type: 'multicast.join-request', capabilities, receiveBuffer, repeated, underWay });
  }

  /** The sender lets it in, or refuses it. */
  joinReply(at: Stamp, sending: Sending, clientNumber: number, terms: MulticastTerms): void {
    const repeated = this.sending !== undefined;
    if (clientNumber === REFUSED) this.ended = true;
    else this.#join(sending, terms);
    this.#report(at, { type: 'multicast.join-reply', clientNumber, ...terms, repeated });
  }

  /** An asynchronous transfer is announced: whoever hears it takes part. */
  announced(at: Stamp, sending: Sending, terms: MulticastTerms): void {
    this.#join(sending, terms);
    this.#report(at, { type: 'multicast.announced', ...terms });
  }

  go(at: Stamp): void {
    this.#report(at, { type: 'multicast.go' });
  }

  /** The first packet of the image that is for it, before the sender's meter has counted it. */
  firstData(at: Stamp, sending: Sending, slice: number, receivers: number): void {
    const { retransmissions, wireBytes, fecBlocks, bytes, slicesWithBytes: slices } = sending;
    this.#begin = { at, retransmissions, wireBytes, fecBlocks, bytes, slices, receivers };
    this.#next = slice;
    this.#lastAtUs = at.atUs;
    this.#report(at, { type: 'multicast.first-data', slice, receivers, group: this.terms.group });
  }

  /** A block went over the wire otherwise than in order. */
  block(at: Stamp, slice: number, block: number, how: BlockSeen): void {
    if (how.kind === 'again') this.#report(at, { type: 'multicast.retransmission', slice, block });
    if (how.kind === 'gap') this.#report(at, { type: 'multicast.gap', slice, block, expectedBlock: how.expected });
  }

  /**
   * The sender begins a slice: whom it does not wait for any more, it has dropped. The capture may lack one OK, and who
   * confirms a later slice has confirmed that, too: it is dropped when it still says nothing at the slice after that.
   */
  wentOnTo(at: Stamp, slice: number): void {
    if (this.#isAsynchronous || slice < this.#next + SLICES_UNDER_WAY) return;
    if (this.#passedOver) this.#dropped(at, this.#passedOver);
    else this.#passedOver = { slice: this.#next, wentOnTo: slice, unanswered: this.#unanswered };
  }

  /** Another receiver has left after the end of the image: no more slices come. */
  othersLeft(at: Stamp): void {
    if (this.#passedOver && !this.over) this.#dropped(at, this.#passedOver);
  }

  /** The sender began another image without this receiver, which may wait for the rest of this one. */
  abandoned(at: Stamp): void {
    this.#isAbandoned = true;
    if (this.#passedOver) this.#dropped(at, this.#passedOver);
    else if (this.#begin) this.#tell(at, { type: 'multicast.abandoned' });
  }

  /** The sender asks who has a slice. */
  asked(slice: number): void {
    if (slice >= this.#next) this.#unanswered += 1;
  }

  /** It has this slice, and with it all before it: a sender asks for them in order. Returns whether it has the image. */
  ok(at: Stamp, sending: Sending, slice: number): boolean {
    this.#unanswered = 0;
    if (!this.#begin || slice < this.#next) return false;
    if (slice > sending.latest) {
      this.#unseen = slice;
      return false;
    }
    this.#passedOver = undefined;
    const askedUs = sending.askedUs(slice);
    if (askedUs > 0) this.#rtt.record(at.atUs - askedUs);
    const { bytes, slices } = sending.between(this.#next, slice);
    this.#slices += slices;
    this.#next = slice + 1;
    this.#bytes += bytes;
    this.#moved(at);
    this.#report(at, { type: 'multicast.slice-confirmed', slice, bytes });
    if (slice !== sending.endSlice) return false;
    this.#completed(at);
    return true;
  }

  /** It lacks blocks of a slice. */
  retransmit(at: Stamp, sending: Sending, slice: number, round: number, has: Uint8Array): void {
    this.#unanswered = 0;
    // A packet may claim any number of bytes.
    const blocks = Math.min(this.#blocksIn(sending.bytesOf(slice) ?? 0), MAX_SLICE_BLOCKS);
    const missing = blocks - bitsSet(has, blocks);
    this.#askedAgain += missing;
    this.#report(at, { type: 'multicast.retransmit-request', slice, round, missing });
  }

  /** It says that it goes. Without a way back, that is the only thing that it ever says. */
  leave(at: Stamp): void {
    const { sending } = this;
    if (this.#isAsynchronous && sending && sending.endSlice >= 0 && this.#begin && !this.ended) {
      this.#bytes = sending.bytes - this.#begin.bytes;
      this.#slices = sending.slicesWithBytes - this.#begin.slices;
      this.#moved({ number: sending.lastFrame, atUs: sending.lastAtUs });
      this.#completed(at);
    }
    if (!this.over && sending && this.#hasAll(at, sending)) this.#completed(at);
    else if (!this.over && this.#passedOver) this.#dropped(at, this.#passedOver);
    this.left = this.ended = true;
    const senderSilentUs = this.#begin && sending ? at.atUs - sending.lastAtUs : 0;
    this.#tell(at, { type: 'multicast.leave', ...this.#measured(), complete: this.#complete, senderSilentUs });
  }

  /** Nothing more of it will come: says how far a transfer came that is not over. */
  unfinished(at: Stamp, reason: string): void {
    if (this.ended) return;
    this.ended = true;
    if (!this.#begin) return;
    this.#tell(at, { type: 'multicast.unfinished', ...this.#measured(), reason, unanswered: this.#unanswered });
  }

  get #isAsynchronous(): boolean {
    return (this.terms.capabilities & CAPABILITIES.asynchronous) !== 0;
  }

  #join(sending: Sending, terms: MulticastTerms): void {
    this.sending = sending;
    this.terms = terms;
  }

  #moved({ number, atUs }: Stamp): void {
    this.#lastFrame = number;
    this.#lastAtUs = atUs;
  }

  /**
   * Whether a receiver that leaves has the whole image although its OK to the end did not come: it says OK and leaves, so
   * that no question of the sender brings a lost OK back; or the capture does not hold the question, and nothing but the
   * end has no block either.
   */
  #hasAll({ atUs }: Stamp, { endSlice, endedUs, latest }: Sending): boolean {
    if (this.#isAsynchronous || !this.#begin) return false;
    const isAtEnd = endSlice === this.#next && atUs - endedUs < EXIT_US;
    return isAtEnd || (this.#unseen === this.#next && this.#unseen === latest + 1);
  }

  #dropped(at: Stamp, passedOver: PassedOver): void {
    this.ended = true;
    this.#tell(at, { type: 'multicast.dropped', ...this.#measured(), ...passedOver });
  }

  #completed(at: Stamp): void {
    this.#complete = this.ended = true;
    this.#tell(at, { type: 'multicast.complete', ...this.#measured() });
  }

  #blocksIn(bytes: number): number {
    return this.terms.blockSize === 0 ? 0 : Math.ceil(bytes / this.terms.blockSize);
  }

  #measured(): MulticastMeasured {
    const begin = this.#begin;
    const { retransmissions = 0, wireBytes = 0, fecBlocks = 0, rendezvous = '' } = this.sending ?? {};
    return {
      ...this.terms,
      figures: {
        bytes: this.#bytes,
        durationUs: begin ? this.#lastAtUs - begin.at.atUs : 0,
        firstFrame: this.#firstFrame,
        lastFrame: this.#lastFrame,
        retransmissions: begin ? retransmissions - begin.retransmissions : 0,
        rttUs: this.#rtt.rttUs(),
      },
      // Every slice but the last is whole blocks.
      blocks: this.#blocksIn(this.#bytes),
      slices: this.#slices,
      askedAgain: this.#askedAgain,
      wireBytes: begin ? wireBytes - begin.wireBytes : 0,
      fecBlocks: begin ? fecBlocks - begin.fecBlocks : 0,
      receivers: begin?.receivers ?? 0,
      rendezvous,
      beganUs: begin?.at.atUs ?? 0,
      confirmed: !this.#isAsynchronous,
    };
  }

  #report(at: Stamp, body: Body): void {
    const count = (this.#reports[body.type] = (this.#reports[body.type] ?? 0) + 1);
    if (count <= MAX_REPORTS) this.#tell(at, body);
  }

  #tell(at: Stamp, body: Body): void {
    const { client, receiver, server } = this;
    this.#emit({ ...body, frame: at.number, atUs: at.atUs, client, session: this.#name, receiver, server });
  }
}
