type Numbers = Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Float64Array<ArrayBuffer>

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

  get bytes(): number {
    return this.column.byteLength
  }

  at(i: number): number {
    return this.column[i] as number
  }

  put(i: number, value: number): void {
    this.column[i] = value
  }

  push(value: number): void {
    if (this.length === this.column.length) this.widen()
    this.column[this.length++] = value
  }

  /** What is in it, without a copy. Good until the next push. */
  whole(): T {
    return this.column.subarray(0, this.length) as T
  }

  private widen(): void {
    const wider = new this.make(2 * this.column.length)
    wider.set(this.column)
    this.column = wider
  }
}
