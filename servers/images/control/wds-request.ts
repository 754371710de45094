import type { WdsVariable } from '../../../harness/protocols/wds/wire/codec.ts';
import type { RpcCaller } from '../rpc/interface.ts';

/**
 * Windows error codes that replies carry (MS-ERREF section 2.2). No document says which code a WDS server gives in
 * which case: ours are the nearest.
 */
export const WIN32 = {
  success: 0,
  accessDenied: 5,
  invalidData: 13,
  genFailure: 31,
  notSupported: 50,
  invalidParameter: 87,
  notFound: 1168,
} as const;

/** An operation cannot be done; the reply carries the code. */
export class WdsError extends Error {
  override readonly name = 'WdsError';
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** One request's variables; names are compared without regard to case (MS-WDSC section 2.2.1.3.1). */
export class WdsRequest {
  readonly caller: RpcCaller;
  readonly #variables: ReadonlyMap<string, WdsVariable>;

  /** Throws WdsError for a name that is there twice. */
  constructor(variables: readonly WdsVariable[], caller: RpcCaller) {
    this.caller = caller;
    this.#variables = new Map(variables.map((variable) => [variable.name.toUpperCase(), variable]));
    if (this.#variables.size < variables.length) throw new WdsError(WIN32.invalidParameter, 'a variable occurs twice');
  }

  /** A number that must be there. */
  number(name: string): number {
    const value = this.optionalNumber(name);
    if (value === undefined) throw this.#missing(name, 'number');
    return value;
  }

  optionalNumber(name: string): number | undefined {
    const value = this.#value(name);
    if (value === undefined || typeof value === 'number') return value;
    throw new WdsError(WIN32.invalidParameter, `variable ${name}: expected a number, got ${typeof value}`);
  }

  /** A text that must be there. */
  text(name: string): string {
    const value = this.optionalText(name);
    if (value === undefined) throw this.#missing(name, 'text');
    return value;
  }

  optionalText(name: string): string | undefined {
    const value = this.#value(name);
    if (value === undefined || typeof value === 'string') return value;
    throw new WdsError(WIN32.invalidParameter, `variable ${name}: expected a text, got ${typeof value}`);
  }

  /** Every request of the OS deployment endpoint says version 1. */
  checkVersion(): void {
    const version = this.number('VERSION');
    if (version !== 1) throw new WdsError(WIN32.invalidParameter, `variable VERSION: expected 1, got ${version}`);
  }

  #value(name: string): WdsVariable['values'][number] | undefined {
    const variable = this.#variables.get(name.toUpperCase());
    // A value of no bytes: the empty text.
    return variable && (variable.values[0] ?? (variable.type === 0x20 || variable.type === 0x10 ? '' : undefined));
  }

  #missing(name: string, what: string): WdsError {
    return new WdsError(WIN32.invalidParameter, `variable ${name}: expected a ${what}, got none`);
  }
}

export const ulong = (name: string, value: number): WdsVariable => ({ name, type: 4, values: [value] });
export const ulong64 = (name: string, value: bigint): WdsVariable => ({ name, type: 8, values: [value] });
export const wide = (name: string, value: string): WdsVariable => ({ name, type: 0x20, values: [value] });
export const blob = (name: string, value: Uint8Array): WdsVariable => ({ name, type: 0x40, values: [value] });
