import type { ProgramBuilder } from '../threads/program.ts'

/** Which step of an access each op of a program belongs to, and which access of the script: for those who watch. */
export class Steps {
  private readonly marks: { readonly op: number; readonly access: number; readonly step: string }[] = []
  /** By access: the op it begins with. */
  private readonly starts: number[] = []

  /** What is written next belongs to the next access. */
  nextAccess(asm: ProgramBuilder): void {
    this.starts.push(asm.here)
  }

  /** From the op that is written next on. */
  at(asm: ProgramBuilder, step: string): void {
    this.marks.push({ op: asm.here, access: this.starts.length - 1, step })
  }

  /** The script that was written, for ConsumerThread.accesses. */
  accesses(script: readonly unknown[]): { readonly at: number; readonly what: string }[] {
    return this.starts.map((at, i) => ({ at, what: JSON.stringify(script[i]) }))
  }

  /** Access and step of an op; undefined past the end of the program. */
  of(op: number, length: number): { readonly access: number; readonly step: string } | undefined {
    return op >= length ? undefined : this.marks.findLast(mark => mark.op <= op)
  }
}
