/** Orders of the bytes of a number. */
export const BYTE_ORDERS = ['big-endian', 'little-endian'] as const;
export type ByteOrder = (typeof BYTE_ORDERS)[number];
