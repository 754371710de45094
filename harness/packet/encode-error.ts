/** A value that a protocol's field cannot carry: a mistake of the caller, never of the wire. */
export class EncodeError extends Error {
  readonly protocol: string;
  readonly field: string;

  constructor(protocol: string, field: string, expected: string, actual: string | number) {
    super(`${protocol} ${field}: expected ${expected}, got ${JSON.stringify(actual)}`);
    this.name = 'EncodeError';
    this.protocol = protocol;
    this.field = field;
  }
}
