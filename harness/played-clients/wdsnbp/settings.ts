import type { ByteOrder } from '../../packet/byte-order.ts';
import type { DeploymentSettings } from '../deployment-settings.ts';

/**
 * Settings of the client that plays a PXE ROM and then wdsnbp. A fact that no capture of ours shows
 * (harness/docs/protocols.md 9: byte order and units of option 250) is a setting, as it is in the server.
 */
export interface WdsnbpSettings {
  /** Option 93 of the ROM, and the architecture that the boot program reports in option 250. */
  readonly architecture: number;
  /**
   * What the user does at the boot program's prompt: F12 goes on at an opt-in prompt, ESC gives up at an opt-out
   * prompt.
   */
  readonly presses: 'f12' | 'esc' | 'nothing';
  /** How long the boot program asks for an administrator's decision, whatever number of tries the server grants. */
  readonly pollsForMs: number;
  /** Bytes of the numbers in option 250. */
  readonly byteOrder: ByteOrder;
  /** Unit of the server's poll interval, in milliseconds. */
  readonly pollIntervalUnitMs: number;
}

/** Event of the program when it waits for its power button. */
export const PLAYED_CLIENT_READY = 'client.ready';

/** First line of the program's standard input. */
export interface WdsnbpJob {
  readonly mac: string;
  /** SMBIOS UUID, option 97. */
  readonly uuid: string;
  readonly settings: WdsnbpSettings;
  /** Goes on as the deployment client when the boot program has loaded its next one. */
  readonly deployment?: DeploymentSettings | undefined;
}
