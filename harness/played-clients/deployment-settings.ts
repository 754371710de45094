import type { Credentials } from './ntlm-initiator.ts';

/** Settings of the deployment client, which follows the boot program and Windows PE. */
export interface DeploymentSettings {
  /** Host of the control service; absent: the server that the boot program came from. */
  readonly server?: string;
  /** TCP port of the control service where no endpoint mapper reports it. */
  readonly port?: number;
  /** Who it logs on as when it has asked for its answer file. */
  readonly credentials: Credentials;
}

/** The computer that a deployment client speaks for. */
export interface Computer {
  readonly mac: string;
  /** SMBIOS UUID. */
  readonly uuid: string;
  readonly ip: string;
  /** Option 93 of its ROM. */
  readonly architecture: number;
}
