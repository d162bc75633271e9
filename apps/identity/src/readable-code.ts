/** Without the characters that are taken for one another (reference 4.9). */
const ALPHABET = 'ABCDEFGHJKLMNPQRTUVWYXZ2346789';
/** The largest multiple of the alphabet's length that a byte holds: what is above it would favour the first symbols. */
const FAIR_BELOW = 256 - (256 % ALPHABET.length);

/** A code of so many symbols, each as likely as any other. */
export function makeCode(characters: number, random: (bytes: number) => Uint8Array): string {
  let code = '';
  while (code.length < characters) {
    const [byte = FAIR_BELOW] = random(1);
    if (byte < FAIR_BELOW) code += ALPHABET.charAt(byte % ALPHABET.length);
  }
  return code;
}

/** The code somebody typed: any case, full-width forms, spaces and dashes anywhere. null: it cannot be a code of that length. */
export function readCode(typed: string, characters: number): string | null {
  const code = typed
    .normalize('NFKC')
    .replace(/[\s\p{Dash_Punctuation}]/gu, '')
    .toUpperCase();
  return code.length === characters && Array.from(code).every((symbol) => ALPHABET.includes(symbol)) ? code : null;
}
