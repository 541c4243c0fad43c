/** hls.js ships no types for its smaller build; its interface is the same. */
declare module 'hls.js/light' {
  export { default } from 'hls.js';
}
