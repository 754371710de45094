import type { ClientResult } from '../../reports/result.ts';
import { isFirmwareClass } from '../protocols/dhcp/judge/facts.ts';
import { isProbeName } from '../protocols/base/judge/path-names.ts';
import { isAuthenticated } from '../protocols/rpc/judge/status.ts';
import type { StepDraft } from '../protocols/base/judge/step.ts';

/** One phase of a boot, milliseconds from its start. */
type PhaseSpan = NonNullable<ClientResult['phaseSpans']>[number];

/**
 * Where a boot's time went, phase by phase, from its steps alone; a phase that did not end is absent.
 *
 * firmware: power-on to first DISCOVER; dhcp: to its ACK; proxy: from there to the boot server's ACK on port 4011; nbp:
 * from there to the complete boot file; kernel: to the end of the last boot transfer; os: to the first frame of the
 * booted system; guest-dhcp: its DHCP; authentication: first Kerberos or SMB step, or first logon over RPC, to the
 * session and to the first answered request of that logon; image: first image step to the end of the last image
 * transfer; capture: first byte of an image that is written to the share until it has its name there.
 */
export function phasesOf(steps: readonly StepDraft[], startUs: number): PhaseSpan[] {
  const passed = steps.filter((step) => step.verdict === 'passed');
  const first = (...names: string[]): StepDraft | undefined => passed.find((step) => names.includes(step.step));
  const discover = passed.find((step) => step.step === 'dhcp.discover' && isFirmwareClass(step.detail['vendorClass']));
  const ack = discover && passed.find((step) => step.step === 'dhcp.ack' && step.startUs >= discover.startUs);
  const proxyRequest = first('proxydhcp.request');
  const proxyAck = first('proxydhcp.ack');
  const guest = passed.find(
    (step) =>
      (step.step === 'dhcp.discover' || step.step === 'dhcp.request') && !isFirmwareClass(step.detail['vendorClass']),
  );
  const share = passed.find(
    (step) =>
      step.step === 'kerberos.as' ||
      step.step === 'smb.negotiate' ||
      (step.step === 'tcp.connect' && step.detail['port'] === 445),
  );
  const control = passed.find(isControl);
  const guestFrame = guest ?? earliest(share, control);
  const loads = passed.filter(
    (step) =>
      (step.step === 'tftp.transfer' || step.step === 'http.get') &&
      !isProbeName(String(step.detail['path'] ?? '')) &&
      (!guestFrame || step.endUs <= guestFrame.startUs),
  );
  const nbp = loads[0];
  const last = loads.at(-1);
  const guestAck = guest && passed.find((step) => step.step === 'dhcp.ack' && step.startUs >= guest.startUs);
  const session = first('smb.session-setup');
  const logon = passed.find(
    (step) => (step.step === 'rpc.bind' || step.step === 'rpc.alter-context') && isAuthenticated(step),
  );
  const images = passed.filter((step) => step.machine === 'image');
  // AUTH3 has no answer: the first answered request shows that the server let the user in.
  const letIn = passed.find(
    (step) => step.step === 'wds.reply' && isAuthenticated(step) && (!images[0] || step.startUs < images[0].startUs),
  );
  const transfer = images.findLast((step) => step.step === 'image.transfer');

  const spans: PhaseSpan[] = [];
  const put = (name: string, fromUs: number | undefined, toUs: number | undefined): void => {
    if (fromUs !== undefined && toUs !== undefined && toUs >= fromUs)
      spans.push({ phase: name, startMs: (fromUs - startUs) / 1000, durationMs: (toUs - fromUs) / 1000 });
  };
  put('firmware', startUs, discover?.startUs);
  put('dhcp', discover?.startUs, ack?.endUs);
  put(
    'proxy',
    ack && proxyRequest && ack.endUs <= proxyRequest.startUs ? ack.endUs : proxyRequest?.startUs,
    proxyAck?.endUs,
  );
  put('nbp', proxyAck?.endUs ?? ack?.endUs, nbp?.endUs);
  if (last !== nbp) put('kernel', nbp?.endUs, last?.endUs);
  put('os', last?.endUs, guestFrame?.startUs);
  put('guest-dhcp', guest?.startUs, guestAck?.endUs);
  put('authentication', earliest(share, logon)?.startUs, latest(session, letIn)?.endUs);
  put('image', images[0]?.startUs, transfer?.endUs);
  const upload = passed.findLast((step) => step.step === 'image.upload');
  put('capture', upload?.startUs, upload?.endUs);
  return spans;
}

/** The first sign of the control channel: RPC itself, or the connection to its ports. */
function isControl({ step, detail }: StepDraft): boolean {
  return (
    step.startsWith('rpc.') ||
    step.startsWith('wds.') ||
    (step === 'tcp.connect' && (detail['port'] === 135 || detail['port'] === 5040))
  );
}

function earliest(one: StepDraft | undefined, other: StepDraft | undefined): StepDraft | undefined {
  return one && other ? (other.startUs < one.startUs ? other : one) : (one ?? other);
}

function latest(one: StepDraft | undefined, other: StepDraft | undefined): StepDraft | undefined {
  return one && other ? (other.endUs > one.endUs ? other : one) : (one ?? other);
}
