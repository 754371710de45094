import { bootSector, COM1, LOADED_AT, word } from './real-mode.ts';

/**
 * A boot sector in real mode: writes "ready" to COM1 and the screen, then for each key "key HH", its ASCII code in hex.
 * The key r resets the VM by the keyboard controller.
 */
export function echoBootSector(): Uint8Array {
  const text = Buffer.from('ready\r\n\0key \0\r\n\0', 'latin1');
  const textAt = 0x100;
  const ready = LOADED_AT + textAt;
  const key = ready + 8;
  const lineEnd = key + 5;
  const code: number[] = [];
  const put = (...bytes: number[]): void => void code.push(...bytes);
  const PUTC = 0x80;
  const PUTS = 0xa0;
  const HEX = 0xb0;
  const call = (target: number): void => put(0xe8, ...word(target - (code.length + 3)));
  const puts = (address: number): void => {
    put(0xbe, ...word(address)); // mov si, address
    call(PUTS);
  };

  put(0x31, 0xc0, 0x8e, 0xd8, 0x8e, 0xd0, 0xbc, ...word(LOADED_AT)); // xor ax, ax; mov ds, ax; mov ss, ax; mov sp, 7c00
  puts(ready);
  const loop = code.length;
  put(0x30, 0xe4, 0xcd, 0x16); // xor ah, ah; int 16h: wait for a key
  put(0x3c, 0x72, 0x75, 0x04); // cmp al, 'r'; jne +4
  put(0xb0, 0xfe, 0xe6, 0x64); // mov al, fe; out 64, al: pulse the reset line
  put(0x88, 0xc7); // mov bh, al
  puts(key);
  put(0x88, 0xf8, 0xc0, 0xe8, 0x04); // mov al, bh; shr al, 4
  call(HEX);
  put(0x88, 0xf8, 0x24, 0x0f); // mov al, bh; and al, 0f
  call(HEX);
  puts(lineEnd);
  put(0xeb, (loop - (code.length + 2)) & 0xff); // jmp loop

  // putc: al to COM1 when it is empty, then to the screen (bh is kept: it holds the key).
  const putc = [
    0x53,
    0x50,
    0xba,
    ...word(COM1 + 5), // push bx; push ax; mov dx, line status
    0xec,
    0xa8,
    0x20,
    0x74,
    0xfb, // in al, dx; test al, 20; jz -5
    0x58,
    0xba,
    ...word(COM1),
    0xee, // pop ax; mov dx, data; out dx, al
    0xb4,
    0x0e,
    0x31,
    0xdb,
    0xcd,
    0x10, // mov ah, 0e; xor bx, bx; int 10h
    0x5b,
    0xc3, // pop bx; ret
  ];
  // puts: bytes at si until a zero.
  const putString = [0xac, 0x08, 0xc0, 0x74, 0x05, 0xe8, ...word(PUTC - (PUTS + 8)), 0xeb, 0xf6, 0xc3];
  // hex: the digit in al.
  const hex = [0x3c, 0x0a, 0x72, 0x02, 0x04, 0x27, 0x04, 0x30, 0xe8, ...word(PUTC - (HEX + 11)), 0xc3];
  return bootSector([
    [0, code],
    [PUTC, putc],
    [PUTS, putString],
    [HEX, hex],
    [textAt, [...text]],
  ]);
}
