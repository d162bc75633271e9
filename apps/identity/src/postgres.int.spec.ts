import { onPostgres } from './store-kind.fixture.js';

// Loaded one by one: each fixture asks where its stores are when a test begins.
onPostgres({
  'what the operator does': () => import('./admin.int.spec.js'),
  'what is written down': () => import('./audit.int.spec.js'),
  'mailed codes': () => import('./elevation.int.spec.js'),
  'new passwords': () => import('./new-password.int.spec.js'),
  'the relay of notices': () => import('./notice-relay.int.spec.js'),
  notices: () => import('./notices.int.spec.js'),
  'opaque identifiers': () => import('./opaque-identifiers.int.spec.js'),
  'password checks': () => import('./password-check.int.spec.js'),
  'recovery codes': () => import('./recovery.int.spec.js'),
  regulation: () => import('./regulation.int.spec.js'),
  'reset links': () => import('./reset.int.spec.js'),
  'people of the store': () => import('./sql-users.int.spec.js'),
  'sign-ins': () => import('./sign-ins.int.spec.js'),
  'the store': () => import('./store.int.spec.js'),
  'one-time passwords': () => import('./totp.int.spec.js'),
  'what the session service is told': () => import('./user-publisher.int.spec.js'),
});
