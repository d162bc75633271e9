/** Values out of guides and examples: whoever reads the guide knows them. */
const KNOWN = new Set([
  'use_a_random_64_char_string_here',
  'another_random_64_char_string_here',
  'your_redis_password',
  'a_very_important_secret',
  'insecure_secret',
  'insecure_session_secret',
  'unsecure_session_secret',
  'you_must_generate_a_random_string_of_more_than_twenty_chars_and_configure_this',
  'changeme',
]);

/** Their kind: `your_…_password`, `a_random_…_here`, `change-me-please`, `<secret>`. */
const SHAPES = [
  /^your[-_ ].*(?:password|secret|key|token)/u,
  /random.*(?:string|secret|value|key|chars?).*here/u,
  /^(?:change|replace)[-_ ]?(?:me|this)/u,
  /^(?:some|my|the|a)[-_ ](?:super[-_ ])?secret[-_ ]?(?:key|here|string)?$/u,
  /^<.*>$/u,
];

export function isPlaceholder(value: string): boolean {
  const text = value.trim().toLowerCase();
  return KNOWN.has(text) || SHAPES.some((shape) => shape.test(text));
}
