/** Files that become part of the program as text (build/inline-script.ts, and Vite's own). */
declare module '*?script' {
  const code: string;
  export default code;
}
declare module '*.css?raw' {
  const style: string;
  export default style;
}
