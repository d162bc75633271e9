/** 0 (guessed at once) to 4 (beyond reach). @see D. Wheeler, "zxcvbn: Low-Budget Password Strength Estimation", USENIX Security 2016 */
export type ScoreOf = (password: string) => number;

// The time of an estimate grows faster than the password. What the first characters are worth, the whole is worth.
const SCORED_LENGTH = 64;

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
  });
  return (password) => estimator.check(password).score;
}
