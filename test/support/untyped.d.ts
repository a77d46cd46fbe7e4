// Packages without types of their own that tests use.
declare module 'express4' {
  export { default } from 'express';
}
declare module 'compression' {
  export default function compression(options?: {
    threshold?: number;
  }): import('connect').NextHandleFunction;
}
declare module 'express-session' {
  export default function session(options: object): import('connect').NextHandleFunction;
}
