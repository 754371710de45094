/**
 * What an administrator has decided about a computer. prestaged: it was known before it ever asked; pending: it waits
 * for the decision, as approved and rejected ones once did.
 */
export const DEVICE_STATUSES = ['prestaged', 'pending', 'approved', 'rejected'] as const;
