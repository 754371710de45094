/** What runs have that only some of them need something for. */
export interface RunUses {
  /** Firmwares of VMs. */
  readonly firmwares: readonly string[];
  /** Bundles of vm-images. */
  readonly bundles: readonly string[];
  /** Kinds of services. */
  readonly services: readonly string[];
  /** Devices of VMs that programs of their own play. */
  readonly devices: readonly string[];
  /** What is looked at after a boot. */
  readonly checks?: readonly string[];
}

interface PlannedRun {
  readonly bundles: readonly string[];
  readonly services: readonly { readonly kind: string }[];
  readonly clients: readonly {
    readonly plays?: unknown;
    readonly firmware?: string;
    readonly tpm?: true;
    readonly after?: { readonly restoredFrom?: string };
  }[];
}

/** What these plans have that only some runs have. */
export function usesOf(plans: readonly PlannedRun[]): RunUses {
  return {
    firmwares: plans.flatMap(({ clients }) =>
      clients.flatMap(({ plays, firmware }) => (plays !== undefined || firmware === undefined ? [] : [firmware])),
    ),
    bundles: plans.flatMap(({ bundles }) => bundles),
    services: plans.flatMap(({ services }) => services.map(({ kind }) => kind)),
    devices: plans.flatMap(({ clients }) => clients.flatMap(({ tpm }) => (tpm === true ? ['tpm'] : []))),
    checks: plans.flatMap(({ clients }) =>
      clients.flatMap(({ after }) => (after?.restoredFrom === undefined ? [] : ['restored-from'])),
    ),
  };
}
