import { createHash } from 'node:crypto';

/**
 * JSON that may stand inside a `<script>` element: `<`, `>` and `&` as escapes, so that neither `</script>` nor `<!--`
 * can end or change it (HTML, "restrictions for contents of script elements"), and U+2028/2029, which older parsers
 * take for line ends.
 */
export function jsonForScript(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Text for an HTML text node or a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** The source expression that allows exactly this inline content (Content Security Policy Level 3, section 2.3.1). */
export function cspHash(content: string): string {
  return `'sha256-${createHash('sha256').update(content, 'utf8').digest('base64')}'`;
}
