import { onPostgres } from './store-kind.fixture.js';

onPostgres({
  'the journal of endings': () => import('./endings-journal.int.spec.js'),
  'the epoch': () => import('./epoch-keeper.int.spec.js'),
  sessions: () => import('./session.controller.int.spec.js'),
});
