/** One request to the store, as restic-rest-server logs it. */
export interface StoreRequest {
  readonly client: string;
  readonly method: string;
  /** Kind of the object or list: `data`, `index`, `snapshots`, `keys`, `locks`, `config`; undefined for the store itself. */
  readonly kind: string | undefined;
  /** SHA-256 of the object's content; undefined for a list and for `config`. */
  readonly id: string | undefined;
  readonly status: number;
  /** Of the response's body. */
  readonly bytes: number;
}

// Apache's combined log format, which restic-rest-server writes with --log.
const LINE =
  /^(?<client>\S+) \S+ \S+ \[[^\]]*\] "(?<method>[A-Z]+) (?<path>\S+) HTTP\/[\d.]+" (?<status>\d{3}) (?<bytes>\d+)/;
const PATH = /^\/(?:(?<kind>data|index|snapshots|keys|locks|config)(?:\/(?<id>[0-9a-f]{64})?)?)?(?:\?.*)?$/;

/** A line of the log; undefined for one that is no request. */
export function parseRequest(line: string): StoreRequest | undefined {
  const fields = LINE.exec(line)?.groups;
  if (fields === undefined) return undefined;
  const path = PATH.exec(fields['path'] ?? '')?.groups;
  return {
    client: fields['client'] ?? '',
    method: fields['method'] ?? '',
    kind: path?.['kind'],
    id: path?.['id'],
    status: Number(fields['status']),
    bytes: Number(fields['bytes']),
  };
}
