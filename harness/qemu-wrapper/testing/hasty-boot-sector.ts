import { bootSector, COM1, LOADED_AT, word } from './real-mode.ts';

const TEXT_AT = 0x40;

/**
 * A boot sector in real mode that writes a line so many times to COM1, never asking whether the port is ready, and then ends QEMU by
 * an isa-debug-exit device: what the port does not take at once is lost, as what Linux has not yet sent when it restarts.
 */
export function hastyBootSector({ line, times, port }: { line: string; times: number; port: number }): Uint8Array {
  const code = [
    ...[0x31, 0xc0, 0x8e, 0xd8], // xor ax, ax; mov ds, ax
    ...[0xba, ...word(COM1), 0xbb, ...word(times)], // mov dx, data; mov bx, times
    ...[0xbe, ...word(LOADED_AT + TEXT_AT)], // mov si, text
    ...[0xac, 0x84, 0xc0, 0x74, 0x03], // lodsb; test al, al; jz +3
    ...[0xee, 0xeb, 0xf8], // out dx, al; jmp -8, to the lodsb
    ...[0x4b, 0x75, 0xf2], // dec bx; jnz -14, to the mov si
    ...[0x66, 0x31, 0xc0, 0xba, ...word(port), 0x66, 0xef], // xor eax, eax; mov dx, port; out dx, eax
    ...[0xf4, 0xeb, 0xfd], // hlt; jmp to the hlt
  ];
  return bootSector([
    [0, code],
    [TEXT_AT, [...Buffer.from(`${line}\r\n`, 'latin1')]],
  ]);
}
