/** Ports that services were given beside their protocol's own, by protocol name. */
export type ExtraPorts = Readonly<Partial<Record<string, readonly number[]>>>;

/** Where servers of a protocol over TCP listen: its own ports, and those that the scenario gives them. */
export function portsOf(
  { name, tcp }: { readonly name: string; readonly tcp?: { readonly ports: readonly number[] } | undefined },
  extra: ExtraPorts = {},
): readonly number[] {
  return [...(tcp?.ports ?? []), ...(extra[name] ?? [])];
}
