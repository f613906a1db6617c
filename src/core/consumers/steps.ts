import type { ProgramBuilder } from '../threads/program.ts'

/** Which step of an access each op of a program belongs to, and which access of the script: for those who watch. */
export class Steps {
  private readonly marks: { readonly op: number; readonly access: number; readonly step: string }[] = []
  private access = -1

  nextAccess(): void {
    this.access++
  }

  /** From the op that is written next on. */
  at(asm: ProgramBuilder, step: string): void {
    this.marks.push({ op: asm.here, access: this.access, step })
  }

  /** Access and step of an op; undefined past the end of the program. */
  of(op: number, length: number): { readonly access: number; readonly step: string } | undefined {
    return op >= length ? undefined : this.marks.findLast(mark => mark.op <= op)
  }
}
