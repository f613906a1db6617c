type Numbers = Uint8Array | Uint16Array | Uint32Array | Float64Array

/** A column of numbers that grows at its end. */
export class Growing<T extends Numbers> {
  private column: T
  private readonly make: new (
    length: number,
  ) => T
  length = 0

  constructor(make: new (length: number) => T) {
    this.make = make
    this.column = new make(1024)
  }

  at(i: number): number {
    return this.column[i] as number
  }

  push(value: number): void {
    if (this.length === this.column.length) {
      const wider = new this.make(2 * this.column.length)
      wider.set(this.column)
      this.column = wider
    }
    this.column[this.length++] = value
  }

  /** What is in it, without a copy. Good until the next push. */
  whole(): T {
    return this.column.subarray(0, this.length) as T
  }
}
