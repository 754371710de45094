import type { Step } from '../../../reports/result.ts';
import type { CommentedMap } from '../commented.ts';
import type { CaptureFacts } from '../facts/capture-facts.ts';
import type { LabNetwork } from './lab-network.ts';

/** Services that can be told to misbehave. */
export type Misbehaving = 'dhcp' | 'dhcpv6' | 'pxe' | 'tftp' | 'http' | 'control';

/** What every part of the scenario is decided from. */
export interface Decision {
  /** The client's name in the scenario. */
  readonly name: string;
  readonly facts: CaptureFacts;
  readonly network: LabNetwork;
  /** The step that failed first. */
  readonly failure: Step | undefined;
  /** What the services must do wrong, so that the boot fails as it did. */
  readonly misbehaviours: Readonly<Partial<Record<Misbehaving, CommentedMap>>>;
  /** Notes something that the capture does not show, or that a scenario cannot say. */
  readonly open: (note: string) => void;
}
