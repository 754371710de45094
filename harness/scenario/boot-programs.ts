import { agentLoader, type AgentLoaderName } from '../../vm-images/bundle-contents.ts';
import type { Firmware } from '#qemu-wrapper/nic-models';
import type { MatrixPoint } from './matrix/points.ts';
import { isArm } from './processor.ts';
import type { ScenarioContent } from './schema/scenario.ts';

// Boot programs that clients, or an axis of the matrix, choose by a word.

type Choosing = Pick<ScenarioContent, 'clients' | 'matrix'>;

/** Where iPXE finds its script, by its firmware: beside the kernel, below the root. */
export const ipxeScriptOf = (firmware: Firmware): string =>
  isArm(firmware) ? 'boot/arm64/boot.ipxe' : 'boot/x86/boot.ipxe';

/** Every boot program that a VM of the scenario chooses at some point of its matrix. */
export function chosenPrograms({ clients, matrix }: Choosing): readonly AgentLoaderName[] {
  const axis = matrix?.['boot-program'];
  const chosen = axis ?? clients.flatMap((client) => client['boot-program'] ?? []);
  return [...new Set(chosen)];
}

/** Whether a boot program is iPXE. */
export const isIpxe = (name: AgentLoaderName): boolean => agentLoader(name).isIpxe === true;

/** Where a chosen iPXE is not the only iPXE of its firmware: its file, and the chip that it names where it runs. */
export function besideRom(
  name: AgentLoaderName,
  firmware: Firmware,
): { readonly chip: string; readonly file: string } | undefined {
  const { chip, files } = agentLoader(name);
  const file = files[firmware];
  return chip === undefined || file === undefined ? undefined : { chip, file };
}

/** Whether a VM chooses iPXE, which is given a script once it runs. */
export const choosesIpxe = (content: Choosing): boolean => chosenPrograms(content).some(isIpxe);

/** Files of the chosen boot programs by the firmware that starts each. */
export function chosenFiles(content: Choosing): readonly (readonly [firmware: Firmware, file: string])[] {
  return chosenPrograms(content).flatMap((name) => Object.entries(agentLoader(name).files) as [Firmware, string][]);
}

/** Bundles that the chosen boot programs come from, beside the root. */
export function chosenBundles(content: Choosing): readonly string[] {
  return [...new Set(chosenPrograms(content).flatMap((name) => agentLoader(name).bundle ?? []))];
}

/** A scenario at a point of its matrix, as far as its boot programs go: each VM chooses the point's. */
export function withProgramOf<T extends Choosing>(content: T, point: MatrixPoint): T {
  const program = point['boot-program'] as AgentLoaderName | undefined;
  if (program === undefined) return content;
  const { 'boot-program': _axis, ...matrix } = content.matrix ?? {};
  const clients = content.clients.map((client) =>
    client.plays === undefined ? { ...client, 'boot-program': program } : client,
  );
  return { ...content, matrix, clients };
}
