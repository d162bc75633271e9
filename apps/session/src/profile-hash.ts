import type { Profile } from '@portcullis/contracts-session';
import { hash } from 'node:crypto';

/** Equal where two profiles say the same. */
export const profileHash = ({ username, displayName, emails, groups }: Profile): string =>
  hash('sha256', JSON.stringify([username, displayName, emails, groups]), 'base64url');
