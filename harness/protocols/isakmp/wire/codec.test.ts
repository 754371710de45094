import { describe, expect, it } from 'vitest';
import { decodeIsakmpHeader } from './codec.ts';
import { annotated } from '../../../packet/testing/annotated.ts';
import { expectTotal } from '../../../packet/testing/hostile.ts';

// The reference trace's frame 32 of step 2 is of exchange type 243; its bytes are not known.
const HEADER = `
  0102030405060708 .. 8 ; cookies of initiator and responder
  0d 10 f3 00           ; vendor id, version 1.0, AuthIP main mode, no flags
  00000000 00000020     ; message id, 32 bytes
  00000004`;

describe('decodeIsakmpHeader', () => {
  it('reads the exchange', () => {
    expect(decodeIsakmpHeader(annotated(HEADER))).toEqual({
      kind: 'isakmp',
      initiator: '0102030405060708',
      responder: '0000000000000000',
      version: '1.0',
      exchangeType: 243,
      exchange: 'AuthIP main mode',
      length: 32,
    });
    expect(decodeIsakmpHeader(annotated(HEADER.replace('0d 10 f3', '0d 20 63')))).toMatchObject({
      version: '2.0',
      exchange: 'exchange 99',
    });
  });

  it('does not take a length that lies', () => {
    expect(decodeIsakmpHeader(annotated(HEADER.replace('00000020', '00000021')))).toMatchObject({
      kind: 'malformed',
      reason: 'length 33 must be from 28 to the 32 bytes',
    });
  });

  it('is total', () => {
    expectTotal(decodeIsakmpHeader, [annotated(HEADER)]);
  });
});
