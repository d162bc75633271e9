/** Work in bounded slots: so many at a time, so many in line. */
export { type Refuse, type SlotLimits, Slots } from './slots.js';
