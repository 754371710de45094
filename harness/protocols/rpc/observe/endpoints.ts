/** Endpoints remembered for one client. */
const MAX_ENDPOINTS = 256;

/** Ports that an endpoint mapper named to a client: what listens there speaks RPC. */
export class RpcEndpoints {
  readonly #known = new Set<string>();

  /** An answer of ept_map named this port. */
  add(ip: string, port: number): void {
    if (this.#known.size >= MAX_ENDPOINTS) this.#known.clear();
    this.#known.add(`${ip}:${port}`);
  }

  has(ip: string, port: number): boolean {
    return this.#known.has(`${ip}:${port}`);
  }
}
