import { set } from '../machine/cells.ts'
import { span } from '../machine/resources.ts'
import { setLinked } from '../machine/reverse-map.ts'
import { rangeOf } from '../machine/setup.ts'
import { rangeText } from './mmap-lock.ts'
import { enter, leave } from './operation.ts'
import type { Task } from './task.ts'

/**
 * mmap(2) of a region at its fixed address: a VMA, and nothing in the page table until somebody faults.
 *
 * Kernel: mmap_region() mm/mmap.c. Simplified: the address must be free; no merging with neighbours.
 */
export function mmap(t: Task, region: number): void {
  const { asm, s } = t
  const facts = s.regions[region]
  if (facts === undefined) return
  asm.within('mmap', () => {
    enter(t, 'mmap', facts.first, facts.end, 'write')
    asm.op({
      fn: 'mmap_region',
      file: 'mm/mmap.c',
      label: `map ${rangeText(s, facts.first, facts.end)}`,
      why: 'Only a promise: frames come with the faults.',
      run: (m, emit, next) => {
        for (let page = facts.first; page < facts.end; page++) set(m, s.shape.vma, page, region + 1)
        setLinked(s.shape, m, facts.first, facts.end, true)
        emit?.({ type: 'vma-mapped', range: rangeOf(s, facts.first, facts.end) })
        return next
      },
      touches: [{ writes: span(s.resources.vma, facts.first, facts.end) }],
    })
    leave(t, 'mmap', facts.first, facts.end, { gathers: false, writes: true, lock: 'write' })
  })
}
