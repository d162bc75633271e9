import { describe, expect, test } from 'vitest';
import { sampleTexts } from './sample-pattern.js';

describe('texts that a pattern matches', () => {
  test.each<[string, string[]]>([
    ['^/admin$', ['/admin']],
    ['^/admin([/?].*)?$', ['/admin', '/admin/', '/admin/<any>', '/admin?', '/admin?<any>']],
    ['/status', ['/status']],
    ['^/(a|b|c)$', ['/a', '/b', '/c']],
    ['^/v\\d+/', ['/v1/']],
    ['(?i)^/About$', ['/About']],
    ['^/user/(?P<User>\\w+)(/.*)?$', ['/user/{user}', '/user/{user}/', '/user/{user}/<any>']],
    ['^grp-(?P<Group>\\w+)\\.example\\.com$', ['grp-{group}.example.com']],
    ['^[a-z]{3}-[0-9]+\\.x$', ['aaa-1.x']],
    ['^[^/]+$', ['a']],
    ['^[[:digit:]]{2,}$', ['11']],
    ['^\\Qa.b\\E\\x2d$', ['a.b-']],
    ['^a?b*c$', ['c', 'bc', 'ac', 'abc']],
    ['^(?:x|y)?$', ['', 'x', 'y']],
    ['^.*\\.example\\.com$', ['.example.com', '<any>.example.com']],
    ['^.+$', ['<any>']],
    ['^\\p{L}$', ['a']],
    ['\\.(js|css)$', ['.js', '.css']],
    ['^[\\w-]+$', ['a']],
  ])('%s', (pattern, texts) => {
    expect(sampleTexts(pattern)).toEqual(texts);
  });

  test('are none where none is found, and few where there are many', () => {
    expect(sampleTexts('a\\bb')).toEqual([]);
    expect(sampleTexts('^(a|b)(a|b)(a|b)(a|b)(a|b)$')).toHaveLength(16);
  });
});
