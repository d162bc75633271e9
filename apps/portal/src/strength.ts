/** The estimator of a password's strength, in a file of its own for its dictionaries are large. */
export { loadScore } from '@portcullis/domain-passwords';
