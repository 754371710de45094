import { boot } from '../../../verdict/testing/boot-story.ts';
import { told } from '../../../verdict/testing/captures.ts';
import type { MachineSamples } from '../../testing/machine-sample.ts';

const NO_BYTES = new Uint8Array(0);
const ANOTHER = { uuid: '12345678-1234-1234-1234-123456789abc', version: '1.0' };

/** Captures that reach every state of this room's machine. */
export const MACHINE_SAMPLES = {
  rpc: {
    captures: [
      boot().controlled(),
      boot()
        .mapped()
        .also(({ control }) => control.open().asks(2).faults(5).answer(9, NO_BYTES).shutdown().disconnect()),
      told(({ control }) =>
        control.connect().bind(ANOTHER).bindAck().call(2, new Uint8Array(8)).answer(2, new Uint8Array(4)),
      ),
      told(({ control }) => control.connect().bind().reset()),
    ],
    facts: (context: { calls: readonly unknown[]; binding: string }) => [context.calls.length > 0, context.binding],
  },
} satisfies MachineSamples;
