import { beforeAll, describe, expect, it } from 'vitest';
import { describeWith } from '../../support/index.js';
import { ask, type EndpointName } from './endpoints.js';
import { FACTS } from './facts.js';
import { WHO } from './people.js';
import { meaning, startWorld, type World } from './world.js';

describeWith(['redis'], 'what verify answers', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });

  describe.each(FACTS)('$about', ({ endpoints, rows }) => {
    describe.each(rows)('$title', ({ fact, words }) => {
      it.each(WHO)('is answered to %s as written, by every endpoint', async (who) => {
        const answer = async (endpoint: EndpointName) => world.answer(ask(endpoint, fact, world.cookieOf(who, fact.url)));
        const answers = await Promise.all(endpoints.map(async (endpoint) => [endpoint, await answer(endpoint)] as const));
        expect(Object.fromEntries(answers)).toEqual(
          Object.fromEntries(endpoints.map((endpoint) => [endpoint, meaning(words[who]!, endpoint, who, fact)])),
        );
      });
    });
  });
});
