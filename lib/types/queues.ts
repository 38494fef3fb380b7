/**
 * Deliveries of a message before it goes to the dead-letter queue. The stacks set it; the enforcer tells
 * people at the last one what it could not do.
 */
export const MAX_DELIVERIES = 5;
