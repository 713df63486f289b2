/** A model's name where none is given: the file's, without what its ending says. */
export function nameOfFile(path: string): string {
  const name = path.split(/[/\\]/).at(-1)!;
  return name.replace(/\.tar$/i, '').replace(/\.(onnx|pth|pt|safetensors|bin)$/i, '') || name;
}
