/** 0 (guessed at once) to 4 (beyond reach). @see D. Wheeler, "zxcvbn: Low-Budget Password Strength Estimation", USENIX Security 2016 */
export type ScoreOf = (password: string) => number;

// An estimate holds the event loop: within these bounds the worst password takes some 40 ms, with the estimator's own a second or two, for
// the time grows with the length and with every way to undo the digits and marks that stand for letters. A password is worth what its
// beginning is; of one that is nearly all such marks not every reading is tried.
const SCORED_LENGTH = 32;
const MAX_SUBSTITUTIONS = 8;
/** Full of such marks: what the first estimates cost beyond the later ones is paid while loading. */
const FIRST_ESTIMATES = ['p4$$w0rd@l33t!n3$$+7#1|5', '11/12/2011 zxcvbnm,./ Qwertz123'];

/** The estimator; its dictionaries take some 70 MB, so it is loaded only where the policy asks for a score. */
export async function loadScore(): Promise<ScoreOf> {
  const [{ ZxcvbnFactory }, common, english] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
    import('@zxcvbn-ts/language-en'),
  ]);
  const estimator = new ZxcvbnFactory({
    dictionary: { ...common.dictionary, ...english.dictionary },
    graphs: common.adjacencyGraphs,
    maxLength: SCORED_LENGTH,
    l33tMaxSubstitutions: MAX_SUBSTITUTIONS,
  });
  for (const first of FIRST_ESTIMATES) estimator.check(first);
  return (password) => estimator.check(password).score;
}
