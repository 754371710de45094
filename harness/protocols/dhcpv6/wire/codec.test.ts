import { describe, expect, it } from 'vitest';
import { annotated } from '../../../packet/testing/annotated.ts';
import { expectTotal } from '../../../packet/testing/hostile.ts';
import { decodeDhcpv6 } from './codec.ts';

// Frame 15 of a boot of EDK2 over IPv6.
const SOLICIT = `
  01 aae467                                      ; SOLICIT, transaction id
  0001 000e 0001000131df17bc525400770001         ; client identifier, DUID-LLT
  0008 0002 0000                                 ; elapsed time
  0003 000c f79eddd7 ffffffff ffffffff           ; IA_NA
  0006 0008 003b 003c 0017 0010                  ; wants boot file URL and parameters, DNS, vendor class
  003e 0003 01 03 00                             ; UNDI 3.0
  003d 0002 0007                                 ; architecture: x64 UEFI
  0010 0026 00000157 0020 "PXEClient:Arch:00007:UNDI:003001"`;
const ADVERTISE = `
  02 aae467
  003b 001c "tftp://[fd77::1]/snponly.efi"`;

describe('decodeDhcpv6', () => {
  it('reads what a message says of a boot', () => {
    expect(decodeDhcpv6(annotated(SOLICIT))).toEqual({
      kind: 'dhcpv6',
      type: 1,
      transaction: 0xaae467,
      architecture: 7,
      vendorClass: 'PXEClient:Arch:00007:UNDI:003001',
      bootFileUrl: undefined,
    });
    expect(decodeDhcpv6(annotated(ADVERTISE))).toMatchObject({ type: 2, bootFileUrl: 'tftp://[fd77::1]/snponly.efi' });
  });

  it('does not take a length that lies, nor a relay’s message', () => {
    expect(decodeDhcpv6(annotated(ADVERTISE.replace('001c', '001d')))).toMatchObject({
      kind: 'malformed',
      reason: 'option 59 needs 29 bytes but only 28 remain',
    });
    expect(decodeDhcpv6(annotated('0c 000000 00000000'))).toMatchObject({ kind: 'malformed' });
  });

  it('is total', () => {
    expectTotal(decodeDhcpv6, [annotated(SOLICIT), annotated(ADVERTISE)]);
  });
});
