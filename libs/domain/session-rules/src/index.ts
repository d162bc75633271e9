/** When a session is live, idle, expired or elevated: values and a clock in, a state out. */
export { sessionState, type SessionState, type SessionTimes } from './state.js';
export { isRemembered, sessionLifetimeMs, touchIntervalMs, type SessionSettings } from './settings.js';
export { isElevated, type Elevation } from './elevation.js';
export { levelOf, type Factors } from './level.js';
