/** A browser and its system in words, from the user agent it sends. */
export { describeDevice, type Device } from './describe-device.js';
