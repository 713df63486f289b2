/** Matrices that took work to make, by key, the least used going first above a number of bytes. */
export class ByteCache<Value> {
  private readonly entries = new Map<string, { value: Value; bytes: number }>();
  private total = 0;

  constructor(private readonly limit: number) {}

  /** The value of a key, made where it is not there; of several who ask at once, one makes it. */
  async get(key: string, bytesOf: (value: Awaited<Value>) => number, make: () => Value): Promise<Awaited<Value>> {
    const found = this.entries.get(key);
    if (found) {
      this.entries.delete(key);
      this.entries.set(key, found);
      return await found.value;
    }
    const entry = { value: make(), bytes: 0 };
    this.entries.set(key, entry);
    try {
      const value = await entry.value;
      entry.bytes = bytesOf(value);
      this.total += entry.bytes;
      this.shrink();
      return value;
    } catch (caught) {
      this.entries.delete(key);
      throw caught;
    }
  }

  private shrink(): void {
    for (const [key, { bytes }] of this.entries) {
      if (this.total <= this.limit || this.entries.size === 1) return;
      this.entries.delete(key);
      this.total -= bytes;
    }
  }
}
