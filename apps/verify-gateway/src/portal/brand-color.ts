/** What a colour of the operator becomes: readable as text on our cards and under the text of a button, in the light and in the dark. */
export interface Brand {
  readonly light: string;
  readonly onLight: string;
  readonly dark: string;
  readonly onDark: string;
}

/** WCAG 2.2, 1.4.3. */
const LEAST_CONTRAST = 4.5;
/** The lightest ground of a light theme, and the lightest of the dark ones (`grey`): who can be read there can be read on the others. */
const LIGHT_GROUND = '#f4f5f7';
const DARK_GROUND = '#3b414e';

export function brandOf(color: string): Brand {
  const light = shifted(color, '#000000', LIGHT_GROUND);
  const dark = shifted(color, '#ffffff', DARK_GROUND);
  return { light, onLight: inkOn(light), dark, onDark: inkOn(dark) };
}

/** The style that brings it into a page; the portal's stylesheet asks for these names. */
export function brandStyle(color: string): string {
  const { light, onLight, dark, onDark } = brandOf(color);
  return `:root{--brand-light:${light};--on-brand-light:${onLight};--brand-dark:${dark};--on-brand-dark:${onDark}}`;
}

/** As little darker or lighter as it takes. */
function shifted(color: string, towards: string, ground: string): string {
  for (let share = 0; share < 1; share += 0.02) {
    const mixed = mix(color, towards, share);
    if (contrast(mixed, ground) >= LEAST_CONTRAST) return mixed;
  }
  return towards;
}

const inkOn = (ground: string): string => (contrast('#ffffff', ground) >= contrast('#10131a', ground) ? '#ffffff' : '#10131a');

const channels = (color: string): readonly number[] => [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));

function mix(color: string, other: string, share: number): string {
  const theirs = channels(other);
  const mixed = channels(color).map((value, i) => Math.round(value + ((theirs[i] ?? 0) - value) * share));
  return `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

/** @see WCAG 2.2, contrast ratio */
export function contrast(one: string, other: string): number {
  const [lighter = 0, darker = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

/** @see WCAG 2.2, relative luminance */
function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = channels(color).map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
