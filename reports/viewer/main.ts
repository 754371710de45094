import { html, render } from 'htm/preact';
import { App } from './app.ts';
import type { PageData } from '../html/page-types.ts';

const root = document.getElementById('app');
const data = JSON.parse(document.getElementById('page-data')?.textContent ?? 'null') as PageData | null;
if (root !== null && data !== null) {
  root.replaceChildren();
  render(html`<${App} data=${data} />`, root);
}
