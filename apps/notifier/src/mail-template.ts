import { compileTemplate, goFunctions, isTrue, print, type TemplateFunction, type Value } from '@portcullis/platform-template';

export type Data = Readonly<Record<string, Value>>;
export type Template = (data: Data) => string;

/** `html`: whatever a value holds is text in the page, never markup. Throws TemplateError, now or (for a field that is not there) when it is rendered. */
export function compileMail(source: string, escaping: 'none' | 'html'): Template {
  const template = compileTemplate(source, { functions, ...(escaping === 'html' ? { escape: escapeHtml } : {}) });
  return (data) =>
    template(data)
      .map(({ text }) => text)
      .join('');
}

const functions: ReadonlyMap<string, TemplateFunction> = new Map<string, TemplateFunction>([
  ...goFunctions,
  ['upper', ([value = '']) => print(value).toUpperCase()],
  ['lower', ([value = '']) => print(value).toLowerCase()],
  ['trim', ([value = '']) => print(value).trim()],
  ['default', ([fallback = null, value = null]) => (isTrue(value) ? value : fallback)],
  ['urlquery', ([value = '']) => encodeURIComponent(print(value))],
]);

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' };
const escapeHtml = (text: string): string => text.replace(/[&<>"']/gu, (character) => ENTITIES[character] ?? '');
