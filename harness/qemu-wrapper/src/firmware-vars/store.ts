import { guidBytes, littleEndian, MalformedError, Reader, ucs2 } from './bytes.ts';

// EDK2's variable store as it lies in a flash chip: a firmware volume (PI 1.8, volume 3, section 3.2.1) that holds a
// VARIABLE_STORE_HEADER and variables one after the other (MdeModulePkg/Include/Guid/VariableFormat.h).

/** One variable of a firmware. */
export interface FirmwareVariable {
  readonly name: string;
  readonly guid: string;
  /** EFI_VARIABLE_… bits: 1 non-volatile, 2 boot services, 4 runtime, 0x20 authenticated by time. */
  readonly attributes: number;
  readonly data: Uint8Array;
  /** EFI_TIME of an authenticated variable; else zero. 16 bytes. */
  readonly time: Uint8Array;
}

/** A file is no variable store, or a damaged one. */
export class VariableStoreError extends Error {
  override readonly name = 'VariableStoreError';
  readonly code = 'VARIABLE_STORE';
}

const VOLUME_GUID = 'fff12b8d-7696-4c8b-a985-2747075b4f50';
const STORE_GUID = 'aaf32c78-947b-439a-a180-2e144ec37792';
const VOLUME_HEADER_BYTES = 56;
const STORE_HEADER_BYTES = 28;
const VARIABLE_HEADER_BYTES = 60;
const FORMATTED = 0x5a;
const HEALTHY = 0xfe;
const START_ID = 0x55aa;
const ERASED = 0xff;
const ERASED_SIZE = 0xffff_ffff;
const ALIGNMENT = 4;

/** States are bits that a flash chip can only clear: a variable is added, then being replaced, then deleted. */
const ADDED = 0x3f;
const BEING_REPLACED = 0x3e;

/** How many bytes from the start of the file are the volume; what follows is an empty flash chip. */
export function volumeLength(header: Uint8Array): number {
  return guarded(() => {
    const read = new Reader(header, 16);
    expectThat(read.guid("the volume's GUID") === VOLUME_GUID, 'it does not begin with a volume of firmware variables');
    const length = Number(read.u64('the length of the volume'));
    expectThat(
      new TextDecoder().decode(read.bytes(4, "the volume's signature")) === '_FVH',
      'its volume has no signature _FVH',
    );
    return length;
  });
}

/** Variables of a store, in the order in which they were written. Throws VariableStoreError. */
export function readStore(file: Uint8Array): readonly FirmwareVariable[] {
  return guarded(() => {
    const { start, end } = boundsOf(file);
    const read = new Reader(file.subarray(0, end), start);
    const live = new Map<string, FirmwareVariable & { readonly replaced: boolean }>();
    while (read.left >= VARIABLE_HEADER_BYTES) {
      const at = read.at;
      if (read.u16('the start of a variable') !== START_ID) {
        expectThat(
          file.subarray(at, end).every((byte) => byte === ERASED),
          `at offset ${at} there is neither a variable nor empty flash`,
        );
        break;
      }
      const found = oneVariable(read, at);
      const { name, guid } = found.variable;
      const key = `${guid} ${name}`;
      const replaced = found.state === BEING_REPLACED;
      if (found.state === ADDED || (replaced && live.get(key)?.replaced !== false))
        live.set(key, { ...found.variable, replaced });
      read.at = Math.min(end, aligned(read.at));
    }
    return [...live.values()].map(({ replaced: _, ...variable }) => variable);
  });
}

/** The same file with these variables instead. Throws VariableStoreError for a damaged file, and where they do not fit. */
export function writeStore(file: Uint8Array, variables: readonly FirmwareVariable[]): Uint8Array {
  return guarded(() => {
    const { start, end } = boundsOf(file);
    const written = Buffer.concat(variables.map(bytesOf));
    expectThat(
      written.length <= end - start,
      `it has room for ${end - start} bytes of variables, got ${written.length}`,
    );
    const copy = Buffer.from(file);
    copy.fill(ERASED, start, end);
    copy.set(written, start);
    return copy;
  });
}

/** Where variables begin and end. */
function boundsOf(file: Uint8Array): { start: number; end: number } {
  const length = volumeLength(file);
  expectThat(length <= file.length, `its volume has ${length} bytes, and the file only ${file.length}`);
  const read = new Reader(file, VOLUME_HEADER_BYTES - 8);
  const headerLength = read.u16('the length of the header of the volume');
  expectThat(
    headerLength >= VOLUME_HEADER_BYTES && headerLength % 2 === 0 && headerLength <= file.length,
    `its volume has a header of ${headerLength} bytes`,
  );
  const header = new Reader(file);
  let sum = 0;
  while (header.at < headerLength) sum = (sum + header.u16("the volume's header")) & 0xffff;
  expectThat(sum === 0, "the checksum of its volume's header is wrong");
  const store = new Reader(file, headerLength);
  expectThat(store.guid("the store's GUID") === STORE_GUID, 'its volume holds no store of authenticated variables');
  const size = store.u32('the size of the store');
  const [format, state] = [store.u8("the store's format"), store.u8("the store's state")];
  expectThat(format === FORMATTED && state === HEALTHY, `its store is not formatted and healthy (${format}, ${state})`);
  expectThat(
    size >= STORE_HEADER_BYTES && headerLength + size <= length,
    `its store has ${size} bytes in a volume of ${length}`,
  );
  return { start: headerLength + STORE_HEADER_BYTES, end: headerLength + size };
}

function oneVariable(read: Reader, at: number): { state: number; variable: FirmwareVariable } {
  const where = `the variable at offset ${at}`;
  const state = read.u8(where);
  read.bytes(1, where);
  const attributes = read.u32(where);
  read.bytes(8, where); // A monotonic count that EDK2 no longer uses.
  const time = read.bytes(16, where);
  read.u32(where); // The index of a public key: the same.
  const sizes = [read.u32(where), read.u32(where)] as const;
  const guid = read.guid(where);
  // A variable that was being added when the VM ended has a header, but maybe no sizes.
  const [nameSize, dataSize] = sizes.map((size) => (size === ERASED_SIZE && state !== ADDED ? 0 : size)) as [
    number,
    number,
  ];
  const nameBytes = read.bytes(nameSize, `the name of ${where}`);
  const data = read.bytes(dataSize, `the value of ${where}`);
  if (state !== ADDED && state !== BEING_REPLACED)
    return { state, variable: { name: '', guid, attributes, data, time } };
  const name = new Reader(nameBytes);
  const text = name.text(`the name of ${where}`);
  expectThat(name.left === 0, `the name of ${where} ends before its ${nameSize} bytes`);
  return { state, variable: { name: text, guid, attributes, data, time } };
}

function bytesOf({ name, guid, attributes, data, time }: FirmwareVariable): Uint8Array {
  const nameBytes = ucs2(name);
  const body = Buffer.concat([
    littleEndian(START_ID, 2),
    littleEndian(ADDED, 1),
    Buffer.alloc(1),
    littleEndian(attributes, 4),
    Buffer.alloc(8),
    time,
    Buffer.alloc(4),
    littleEndian(nameBytes.length, 4),
    littleEndian(data.length, 4),
    guidBytes(guid),
    nameBytes,
    data,
  ]);
  return Buffer.concat([body, Buffer.alloc(aligned(body.length) - body.length, ERASED)]);
}

const aligned = (at: number): number => Math.ceil(at / ALIGNMENT) * ALIGNMENT;

function expectThat(condition: boolean, problem: string): asserts condition {
  if (!condition) throw new MalformedError(problem);
}

function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof MalformedError) throw new VariableStoreError(error.message);
    throw error;
  }
}
