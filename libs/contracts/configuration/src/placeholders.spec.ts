import { describe, expect, it } from 'vitest';
import { isPlaceholder } from './placeholders.js';

describe('isPlaceholder', () => {
  it.each([
    'use_a_random_64_char_string_here',
    'another_random_64_char_string_here',
    'your_redis_password',
    'your-smtp-password',
    'a_very_important_secret',
    'insecure_session_secret',
    'CHANGEME',
    'change-me-please',
    '<a secret>',
    'you_must_generate_a_random_string_of_more_than_twenty_chars_and_configure_this',
  ])('knows %s', (value) => {
    expect(isPlaceholder(value)).toBe(true);
  });

  it.each(['a_very_long_secret_for_the_session_store_0123456789abcdef', 'K3yqvR0nB7cYw2', 'secretariat', 'yourself', 'randomhere', ''])(
    'lets %j be',
    (value) => {
      expect(isPlaceholder(value)).toBe(false);
    },
  );
});
