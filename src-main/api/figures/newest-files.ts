/** Contents of files by name, of which the oldest go where there are too many, or too many bytes; the newest always stays. */
export class NewestFiles {
  private readonly files = new Map<string, Uint8Array>();

  constructor(
    private readonly mostFiles: number,
    private readonly mostBytes: number,
  ) {}

  add(name: string, content: Uint8Array): void {
    this.files.set(name, content);
    let total = [...this.files.values()].reduce((sum, file) => sum + file.byteLength, 0);
    for (const [oldest, { byteLength }] of this.files) {
      const fits = total <= this.mostBytes && this.files.size <= this.mostFiles;
      if (fits || this.files.size === 1) return;
      this.files.delete(oldest);
      total -= byteLength;
    }
  }

  /** @returns the content, or undefined where it is gone or never was */
  get(name: string): Uint8Array | undefined {
    return this.files.get(name);
  }
}
