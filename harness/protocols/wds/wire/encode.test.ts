import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeWdsPacket, encodeWdsReplyStub, encodeWdsRequestStub } from './encode.ts';
import { decodeWdsPacket, decodeWdsStub, wdsReturnValue, wdsReturnWithoutPacket, type WdsVariable } from './codec.ts';

const OS_DEPLOYMENT = 'd8deeb5a-effd-43b2-99fc-1a8a5921c227';

const name = fc.stringMatching(/^[A-Z][A-Z0-9_.[\]]{0,31}$/);
const text = fc.stringMatching(/^[^\0]{0,40}$/).filter((value) => value.isWellFormed());
const scalar = fc.oneof(
  fc.record({ name, type: fc.constant(1), values: fc.tuple(fc.nat(0xff)) }),
  fc.record({ name, type: fc.constant(2), values: fc.tuple(fc.nat(0xffff)) }),
  fc.record({ name, type: fc.constant(4), values: fc.tuple(fc.nat(0xffff_ffff)) }),
  fc.record({ name, type: fc.constant(8), values: fc.tuple(fc.bigInt(0n, 2n ** 64n - 1n)) }),
  fc.record({ name, type: fc.constant(0x20), values: fc.tuple(text) }),
  fc.record({ name, type: fc.constant(0x40), values: fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 })) }),
);
const array = fc.oneof(
  fc.record({ name, type: fc.constant(0x1004), values: fc.array(fc.nat(0xffff_ffff), { minLength: 1, maxLength: 5 }) }),
  fc.record({ name, type: fc.constant(0x1020), values: fc.array(text, { minLength: 1, maxLength: 5 }) }),
);
const variables: fc.Arbitrary<WdsVariable[]> = fc.array(fc.oneof(scalar, array), { maxLength: 5 });

describe('encodeWdsPacket', () => {
  it("writes packets that decode to themselves, in a request's and in a reply's stub", () => {
    fc.assert(
      fc.property(variables, fc.nat(0xffff_ffff), fc.nat(0xffff_ffff), (list, code, returnValue) => {
        const request = encodeWdsPacket({ endpoint: OS_DEPLOYMENT, packetType: 'request', code, variables: list });
        expect(decodeWdsStub(encodeWdsRequestStub(request), 'request')).toEqual({
          kind: 'wds',
          endpoint: OS_DEPLOYMENT,
          service: 'os-deployment',
          packetType: 'request',
          opcode: code,
          variables: list,
        });
        const reply = encodeWdsReplyStub(
          encodeWdsPacket({ endpoint: OS_DEPLOYMENT, packetType: 'reply', code, variables: list }),
          returnValue,
        );
        expect(decodeWdsStub(reply, 'response')).toMatchObject({
          packetType: 'reply',
          errorCode: code,
          variables: list,
        });
        expect(wdsReturnValue(reply)).toBe(returnValue);
      }),
    );
  });

  it('tells the size of all, and the size behind the endpoint header (MS-WDSC sections 2.2.1.1 and 2.2.1.2)', () => {
    const packet = encodeWdsPacket({
      endpoint: OS_DEPLOYMENT,
      packetType: 'request',
      code: 3,
      variables: [{ name: 'VERSION', type: 4, values: [1] }],
    });
    const view = new DataView(packet.buffer);
    expect([view.getUint16(0, true), view.getUint32(4, true), view.getUint32(40, true), packet.length]).toEqual([
      40, 152, 112, 152,
    ]);
    expect(decodeWdsPacket(packet)).toMatchObject({ opcode: 3 });
  });

  it('refuses a name that does not fit and a value of another type', () => {
    const packet = (variable: WdsVariable) => () =>
      encodeWdsPacket({ endpoint: OS_DEPLOYMENT, packetType: 'request', code: 3, variables: [variable] });
    expect(packet({ name: 'X'.repeat(33), type: 4, values: [1] })).toThrow(
      'wds variable name: expected at most 32 characters',
    );
    expect(packet({ name: 'X', type: 4, values: ['text'] })).toThrow('wds variable X: expected a value of type 0x4');
  });

  it('has a reply without a packet', () => {
    const stub = encodeWdsReplyStub(undefined, 0x57);
    expect([wdsReturnValue(stub), wdsReturnWithoutPacket(stub)]).toEqual([0x57, 0x57]);
    expect(wdsReturnWithoutPacket(stub.subarray(0, 11))).toBeUndefined();
    expect(wdsReturnWithoutPacket(encodeWdsReplyStub(new Uint8Array(4), 0))).toBeUndefined();
  });
});
