import { type Arch, KERNEL_IDS, type KernelId } from '../runs/settings.ts'
import { ARM64_NAMES, CPU_NAMES, X86_NAMES } from './names/cpu.ts'
import { LOCK_NAMES } from './names/locks.ts'
import { MM_NAMES } from './names/mm.ts'
import type { Name, Names } from './names/name.ts'
import { RECLAIM_NAMES } from './names/reclaim.ts'
import { FIELD_NAMES, SUBSCRIBER_NAMES } from './names/subscribers.ts'

/*
 * What a kernel calls the functions of our programs, and in which file they stand there. Programs have one name for each, by which steps of
 * two kernels are the same step; people are shown that of the kernel at hand. To add one: its line in a file of names/.
 */

/** Functions, and their callers outermost first. */
export interface CodePlace {
  readonly fn: string
  readonly file: string
  readonly stack: readonly string[]
}

const NAMES: Names = { ...LOCK_NAMES, ...MM_NAMES, ...RECLAIM_NAMES, ...SUBSCRIBER_NAMES, ...CPU_NAMES }
const OF_ARCH: Readonly<Record<Arch, Names>> = {
  x86: { ...NAMES, ...X86_NAMES },
  arm64: { ...NAMES, ...ARM64_NAMES },
}

/** Files that came or moved: the file of our programs, and where that code stood before. */
const FILES: Readonly<Record<string, readonly (readonly [KernelId, string])[]>> = {
  'mm/mmu_gather.c': [
    ['2.6.27', 'include/asm-generic/tlb.h'],
    ['3.7', 'mm/memory.c'],
    ['5.5', 'mm/mmu_gather.c'],
  ],
  'mm/page_vma_mapped.c': [
    ['2.6.27', 'mm/rmap.c'],
    ['4.13', 'mm/page_vma_mapped.c'],
  ],
  'mm/pgtable-generic.c': [
    ['2.6.27', 'include/asm-generic/pgtable.h'],
    ['3.7', 'mm/pgtable-generic.c'],
  ],
  'kernel/sched/core.c': [
    ['2.6.27', 'kernel/sched.c'],
    ['3.7', 'kernel/sched/core.c'],
  ],
  'kernel/rcu/srcutree.c': [
    ['2.6.27', 'kernel/srcu.c'],
    ['3.18', 'kernel/rcu/srcu.c'],
    ['4.13', 'kernel/rcu/srcutree.c'],
  ],
  'arch/x86/mm/tlb.c': [
    ['2.6.27', 'arch/x86/kernel/tlb_64.c'],
    ['3.7', 'arch/x86/mm/tlb.c'],
  ],
}

/** Functions and files of our programs that some kernel has under another name, with all their names. */
export const RENAMED: readonly { readonly name: string; readonly names: readonly Name[] }[] = [
  ...Object.entries(OF_ARCH.x86).map(([name, names]) => ({ name, names })),
  ...Object.entries(FILES).map(([name, files]) => ({
    name,
    names: files.map(([since, file]) => ({ since, fn: file })),
  })),
]

interface Kernel {
  readonly kernel: KernelId
  readonly arch: Arch
}

const lineAt = <Line>(lines: readonly Line[], since: (line: Line) => KernelId, kernel: KernelId): Line | undefined =>
  lines.findLast(line => KERNEL_IDS.indexOf(since(line)) <= KERNEL_IDS.indexOf(kernel))

function named({ kernel, arch }: Kernel, fn: string, caller: string | undefined): Name | undefined {
  const names = OF_ARCH[arch]
  const lines = names[`${caller}>${fn}`] ?? names[fn]
  return lines === undefined ? undefined : lineAt(lines, name => name.since, kernel)
}

function fileIn({ kernel, arch }: Kernel, { fn, file, stack }: CodePlace): string {
  // x86 had a get_user_pages_fast() of its own up to 4.12.
  const gupFast = fn === 'pin_user_pages_fast' || stack.includes('get_user_pages_fast')
  if (gupFast && file === 'mm/gup.c' && arch === 'x86' && KERNEL_IDS.indexOf(kernel) < KERNEL_IDS.indexOf('4.13'))
    return 'arch/x86/mm/gup.c'
  const lines = FILES[file]
  return lines === undefined ? file : (lineAt(lines, ([since]) => since, kernel)?.[1] ?? file)
}

/** What the kernel calls a function of our programs. */
export const nameIn = (at: Kernel, fn: string): string => named(at, fn, undefined)?.fn ?? fn

/** A field of struct kvm, likewise. */
export function fieldIn({ kernel }: Pick<Kernel, 'kernel'>, field: keyof typeof FIELD_NAMES & string): string {
  return lineAt(FIELD_NAMES[field] ?? [], name => name.since, kernel)?.fn ?? field
}

/** A step’s function, file and callers, as the kernel has them. A caller that is one function there with the next is named once. */
export function placeIn(at: Kernel, place: CodePlace): CodePlace {
  const { fn, stack } = place
  const name = named(at, fn, stack.at(-1))
  const callers = stack.map((caller, i) => named(at, caller, stack[i - 1])?.fn ?? caller)
  return {
    fn: name?.fn ?? fn,
    file: name?.file ?? fileIn(at, place),
    stack: callers.filter((caller, i) => caller !== callers[i + 1]),
  }
}
