/** What every object of `owin.load()` has: who writes values knows them by it. */
export const IS_NET_OBJECT = Symbol('owin.netObject');
