// What piscina runs in its threads.
export { queens } from '../../lib/queens.mjs';
export const echo = (value) => value;
