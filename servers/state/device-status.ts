/**
 * What an administrator has decided about a computer. prestaged: it was known before it ever asked; pending: it waits
 * for the decision, as approved and rejected ones once did.
 */
export const DEVICE_STATUSES = ['prestaged', 'pending', 'approved', 'rejected'] as const;

/**
 * What the boot server does with a computer that the device store does not know: answers it as if it were known, makes
 * it wait for approval, or gives it no answer.
 */
export const UNKNOWN_DEVICE_ANSWERS = ['answer', 'pending', 'ignore'] as const;
