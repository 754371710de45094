import { execa } from 'execa';
import { runCanary } from '#qemu-wrapper';
import { insistOnLab } from '../../lab/insist-on-lab.ts';

await insistOnLab(import.meta.filename);

// The canary's own lab: when the command line dies, the kernel takes the canary with it, be it paused for ever under a
// KVM that does not work, and its folder is in memory that only that lab sees.
await execa('mount', ['-t', 'tmpfs', 'pxewright-canary', '/tmp']);
const [accelerator, deadlineMs] = process.argv.slice(2);
if (accelerator !== 'kvm' && accelerator !== 'tcg')
  throw new Error(`expected an accelerator, kvm or tcg, got ${accelerator ?? 'nothing'}`);
process.env['TMPDIR'] = '/tmp';
process.stdout.write(`${JSON.stringify(await runCanary(accelerator, { deadlineMs: Number(deadlineMs) }))}\n`);
