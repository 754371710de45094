import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import type { Step, Verdict } from '../result.ts';
import { plural } from '../text.ts';
import type { PageLog } from '../html/page-types.ts';
import { byteCount } from '../text.ts';

/** What a component returns. */
export type View = ReturnType<typeof html> | null | string;

/** Of a step, a client or a scenario. */
type AnyVerdict = Verdict | Step['verdict'];

const SIGN: Readonly<Record<AnyVerdict, string>> = {
  passed: '✓',
  failed: '✕',
  inconclusive: '?',
  error: '!',
  skipped: '–',
  recorded: '·',
};

/** A verdict's sign in its colour; its word is there for screen readers. */
export function Sign({ verdict }: { verdict: AnyVerdict }): View {
  return html`<span class=${`sign ${verdict}`} role="img" aria-label=${verdict} title=${verdict}>${SIGN[verdict]}</span>`;
}

/** A verdict as a word in a pill. */
export function Badge({ verdict, text }: { verdict: AnyVerdict; text?: string }): View {
  return html`<span class=${`badge ${verdict}`}>${text ?? verdict}</span>`;
}

/** Copies text and says so. */
function CopyButton({ text, label = 'Copy' }: { text: string; label?: string }): View {
  const [said, setSaid] = useState('');
  const copy = async (): Promise<void> => {
    setSaid((await copyText(text)) ? 'Copied' : 'Press Ctrl+C');
    setTimeout(() => setSaid(''), 1500);
  };
  return html`<button type="button" class="copy" onClick=${() => void copy()} aria-live="polite">${said || label}</button>`;
}

/** The clipboard API is absent where a browser does not trust file://; the old command still works there. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way left where the clipboard is refused
    const done = document.execCommand('copy');
    area.remove();
    return done;
  }
}

/** A command or other text that people copy. */
export function Command({ text, title }: { text: string; title?: string }): View {
  return html`<div class="command">${title === undefined ? null : html`<span class="command-title">${title}</span>`}<pre>${text}</pre><${CopyButton} text=${text} /></div>`;
}

/** A titled part of the page. */
export function Section({ title, note, children }: { title: string; note?: string; children?: unknown }): View {
  return html`<section class="part"><h3>${title}${note === undefined ? null : html`<small>${note}</small>`}</h3>${children}</section>`;
}

/** A log that opens on demand; long ones say what was left out. */
export function Log({ log, open = false }: { log: PageLog; open?: boolean }): View {
  const lines = log.text === '' ? 0 : log.text.trimEnd().split('\n').length;
  if (lines === 0) return html`<p class="log empty"><b>${log.title}</b><small>empty</small></p>`;
  return html`<details class="log" open=${open}>
    <summary><b>${log.title}</b><small>${log.omittedBytes > 0 ? `last ${plural(lines, 'line')}` : plural(lines, 'line')}</small></summary>
    ${log.omittedBytes > 0 ? html`<p class="note">${byteCount(log.omittedBytes)} before this are left out${log.href === undefined ? '' : html`: <a href=${log.href}>whole file</a>`}</p>` : null}
    <pre tabindex="0">${log.text}</pre>
  </details>`;
}
