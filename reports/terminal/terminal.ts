import { createLogUpdate } from 'log-update';
import { expectedFailureText, reasonOf } from '../findings.ts';
import { repetitionName, triesText } from '../attempts.ts';
import type { Reporter, SetupEvent } from '../reporter.ts';
import { duration, plural, printable } from '../text.ts';
import { liveFrame, type LiveScenario } from './live.ts';
import { stepLines } from './step-line.ts';
import { summaryLines } from './summary.ts';
import { wrapWords } from './width.ts';
import { painter, terminalStyle, verdictText, type TerminalStyle } from './style.ts';

/** Redraw period of the live part: fast enough for a spinner, slow enough to cost nothing beside a VM. */
const REDRAW_MS = 120;
/** Characters of what is said of a scenario when it ends. */
const MAX_NOTE = 1500;

export interface TerminalOptions {
  readonly stream?: NodeJS.WriteStream;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Overrides what stream and environment say. */
  readonly style?: Partial<TerminalStyle>;
  /** false when nothing is written, as by a replay: the summary then names no files. */
  readonly files?: boolean;
}

/** Live progress and summary for people: in place on a terminal, one plain line a step everywhere else. */
export function createTerminalReporter(options: TerminalOptions = {}): Reporter {
  const stream = options.stream ?? process.stdout;
  const style = { ...terminalStyle(stream, options.env ?? process.env), ...options.style };
  const paint = painter(style);
  const screen = style.live ? createLogUpdate(stream) : undefined;
  const running = new Map<string, LiveScenario>();
  const setups = new Map<string, string>();
  let waiting: { readonly text: string; readonly what: string } | undefined;
  let timer: NodeJS.Timeout | undefined;
  let tick = 0;

  const say = (lines: readonly string[]): void => {
    if (lines.length === 0) return;
    if (screen === undefined) stream.write(`${lines.join('\n')}\n`);
    else {
      screen.persist(lines.join('\n'));
      draw();
    }
  };
  const draw = (): void =>
    screen?.(
      liveFrame([...running.values()], setups, waiting?.text, {
        style,
        tick,
        columns: stream.columns,
        nowMs: performance.now(),
      }),
    );
  const animate = (): void => {
    if (screen === undefined || timer !== undefined) return;
    timer = setInterval(() => {
      tick += 1;
      draw();
    }, REDRAW_MS);
    timer.unref();
  };
  // A pipe or a file takes lines of any length.
  const columns = (): number | undefined => (stream.isTTY ? stream.columns : undefined);
  const whose = (scenario: string, client: string): string =>
    `  ${running.size > 1 ? `${printable(scenario)} ` : ''}${printable(client)}`;
  const update = (id: string, change: Partial<LiveScenario>): void => {
    const known = running.get(id);
    if (known !== undefined) running.set(id, { ...known, ...change });
  };

  return {
    version: 1,
    onRunBegin({ plans, host }) {
      say([
        `${paint('bold', 'pxewright')}  ${plural(plans.length, 'scenario')}  ${paint('gray', `${host.accel}: ${printable(host.accelReason)}`)}`,
      ]);
      animate();
    },
    onSetup(event) {
      if (event.state === 'done' || event.state === 'failed') setups.delete(event.title);
      else setups.set(event.title, event.detail ?? event.why);
      if (event.state !== 'progress' && (screen === undefined || event.state !== 'start'))
        say([setupLine(event, style)]);
      animate();
    },
    onScenarioBegin(scenario) {
      const { id, name } = scenario;
      const tries = triesText(scenario);
      running.set(repetitionName(scenario), {
        name,
        startedMs: performance.now(),
        doing: new Map(),
        lab: 'starting the lab',
      });
      say([
        `${paint('cyan', style.unicode ? '▸' : '>')} ${paint('bold', printable(name))}  ${paint('gray', printable(id))}${tries === '' ? '' : `  ${tries}`}`,
      ]);
      animate();
    },
    onLabStep({ scenario, title, state, durationMs }) {
      update(scenario, { lab: state === 'start' ? title : '' });
      if (state === 'failed')
        say([
          `  ${verdictText('error', style)} lab: ${printable(title)}${durationMs === undefined ? '' : ` after ${duration(durationMs)}`}`,
        ]);
    },
    onStep(event) {
      running.get(event.scenario)?.doing.set(event.client, `after ${event.step.step}`);
      say(stepLines(event, style, whose(event.scenario, event.client), columns()));
    },
    onGuest({ scenario, client, event, detail }) {
      const words =
        detail === undefined
          ? ''
          : Object.entries(detail)
              .map(([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
              .join('  ');
      say([
        `${paint('gray', whose(scenario, client))}           ${paint('cyan', style.unicode ? '◦' : 'o')} ${paint('gray', `guest: ${printable(event)}  ${printable(words)}`.trimEnd())}`,
      ]);
    },
    onProgress({ scenario, client, text }) {
      running.get(scenario)?.doing.set(client, text);
    },
    onWaiting(event) {
      const before = waiting?.what;
      waiting = event && {
        what: event.what,
        text: `${plural(event.count, 'scenario')} ${event.count === 1 ? 'waits' : 'wait'}, first ${printable(event.scenario)}: ${printable(event.why)}`,
      };
      // In place the figures may change as often as they like; a line is written when it is another reason.
      if (screen === undefined && waiting && waiting.what !== before) say([paint('gray', `  ${waiting.text}`)]);
    },
    onScenarioEnd(scenario) {
      running.delete(repetitionName(scenario));
      const note = expectedFailureText(scenario) ?? (scenario.verdict === 'passed' ? undefined : reasonOf(scenario));
      const text = `${printable(scenario.name)} in ${duration(scenario.durationMs)}${note === undefined ? '' : `: ${printable(note, MAX_NOTE)}`}`;
      // Two blanks, sign, blank, verdict and two blanks again stand before it.
      const lines = wrapWords(
        text.split(' '),
        Math.max(20, (columns() ?? Number.POSITIVE_INFINITY) - 6 - scenario.verdict.length),
      );
      say(
        lines.map((line, index) =>
          index === 0 ? `  ${verdictText(scenario.verdict, style)}  ${line}` : `      ${line}`,
        ),
      );
    },
    onRunEnd(result, folder, written = []) {
      clearInterval(timer);
      screen?.clear();
      screen?.done();
      stream.write(
        `${summaryLines(result, folder, style, { files: options.files === false ? undefined : written, columns: columns() }).join('\n')}\n`,
      );
    },
  };
}

function setupLine(event: SetupEvent, style: TerminalStyle): string {
  const paint = painter(style);
  const detail = event.detail === undefined ? '' : `  ${paint('gray', printable(event.detail))}`;
  if (event.state === 'start')
    return `${paint('gray', 'setup')}  ${printable(event.title)} ${paint('gray', `(${printable(event.why)})`)}`;
  return `${paint('gray', 'setup')}  ${event.state === 'done' ? paint('green', 'done') : paint('magenta', 'failed')}  ${printable(event.title)}${detail}`;
}
