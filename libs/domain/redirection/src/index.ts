/** Is this return address inside a protected domain, and how is a visitor sent to sign in. */
export { isPortalUrlAllowed, type PortalUrlSource } from './portal-url.js';
export { redirectLocation } from './redirect-location.js';
export { hostInScope, isSafeRedirection, isSchemeAllowed } from './scope.js';
export { parseTarget, type Target } from './target.js';
