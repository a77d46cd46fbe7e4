/**
 * How much longer things may take: a sanitizer makes native code slow, and looks for leaks when a process ends. Bounds
 * of time that are about the product's speed mean nothing then.
 */
export const slowdown: number = process.env['OWIN_SANITIZER'] ? 6 : 1;

/** How often a test does what it does many times: a tenth of it with a sanitizer, which sees more in each. */
export const often = (times: number): number => (slowdown > 1 ? Math.ceil(times / 10) : times);
