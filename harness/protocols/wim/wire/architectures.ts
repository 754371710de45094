// Windows' processor codes (PROCESSOR_ARCHITECTURE_* of winnt.h), as WIM's XML and the WDS control channel carry them.
// Not the numbers of DHCP option 93.
const NAMES: ReadonlyMap<number, string> = new Map([
  [0, 'x86'],
  [5, 'arm'],
  [6, 'ia64'],
  [9, 'x64'],
  [12, 'arm64'],
]);

/** The name that WDS gives an architecture in folder names, e.g. `x64`; unassigned codes say so. */
export function windowsArchitecture(code: number): string {
  return NAMES.get(code) ?? `unknown architecture ${code}`;
}

/**
 * The architecture that a folder of RemInst's `Boot` tree is for: `Boot\x64\Images\boot.wim` names `x64`. Undefined
 * elsewhere.
 */
export function bootFolderArchitecture(path: string): string | undefined {
  const folder = /(?:^|[\\/])boot[\\/]([^\\/]+)[\\/]/i.exec(path)?.[1]?.toLowerCase();
  return [...NAMES.values()].find((name) => name === folder);
}
