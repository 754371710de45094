/** What a certificate is like, to those who are shown it. */
export const CERTIFICATE_KINDS = ['valid', 'expired', 'unknown-authority', 'other-name'] as const;
export type CertificateKind = (typeof CERTIFICATE_KINDS)[number];
