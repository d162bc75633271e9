/** Keys, certificates and certificate requests, made. Apart from the other door, for a listener needs nothing of this library. */
export {
  EXTENDED_USAGES,
  makeCertificate,
  makeRequest,
  type Authority,
  type CertificateWish,
  type ExtendedUsage,
  type RequestWish,
  type SignatureHash,
  type Subject,
} from './make-certificate.js';
export { makeKeys, type Curve, type KeyKind, type Keys } from './make-keys.js';
