/** What somebody typed into the gateway's own form before this script took its place. */
export interface Typed {
  readonly values: Readonly<Record<string, string>>;
  readonly focused: string | null;
}

export function takeTyped(root: Element): Typed {
  const inputs = [...root.querySelectorAll<HTMLInputElement>('input[name]:not([type=hidden])')];
  const values = Object.fromEntries(inputs.map(({ name, type, value, checked }) => [name, type === 'checkbox' ? (checked ? 'on' : '') : value]));
  return { values, focused: inputs.find((input) => input === document.activeElement)?.name ?? null };
}

/** Puts the cursor back where it was, behind what stands there. */
export function restoreFocus(root: Element, { focused }: Typed): void {
  if (focused === null) return;
  const input = root.querySelector<HTMLInputElement>(`input[name="${CSS.escape(focused)}"]`);
  input?.focus();
  if (input?.type === 'text' || input?.type === 'password') input.setSelectionRange(input.value.length, input.value.length);
}
