/** What the commands need that speak to a deployed Bursar: one import, made by their actions. */
export { connect } from './remote.ts';
export { signed } from './signed.ts';
export { knownResources, resolveArns } from './targets.ts';
export { makeWish } from './wish.ts';
