/**
 * Hardware addresses of the clients that others start after: somebody waits for their verdict while the capture goes
 * on.
 */
export function followedMacs(
  clients: readonly { readonly name: string; readonly mac: string; readonly startsAfter?: string }[],
): ReadonlySet<string> {
  const names = new Set(clients.flatMap(({ startsAfter }) => startsAfter ?? []));
  return new Set(clients.filter(({ name }) => names.has(name)).map(({ mac }) => mac.toLowerCase()));
}
