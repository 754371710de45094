import { describe, expect, test } from 'vitest';
import type { TftpEvent } from './events.ts';
import { at, CLIENT, SERVER } from '../../../observe/testing/scene.ts';
import { TftpTransfer } from './transfer.ts';

/** A capture that cut the payload. */
const NO_BYTES = new Uint8Array(0);
const FRAME = { number: 1, atUs: 0, bytes: new Uint8Array(0), originalLength: 0 };

/** A lockstep transfer of full blocks with these numbers. */
function transferred(blocks: Iterable<number>): TftpEvent[] {
  const events: TftpEvent[] = [];
  const transfer = new TftpTransfer(
    { client: CLIENT.mac, transfer: 't', filename: 'f', mode: 'octet', options: [], kind: 'read-request' },
    at(SERVER, 69),
    FRAME,
    (event) => events.push(event),
  );
  for (const block of blocks) {
    transfer.data(FRAME, 'server', block, 512, NO_BYTES);
    transfer.ack(FRAME, 'client', block, undefined);
  }
  return events;
}

function* rolling(count: number, afterRollOver: number): Generator<number> {
  for (let i = 1, block = 1; i <= count; i++, block = block === 0xffff ? afterRollOver : block + 1) yield block;
}

const types = (events: readonly TftpEvent[]): string[] => events.map(({ type }) => type);

describe('more than 65535 blocks', () => {
  test('block 0 follows block 65535', () => {
    expect(types(transferred(rolling(140_000, 0)))).toEqual(['tftp.read-request', 'tftp.first-data']);
  });

  test('a server that goes on with block 1 is followed, and named once', () => {
    expect(
      transferred(rolling(140_000, 1)).flatMap((event) => (event.type === 'tftp.anomaly' ? [event.anomaly] : [])),
    ).toEqual([{ kind: 'rollover-to-one' }]);
  });

  test('blocks and bytes are counted across it', () => {
    const events: TftpEvent[] = [];
    const transfer = new TftpTransfer(
      { client: CLIENT.mac, transfer: 't', filename: 'f', mode: 'octet', options: [], kind: 'read-request' },
      at(SERVER, 69),
      FRAME,
      (event) => events.push(event),
    );
    let last = 0;
    for (const block of rolling(70_001, 0)) {
      last = block;
      transfer.data(FRAME, 'server', block, 512, NO_BYTES);
      transfer.ack(FRAME, 'client', block, undefined);
    }
    transfer.data(FRAME, 'server', last + 1, 3, NO_BYTES);
    transfer.ack(FRAME, 'client', last + 1, undefined);
    expect(events.at(-1)).toMatchObject({
      type: 'tftp.complete',
      blocks: 70_002,
      figures: { bytes: 70_001 * 512 + 3 },
    });
  });
});
