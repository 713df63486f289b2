/** Vite puts the text of a file into the program. */
declare module '*.md?raw' {
  const text: string;
  export default text;
}
