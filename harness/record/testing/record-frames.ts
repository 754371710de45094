import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { createCaptureWriter } from '#tcpdump-wrapper';
import { temporaryFolder } from '../../../reports/testing/temporary-folder.ts';
import type { Frame } from '../../packet/frame.ts';
import { planScenarios } from '../../plan/scenarios.ts';
import type { Plan } from '../../plan/plan.ts';
import { loadScenario } from '../../scenario/load-scenario.ts';
import type { ScenarioInput } from '../../scenario/schema/scenario.ts';
import { writeJudgedWith } from '../../run/judged-with.ts';
import { recordCapture, type Recording, type RecordOptions } from '../record-capture.ts';

/** What was made of a capture. */
export interface Made {
  /** The scenario file. */
  readonly text: string;
  /** The same, read as YAML. */
  readonly scenario: ScenarioInput;
  /** The same, checked as `pxewright validate` does, and planned. */
  readonly plan: Plan;
  readonly recording: Recording;
  /** Folder of the scenario, while `look` is under way. */
  readonly folder: string;
}

type Options = Partial<RecordOptions> & { readonly allowRoots?: readonly string[] };

/** Records a capture file into a folder of its own, and lets `look` see what was made of it. */
export async function recorded<T>(
  capture: string,
  look: (made: Made) => T,
  options: Options = {},
): Promise<Awaited<T>> {
  await using folder = await temporaryFolder();
  const output = join(folder.path, 'made.yaml');
  const { allowRoots, ...others } = options;
  const recording = await recordCapture(capture, { output, schema: 'schema.json', ...others });
  const text = await readFile(output, 'utf8');
  const [plan] = planScenarios(await loadScenario(output, allowRoots === undefined ? {} : { allowRoots }));
  if (plan === undefined) throw new Error(`expected a plan of the scenario\n${text}`);
  return await look({ text, scenario: parse(text) as ScenarioInput, plan, recording, folder: folder.path });
}

/** The same of the frames of a story, as a capture of somebody else's network, or of a lab. */
export async function recordedFrom<T>(
  { frames }: { readonly frames: readonly Frame[] },
  look: (made: Made) => T,
  { ofLab = false, ...options }: Options & { readonly ofLab?: boolean } = {},
): Promise<Awaited<T>> {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'story.pcap');
  const writer = await createCaptureWriter(file, { linkType: 1, format: 'pcap' });
  for (const frame of frames) writer.write(frame, frame.bytes.length);
  await writer.close();
  const [startUs, endUs] = [frames[0]?.atUs ?? 0, frames.at(-1)?.atUs ?? 0];
  if (ofLab) await writeJudgedWith(folder.path, { startUs, endUs, ended: [] });
  return await recorded(file, look, options);
}
