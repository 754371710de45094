import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeTftp } from '../../../harness/protocols/tftp/wire/codec.ts';
import type { Source } from './netascii.ts';
import type { TftpMisbehaviour } from './config.ts';
import type { Terms } from './negotiation.ts';
import { Transfer, type Outcome } from './transfer.ts';

const source = (bytes: Buffer): Source => ({
  size: bytes.length,
  has: () => true,
  copy: (offset, length, target, at) => void bytes.copy(target, at, offset, offset + length),
  load: () => Promise.resolve(),
  readAhead: () => undefined,
  close: () => Promise.resolve(),
});

/** A transfer whose packets land in `wire` as `OACK`, `7` (DATA block 7), `7*` (the last), `ERROR`. */
function transfer(size: number, terms: Partial<Terms> = {}, misbehave: TftpMisbehaviour = {}) {
  const bytes = Buffer.from(Array.from({ length: size }, (_, i) => i % 251));
  const wire: string[] = [];
  const outcomes: [Outcome, string?][] = [];
  const received: Buffer[] = [];
  const misbehaved: string[] = [];
  const subject = new Transfer({
    source: source(bytes),
    timeoutMs: 1000,
    retries: 2,
    maxWindowsize: 64,
    misbehave,
    misbehaved: (how) => misbehaved.push(how),
    terms: { blksize: 8, windowsize: 1, variableWindow: false, timeoutMs: undefined, oack: [], ...terms },
    now: () => 0,
    later: (run) => run(),
    ended: (outcome, message) => outcomes.push(message === undefined ? [outcome] : [outcome, message]),
    send: (packet) => {
      const sent = decodeTftp(packet);
      if (sent.kind === 'malformed') expect.unreachable();
      else if (sent.op === 'data') {
        received.push(Buffer.from(sent.data));
        wire.push(`${sent.block}${sent.dataLength < (terms.blksize ?? 8) ? '*' : ''}`);
      } else wire.push(sent.op === 'option-ack' ? 'OACK' : sent.op);
    },
  });
  return { subject, outcomes, bytes, received, misbehaved, take: () => wire.splice(0).join(' ') };
}
const OACK: Partial<Terms> = { oack: [{ name: 'blksize', value: '8' }] };

describe('lockstep (RFC 1350)', () => {
  it('sends block after block, a short one last', () => {
    const { subject, take, outcomes } = transfer(20);
    subject.start(0);
    for (const block of [1, 2, 3]) subject.acknowledge(block, undefined, 0);
    expect(take()).toBe('1 2 3*');
    expect(outcomes).toEqual([['complete']]);
  });

  it.each([
    [0, '1*'],
    [8, '1 2*'],
    [16, '1 2 3*'],
  ])('ends a file of %i bytes with a short block (section 6)', (size, expected) => {
    const { subject, take } = transfer(size);
    subject.start(0);
    for (let block = 1; block < 4; block++) subject.acknowledge(block, undefined, 0);
    expect(take()).toBe(expected);
  });

  it('goes on at block 0 after 65535', () => {
    const { subject, take, outcomes } = transfer(8 * 65_537);
    subject.start(0);
    for (let block = 1; block <= 65_538; block++) {
      if (block === 65_534) take();
      subject.acknowledge(block & 0xffff, undefined, 0);
    }
    expect(take()).toBe('65535 0 1 2*');
    expect(outcomes).toEqual([['complete']]);
  });

  it('never answers a repeated acknowledgement (Sorcerer’s Apprentice, RFC 1123 section 4.2.3.1)', () => {
    const { subject, take } = transfer(100);
    subject.start(0);
    for (const block of [1, 1, 1, 0, 7, 40_000]) subject.acknowledge(block, undefined, 0);
    expect(take()).toBe('1 2');
  });

  it('waits for ACK 0 of its OACK (RFC 2347)', () => {
    const { subject, take } = transfer(100, OACK);
    subject.start(0);
    subject.acknowledge(1, undefined, 0);
    expect(take()).toBe('OACK');
    subject.acknowledge(0, undefined, 0);
    expect(take()).toBe('1');
  });

  it('resends after the deadline, later each time, then gives up', () => {
    const { subject, take, outcomes } = transfer(100);
    subject.start(0);
    const waits: number[] = [];
    let now = 0;
    while (outcomes.length === 0) {
      waits.push(subject.deadlineMs - now);
      now = subject.deadlineMs;
      subject.expire(now);
    }
    expect(waits).toEqual([1000, 2000, 4000]);
    expect(take()).toBe('1 1 1');
    expect(outcomes).toEqual([['gave-up', 'no acknowledgement of block 1 after 2 resends']]);
  });

  it('waits as long as configured, longer where round trips are (RFC 6298), and as the client chose (RFC 2349)', () => {
    const deadlineAfter = (roundTripMs: number, terms = {}): number => {
      const { subject } = transfer(100, terms);
      subject.start(0);
      subject.acknowledge(1, undefined, roundTripMs);
      return subject.deadlineMs - roundTripMs;
    };
    expect([1, 300, 500].map((ms) => deadlineAfter(ms))).toEqual([1000, 1000, 1500]);
    expect(deadlineAfter(1, { timeoutMs: 3000 })).toBe(3000);
    expect(deadlineAfter(500, { timeoutMs: 700 })).toBe(700);
  });

  it.each([
    [0, 'TFTP Aborted'],
    [8, 'denied'],
  ])('takes ERROR %i after the OACK as the end of a size probe', (code, message) => {
    const { subject, outcomes } = transfer(100, OACK);
    subject.start(0);
    subject.clientError(code, message);
    expect(outcomes[0]?.[0]).toBe('probed');
  });
});

describe('windows (RFC 7440)', () => {
  it('sends a window, then waits', () => {
    const { subject, take, outcomes } = transfer(8 * 9, { windowsize: 4 });
    subject.start(0);
    expect(take()).toBe('1 2 3 4');
    subject.acknowledge(4, undefined, 0);
    expect(take()).toBe('5 6 7 8');
    subject.acknowledge(8, undefined, 0);
    expect(take()).toBe('9 10*');
    subject.acknowledge(10, undefined, 0);
    expect(outcomes).toEqual([['complete']]);
  });

  it('starts again after an acknowledgement inside the window (section 4)', () => {
    const { subject, take } = transfer(800, { windowsize: 4 });
    subject.start(0);
    take();
    subject.acknowledge(2, undefined, 5);
    expect(take()).toBe('3 4 5 6');
  });

  it('sends a window anew for a repeated acknowledgement, once a round trip', () => {
    const { subject, take } = transfer(800, { windowsize: 2 });
    subject.start(0);
    subject.acknowledge(2, undefined, 10);
    take();
    for (let i = 0; i < 3; i++) subject.acknowledge(2, undefined, 15);
    expect(take()).toBe('3 4');
  });

  it('sends as many blocks as the fifth byte asks for (msftwindow, harness/docs/protocols.md 2.3)', () => {
    const { subject, take } = transfer(800, {
      variableWindow: true,
      windowsize: 4,
      oack: [{ name: 'msftwindow', value: '27182' }],
    });
    subject.start(0);
    subject.acknowledge(0, 2, 0);
    subject.acknowledge(2, 3, 0);
    expect(take()).toBe('OACK 1 2 3 4 5');
  });
});

describe('misbehaviour', () => {
  const run = (misbehave: TftpMisbehaviour) => {
    const run = transfer(40, {}, misbehave);
    run.subject.start(0);
    for (let block = 1; block <= 6; block++) {
      run.subject.acknowledge(block, undefined, 0);
      if (block === 2) run.subject.expire(run.subject.deadlineMs);
    }
    return run;
  };
  it.each<[string, TftpMisbehaviour]>([
    ['1 2 3 4 5 6*', { 'drop-block': [3] }],
    ['1 2 2 3 3 4 5 6*', { 'duplicate-block': [2] }],
    ['1 2 error', { 'error-after-block': 2 }],
    ['1 2', { 'stall-after-block': 2 }],
  ])('sends %s with %j', (expected, misbehave) => {
    const { take, misbehaved } = run(misbehave);
    expect(take()).toBe(expected);
    expect([...new Set(misbehaved)]).toEqual(Object.keys(misbehave));
  });

  it.each<TftpMisbehaviour>([
    { 'drop-block': [7] },
    { 'duplicate-block': [7] },
    { 'error-after-block': 7 },
    { 'stall-after-block': 6 },
  ])('says nothing of %j: the file has 6 blocks', (misbehave) => {
    const { take, misbehaved } = run(misbehave);
    expect([take(), misbehaved]).toEqual(['1 2 3 3 4 5 6*', []]);
  });
});

it('delivers every byte through any loss of packets and acknowledgements', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 400 }),
      fc.integer({ min: 1, max: 9 }),
      fc.infiniteStream(fc.nat(9)),
      (size, windowsize, luck) => {
        const { subject, outcomes, bytes, received, take } = transfer(size, { windowsize });
        const lost = (): boolean => (luck.next().value ?? 9) < 2;
        const idle = (): boolean => received.length === 0;
        let now = 0;
        let expected = 1;
        let file = Buffer.alloc(0);
        subject.start(now);
        // A receiver as RFC 7440 section 4 describes it: takes blocks in order, acknowledges the last good one.
        for (let turn = 0; turn < 2000 && outcomes.length === 0; turn++) {
          const packets = received.splice(0);
          const numbers = take().split(' ');
          packets.forEach((data, i) => {
            if (lost() || parseInt(numbers[i] ?? '') !== expected) return;
            file = Buffer.concat([file, data]);
            expected++;
          });
          now += 1;
          if (packets.length > 0 && !lost()) subject.acknowledge(expected - 1, undefined, now);
          else if (idle()) {
            now = subject.deadlineMs;
            subject.acknowledge(expected - 1, undefined, now); // the receiver times out as well
            if (idle()) subject.resend(now);
          }
        }
        expect(outcomes).toEqual([['complete']]);
        expect(file.equals(bytes)).toBe(true);
      },
    ),
    { numRuns: 60 },
  );
});
