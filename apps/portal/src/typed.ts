/** What somebody typed into the gateway's own form before this script took its place, by the names of the fields. */
export interface Typed {
  readonly values: Readonly<Record<string, string>>;
  readonly checked: readonly string[];
  readonly focused: string | null;
}

export function takeTyped(root: Element): Typed {
  const inputs = [...root.querySelectorAll<HTMLInputElement>('input[name]:not([type=hidden])')];
  return {
    values: Object.fromEntries(inputs.filter(({ type }) => type !== 'checkbox').map(({ name, value }) => [name, value])),
    checked: inputs.filter(({ checked }) => checked).map(({ name }) => name),
    focused: inputs.find((input) => input === document.activeElement)?.name ?? null,
  };
}

/** Puts it into the fields that are there now, and the cursor back where it was, behind what stands there. */
export function restoreTyped(root: Element, { values, checked, focused }: Typed): void {
  const fieldNamed = (name: string): HTMLInputElement | null => root.querySelector(`input[name="${CSS.escape(name)}"]`);
  for (const [name, value] of Object.entries(values)) {
    const field = fieldNamed(name);
    if (field !== null && value !== '' && value !== field.value) type(field, value);
  }
  for (const name of checked) {
    const box = fieldNamed(name);
    if (box?.checked === false) box.click();
  }
  if (focused !== null) focusAtEnd(fieldNamed(focused));
}

/** As if by hand, so that whoever listens to the field hears of it: React looks past a value that was set through the element itself. */
function type(field: HTMLInputElement, value: string): void {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called on the field
  const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set;
  set?.call(field, value);
  field.dispatchEvent(new Event('input', { bubbles: true }));
}

function focusAtEnd(field: HTMLInputElement | null): void {
  field?.focus();
  if (field?.type === 'text' || field?.type === 'password') field.setSelectionRange(field.value.length, field.value.length);
}
