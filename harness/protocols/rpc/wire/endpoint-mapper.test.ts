import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RPC_SYNTAXES } from './codec.ts';
import {
  decodeEptMapRequest,
  decodeEptMapResponse,
  encodeEptMapRequest,
  encodeEptMapResponse,
  EPT_NOT_REGISTERED,
} from './endpoint-mapper.ts';
import { annotated } from '../../../packet/testing/annotated.ts';
import { expectTotal } from '../../../packet/testing/hostile.ts';

const wanted = { interface: RPC_SYNTAXES.wdsControl, transfer: RPC_SYNTAXES.ndr };

// C706 appendix L, as impacket's hept_map writes it: no object, a tower of five floors, no entry handle, four towers at
// most.
const REQUEST = `
  00000000 01000000
  4b000000 4b000000 0500                                         ; 75 bytes, five floors
  1300 0d 9473921a2e355345ae3f7cf4aafca620 0100 0200 0000         ; interface 1.0
  1300 0d 045d888aeb1cc9119fe808002b104860 0200 0200 0000         ; NDR 2.0
  0100 0b 0200 0000                                              ; connection-oriented RPC
  0100 07 0200 0000                                              ; TCP port
  0100 09 0400 00000000 00                                       ; IP address, padding
  .. 20
  04000000`;

describe('ept_map', () => {
  it('is asked as impacket asks', () => {
    expect(encodeEptMapRequest(wanted)).toEqual(annotated(REQUEST));
    expect(decodeEptMapRequest(annotated(REQUEST))).toMatchObject({
      kind: 'ept-map-request',
      maxTowers: 4,
      tower: { ...wanted, overTcp: true, port: 0, ip: '0.0.0.0' },
    });
  });

  it('carries port and address in the answer, port first byte first', () => {
    expect(decodeEptMapResponse(encodeEptMapResponse({ ...wanted, port: 5040, ip: '172.22.52.207' }, 4))).toMatchObject(
      {
        towers: [{ ...wanted, overTcp: true, port: 5040, ip: '172.22.52.207' }],
        status: 0,
      },
    );
    expect(decodeEptMapResponse(encodeEptMapResponse(undefined, 4))).toEqual({
      kind: 'ept-map-response',
      towers: [],
      status: EPT_NOT_REGISTERED,
    });
  });

  it('reads a request with an object, and refuses one without a tower', () => {
    const object = annotated(
      REQUEST.replace('00000000 01000000', `01000000 9473921a2e355345ae3f7cf4aafca620 02000000`),
    );
    expect(decodeEptMapRequest(object)).toMatchObject({ object: RPC_SYNTAXES.wdsControl.uuid, tower: wanted });
    expect(decodeEptMapRequest(annotated('00000000 00000000'))).toMatchObject({
      kind: 'malformed',
      reason: 'the request has no tower',
    });
  });

  it('says what does not fit in a tower', () => {
    expect(decodeEptMapRequest(annotated(REQUEST.replace('4b000000 4b000000', '4b000000 4c000000')))).toMatchObject({
      reason: 'tower length 76 differs from array count 75',
    });
    expect(decodeEptMapRequest(annotated(REQUEST.replace('1300 0d 9473', 'ff00 0d 9473')))).toMatchObject({
      reason: 'tower: left side needs 255 bytes but only 71 remain',
    });
  });

  it('survives a count of towers that lies', () => {
    expect(decodeEptMapResponse(annotated('.. 20 ffffffff ffffffff 00000000 ffffffff 01000000'))).toMatchObject({
      kind: 'malformed',
    });
  });

  it('carries every port', () => {
    fc.assert(
      fc.property(fc.nat(0xffff), (port) => {
        expect(decodeEptMapResponse(encodeEptMapResponse({ ...wanted, port, ip: '10.0.0.1' }, 1))).toMatchObject({
          towers: [{ port }],
        });
      }),
    );
  });

  it('is total', () => {
    expectTotal(decodeEptMapRequest, [annotated(REQUEST)]);
    expectTotal(decodeEptMapResponse, [encodeEptMapResponse({ ...wanted, port: 5040, ip: '172.22.52.207' }, 4)]);
  });
});
