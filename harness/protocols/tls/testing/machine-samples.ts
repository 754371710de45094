import type { MachineSamples } from '../../testing/machine-sample.ts';
import type { TlsContext } from '../judge/context.ts';
import { TlsScene } from './scene.ts';

const scene = (): TlsScene => new TlsScene();
const CERTIFICATE_EXPIRED = 45;
const UNRECOGNIZED_NAME = 112;

/** Captures that reach every state of this room's machine. */
export const MACHINE_SAMPLES = {
  tls: {
    captures: [
      scene().opens().sends(true, 100_000).sealedAlert(false).disconnect('server'),
      scene().opens().sends(true, 100_000).reset(),
      scene().agrees().sealedAlert(true).disconnect(),
      scene().connect().clientHello().alert(false, UNRECOGNIZED_NAME, false).serverHello().reset(),
      scene().connect().clientHello().serverHello().alert(true, CERTIFICATE_EXPIRED).disconnect(),
      scene().connect().clientHello().answersInClear().disconnect(),
    ],
    facts: ({ notSpoken, version }: TlsContext) => [notSpoken !== undefined, version !== undefined],
  },
} satisfies MachineSamples;
