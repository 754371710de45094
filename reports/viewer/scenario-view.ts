import { html } from 'htm/preact';
import { clientFacts } from '../client-facts.ts';
import { triesText } from '../attempts.ts';
import { useMemo } from 'preact/hooks';
import { expectedFailureText, findings, reasonOf, type Finding, timesText } from '../findings.ts';
import { Firmware, Tpm } from './firmware.ts';
import { Guest, Screenshots } from './guest.ts';
import { LabTimings, Phases, PhaseStrip, Transfers } from './figures.ts';
import { shellCommand } from './hex.ts';
import type { PageEvidence } from '../html/page-types.ts';
import { Badge, Command, Log, Section, Sign, type View } from './parts.ts';
import type { ColourOf } from './phase-colours.ts';
import type { ClientResult, ScenarioResult, Verdict } from '../result.ts';
import type { Selection } from './selection.ts';
import { Reasons } from './step-detail.ts';
import { duration, frameList, moment, plural, printable } from '../text.ts';
import { Waterfall } from './waterfall.ts';

interface ScenarioProps {
  scenario: ScenarioResult;
  colourOf: ColourOf;
  evidence: PageEvidence | undefined;
  selection: Selection;
  select: (selection: Selection) => void;
}

/** Findings that are shown without a click. */
const SHOWN_AT_ONCE = 20;

/** One attempt of one scenario: what went wrong first, then each client's boot, then the lab's own side. */
export function ScenarioView({ scenario, colourOf, evidence, selection, select }: ScenarioProps): View {
  const client = scenario.clients[selection.client];
  const reason = reasonOf(scenario);
  const expected = expectedFailureText(scenario);
  const { capture } = scenario;
  return html`<main id="scenario" tabindex="-1">
    <div class="title">
      <h2>${printable(scenario.name)}</h2><${Badge} verdict=${scenario.verdict} />
      ${triesText(scenario) === '' ? null : html`<span class="tag">${triesText(scenario)}</span>`}
      ${(scenario.tags ?? []).map((tag) => html`<span class="tag">${printable(tag)}</span>`)}
    </div>
    <p class="under"><span class="mono">${printable(scenario.id)}</span><span>${printable(scenario.file)}</span><span>${duration(scenario.durationMs)}</span>
      ${capture === undefined ? null : html`<span class=${capture.dropped > 0 ? 'warn' : ''}>${evidence?.captureHref === undefined ? 'capture' : html`<a href=${evidence.captureHref}>capture</a>`}: ${plural(capture.frames, 'frame')}${capture.dropped > 0 ? `, ${capture.dropped} dropped` : ''}</span>`}
      ${evidence?.planHref === undefined ? null : html`<a href=${evidence.planHref}>plan</a>`}
    </p>
    ${expected === undefined ? null : html`<p class="callout passed">${printable(expected)}</p>`}
    ${scenario.verdict !== 'passed' && reason !== undefined ? html`<p class=${`callout ${scenario.verdict}`}>${printable(reason, 2000)}</p>` : null}
    ${(capture?.quality ?? []).length === 0 ? null : html`<ul class="notes">${capture?.quality?.map(({ kind, what }) => html`<li><b>${kind}</b>: ${printable(what, 1000)}</li>`)}</ul>`}
    <${Failures} scenario=${scenario} selection=${selection} select=${select} />
    ${(evidence?.notes ?? []).length === 0 ? null : html`<ul class="notes">${evidence?.notes.map((note) => html`<li>${printable(note, 1000)}</li>`)}</ul>`}
    ${scenario.clients.length > 1 ? html`<${ClientPicker} scenario=${scenario} colourOf=${colourOf} selection=${selection} select=${select} />` : null}
    ${client === undefined ? html`<p class="note">No client took part.</p>` : html`<${ClientView} key=${`${selection.scenario}.${selection.client}`} client=${client} colourOf=${colourOf} evidence=${evidence} capture=${capture?.file} selection=${selection} />`}
    ${(scenario.rerun ?? []).length === 0 ? null : html`<${Section} title="Run it again">${scenario.rerun?.map((command) => html`<${Command} text=${printable(command, 4000)} />`)}<//>`}
    <${LabTimings} scenario=${scenario} />
    ${(evidence?.serviceLogs ?? []).length === 0 ? null : html`<${Section} title="Services">${evidence?.serviceLogs.map((log) => html`<${Log} log=${log} />`)}<//>`}
  </main>`;
}

/** What went wrong before all else: expected, actual, why, and a way to the step. */
function Failures({ scenario, selection, select }: Pick<ScenarioProps, 'scenario' | 'selection' | 'select'>): View {
  const found = findings(scenario);
  if (found.length === 0) return null;
  const items = found.map(
    (finding) => html`<${Failure} finding=${finding} scenario=${scenario} selection=${selection} select=${select} />`,
  );
  const rest = items.slice(SHOWN_AT_ONCE);
  return html`<div class="failures">${items.slice(0, SHOWN_AT_ONCE)}${
    rest.length === 0 ? null : html`<details><summary>${plural(rest.length, 'more finding')}</summary>${rest}</details>`
  }</div>`;
}

interface FailureProps extends Pick<ScenarioProps, 'scenario' | 'selection' | 'select'> {
  finding: Finding;
}

/** The sign of what is no step: of a client that passed it was only noticed. */
const SIGN_OF_FINDING: Partial<Record<Verdict, 'inconclusive' | 'recorded'>> = {
  inconclusive: 'inconclusive',
  passed: 'recorded',
};

function Failure({ finding, scenario, selection, select }: FailureProps): View {
  const { client, step } = finding;
  const position = scenario.clients.findIndex(({ name }) => name === client);
  const own = SIGN_OF_FINDING[scenario.clients[position]?.verdict ?? 'failed'] ?? 'failed';
  if (step === undefined)
    return html`<article class=${`failure ${own}`}>
      <h4><${Sign} verdict=${own} /><span>${printable(client)}</span>
        <button type="button" class="link" onClick=${() => select({ scenario: selection.scenario, client: Math.max(0, position) })}>Show the client</button></h4>
      <p class="reasons">${printable(finding.why, 2000)}</p>
    </article>`;
  const index = scenario.clients[position]?.steps.indexOf(step) ?? 0;
  return html`<article class=${`failure ${scenario.verdict === 'passed' ? 'recorded' : step.verdict}`}>
      <h4><${Sign} verdict=${step.verdict} /><span class="mono">${step.step}</span><small>${printable(client)} at ${moment(step.atMs)}${step.frames.length === 0 ? '' : `, frame ${frameList(step.frames)}`}${timesText(finding)}</small>
        <button type="button" class="link" onClick=${() => select({ scenario: selection.scenario, client: Math.max(0, position), step: index })}>Show the step</button></h4>
      <${Reasons} step=${step.why === scenario.why ? { ...step, why: undefined } : step} />
    </article>`;
}

function ClientPicker({ scenario, colourOf, selection, select }: Omit<ScenarioProps, 'evidence'>): View {
  return html`<div class="clients" role="group" aria-label="Clients">${scenario.clients.map(
    (
      client,
      index,
    ) => html`<button type="button" class="client-pick" aria-pressed=${index === selection.client} onClick=${() => select({ scenario: selection.scenario, client: index })}>
    <${Sign} verdict=${client.verdict} /><span>${printable(client.name)}</span><small>${printable(client.firmware)} ${printable(client.nic)}</small><${PhaseStrip} phases=${client.phases} colourOf=${colourOf} /></button>`,
  )}</div>`;
}

interface ClientProps {
  client: ClientResult;
  colourOf: ColourOf;
  evidence: PageEvidence | undefined;
  capture: string | undefined;
  selection: Selection;
}

function ClientView({ client, colourOf, evidence, capture, selection }: ClientProps): View {
  const frames = useMemo(() => new Map((evidence?.frames ?? []).map((frame) => [frame.number, frame])), [evidence]);
  const named = useMemo(() => new Set(evidence?.namedSteps ?? []), [evidence]);
  const logs =
    evidence !== undefined && Object.hasOwn(evidence.clientLogs, client.name)
      ? (evidence.clientLogs[client.name] ?? [])
      : [];
  return html`<div class="client">
    <p class="identity"><b>${printable(client.name)}</b><span class="mono">${printable(client.mac)}</span>${clientFacts(client).map((text) => html`<span>${printable(text)}</span>`)}${[client.firmware, client.nic, client.transport ?? 'unknown'].filter((text) => text !== 'unknown').map((text) => html`<span>${printable(text)}</span>`)}${client.poweredOnMs === undefined ? null : html`<span>powered on ${duration(client.poweredOnMs)} after the first</span>`}</p>
    ${client.verdict === 'skipped' && client.why !== undefined ? html`<p class="callout skipped">${printable(client.why)}</p>` : null}
    <${Waterfall} client=${client} colourOf=${colourOf} frames=${frames} capture=${capture} named=${named} selection=${selection} onOpen=${(step: number | undefined) => history.replaceState(null, '', `#${selection.scenario}.${selection.client}${step === undefined ? '' : `.${step}`}`)} />
    <${Transfers} client=${client} />
    <div class="columns"><${Phases} client=${client} colourOf=${colourOf} /><${Guest} client=${client} /></div>
    <${Firmware} client=${client} />
    <${Tpm} client=${client} />
    <${Screenshots} screenshots=${(evidence?.screenshots ?? []).filter((shot) => shot.client === client.name)} />
    ${
      logs.length === 0 && client.argv === undefined
        ? null
        : html`<${Section} title="Logs">
      ${logs.map((log) => html`<${Log} log=${log} />`)}
      ${client.argv === undefined ? null : html`<details class="log"><summary><b>Command</b><small>${plural(client.argv.length, 'word')}</small></summary><${Command} text=${shellCommand(client.argv)} /></details>`}
    <//>`
    }
  </div>`;
}
