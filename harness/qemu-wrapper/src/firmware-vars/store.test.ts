import fc from 'fast-check';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readStore, VariableStoreError, writeStore, type FirmwareVariable } from './store.ts';

const TESTDATA = path.join(import.meta.dirname, 'testdata');
const store = async (name: string): Promise<Uint8Array> =>
  gunzipSync(await readFile(path.join(TESTDATA, `${name}.fd.gz`)));
/** What `virt-fw-vars --output-json` (python3-virt-firmware 24.11) says of the same file. */
const witness = async (name: string): Promise<readonly unknown[]> =>
  (JSON.parse(await readFile(path.join(TESTDATA, `${name}.json`), 'utf8')) as { variables: unknown[] }).variables;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const asWitness = ({ name, guid, attributes, data, time }: FirmwareVariable) => ({
  name,
  guid,
  attr: attributes,
  data: hex(data),
  ...(time.some((byte) => byte !== 0) ? { time: hex(time) } : {}),
});

const template = await store('secure-boot-template');
/** Of its parts: a header of 72 bytes, a store of 0x3ffb8 bytes, the first variable behind 28 more. */
const FIRST_VARIABLE = 0x64;
/** The template without what was deleted in it. */
const tidy = writeStore(template, readStore(template));
const damaged = (at: number, ...bytes: number[]): Uint8Array => {
  const copy = Uint8Array.from(tidy);
  copy.set(bytes, at);
  return copy;
};

describe('a store of firmware variables', () => {
  it.each(['secure-boot-template', 'secure-boot-after-pxe'])('%s is read as virt-fw-vars reads it', async (name) => {
    const ours = readStore(await store(name)).map(asWitness);
    const theirs = await witness(name);
    expect(ours).toEqual(expect.arrayContaining([...theirs]));
    // It knows variables by their names alone, and so loses one of two that EDK2 keeps of a network card.
    expect(new Set(ours.map((one) => one.name)).size).toBe(theirs.length);
    expect(theirs.length).toBeGreaterThan(15);
  });

  it('is the same after it was written, and keeps what is not variables', async () => {
    const after = await store('secure-boot-after-pxe');
    const variables = readStore(after);
    const written = writeStore(after, variables);
    expect(readStore(written)).toEqual(variables);
    expect(written.length).toBe(after.length);
    expect(written.subarray(0, FIRST_VARIABLE)).toEqual(Buffer.from(after.subarray(0, FIRST_VARIABLE)));
    expect(written.subarray(0x40000)).toEqual(Buffer.from(after.subarray(0x40000)));
  });

  it('keeps every variable that a program can make', () => {
    const variable = fc.record<FirmwareVariable>({
      name: fc.string({ minLength: 1, unit: fc.constantFrom('B', 'o', 'Ä', '中', '0') }),
      guid: fc.uuid(),
      attributes: fc.integer({ min: 0, max: 0x7f }),
      data: fc.uint8Array({ maxLength: 64 }),
      time: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    });
    const some = fc.uniqueArray(variable, { selector: ({ name, guid }) => `${guid} ${name}`, maxLength: 20 });
    fc.assert(
      fc.property(some, (variables) => {
        expect(readStore(writeStore(template, variables)).map(asWitness)).toEqual(variables.map(asWitness));
      }),
    );
  });

  it('takes the newer of a variable that was being replaced when the VM ended', () => {
    // State 0x3e of the first: being replaced; without a second one of that name it is still the value.
    const first = readStore(template)[0];
    expect(readStore(damaged(FIRST_VARIABLE + 2, 0x3e))[0]).toEqual(first);
    const twice = writeStore(template, [first, { ...first, data: Uint8Array.of(7) }] as FirmwareVariable[]);
    twice[FIRST_VARIABLE + 2] = 0x3e;
    expect(readStore(twice)).toEqual([{ ...first, data: Uint8Array.of(7) }]);
  });

  it('passes over a deleted variable, and one of which only the header was written', () => {
    const all = readStore(template);
    expect(readStore(damaged(FIRST_VARIABLE + 2, 0x3c))).toEqual(all.slice(1));
    expect(readStore(damaged(FIRST_VARIABLE + 2, 0x7f))).toEqual(all.slice(1));
  });

  it.each<[string, Uint8Array, string]>([
    ['an empty file', new Uint8Array(), "the volume's GUID needs 16 bytes at offset 16, there are -16"],
    ['a disk', new Uint8Array(65536), 'it does not begin with a volume of firmware variables'],
    ['half a store', template.subarray(0, 4096), 'its volume has 540672 bytes, and the file only 4096'],
    ['a header with another bit', damaged(0x2d, 0xff), "the checksum of its volume's header is wrong"],
    ['a store that was never formatted', damaged(0x48 + 20, 0xff), 'its store is not formatted and healthy (255, 254)'],
    [
      'garbage between variables',
      damaged(FIRST_VARIABLE, 1),
      'at offset 100 there is neither a variable nor empty flash',
    ],
    [
      'a size beyond the store',
      damaged(FIRST_VARIABLE + 40, 0xff, 0xff, 0xff, 0x7f),
      'the value of the variable at offset 100 needs 2147483647 bytes',
    ],
    ['a name without its end', damaged(FIRST_VARIABLE + 36, 2), 'the name of the variable at offset 100 needs 2 bytes'],
  ])('refuses %s by name', (_, file, problem) => {
    expect(() => readStore(file)).toThrow(VariableStoreError);
    expect(() => readStore(file)).toThrow(problem);
  });

  it('refuses more than it has room for', () => {
    const [first] = readStore(template);
    expect(() => writeStore(template, [{ ...first, data: new Uint8Array(300_000) } as FirmwareVariable])).toThrow(
      'it has room for 262044 bytes of variables, got 3000',
    );
  });

  it('is total: any damage is read or refused by name', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20_000 }), fc.uint8Array({ minLength: 1, maxLength: 8 }), (at, bytes) => {
        try {
          readStore(damaged(at, ...bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(VariableStoreError);
        }
      }),
    );
  });
});
