import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../../reports/testing/temporary-folder.ts';
import { compareWithTshark } from '../../testing/compare-with-tshark.ts';
import { IGMP_FIELDS } from '../../testing/igmp-fields.ts';
import { KERNEL_PASSES, passedByKernel, stepsOfKernel } from '../testing/kernel.ts';

const PROGRAM = join(import.meta.dirname, '..', 'testing', 'kernel_groups.py');

it('this host’s kernel joins, reports and leaves groups as judged, and tshark reads every field as we do', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'groups.pcap');
  await execa('unshare', ['--map-root-user', '--net', 'python3', PROGRAM, file]);
  const { disagreements, agreed } = await compareWithTshark(file);
  expect(disagreements).toEqual([]);
  expect(['ip.ttl', 'ip.opt.ra', ...IGMP_FIELDS].filter((field) => !agreed[field])).toEqual([]);
  const steps = await stepsOfKernel(file);
  expect(passedByKernel(steps)).toEqual(KERNEL_PASSES);
  expect(steps.filter(({ verdict }) => verdict === 'failed')).toEqual([]);
});
