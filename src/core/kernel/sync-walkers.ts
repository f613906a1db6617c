import { requestSync, unsynced } from '../machine/interrupts.ts'
import { omitting } from '../threads/program.ts'
import type { Task } from './task.ts'

const FILE = 'mm/mmu_gather.c'

/**
 * tlb_remove_table_sync_one(), mm/mmu_gather.c: an IPI to every other CPU, whose handler does nothing. A CPU takes it with
 * interrupts enabled only, so afterwards no GUP-fast that began before is still under way.
 */
export function syncWalkers(t: Task): void {
  const { asm, s } = t
  const name = (cpu: number): string => s.cpus[cpu]?.name ?? 'a CPU'
  asm.within('tlb_remove_table_sync_one', () => {
    asm.beginPhase({ id: 'sync', title: 'sync IPI', note: 'software walkers leave', kind: 'work', amber: true })
    asm.op({
      fn: 'smp_call_function',
      file: FILE,
      label: 'send every other CPU an IPI that does nothing',
      why: 'GUP-fast walks with interrupts disabled. Whoever takes the IPI has left the page table, or has not come in yet.',
      run: (m, emit, next) => {
        requestSync(s.shape, m, t.cpu)
        const waitsFor = s.cpus.flatMap((_, cpu) => (unsynced(s.shape, m, t.cpu, cpu) ? [cpu] : []))
        emit?.({ type: 'sync-sent', waitsFor })
        return next
      },
      without: [omitting('the IPI that waits for software walkers')],
    })
    asm.op({
      fn: 'csd_lock_wait',
      file: 'kernel/smp.c',
      label: 'see that every CPU has taken it',
      why: 'From here on nobody is inside the old table without a lock.',
      needs: s.cpus.map((_, cpu) => ({ on: [], holds: m => !unsynced(s.shape, m, t.cpu, cpu), as: 'reads' })),
      blocked: m => `${name(s.cpus.findIndex((_, cpu) => unsynced(s.shape, m, t.cpu, cpu)))} has interrupts disabled`,
      run: (_m, emit, next) => {
        emit?.({ type: 'sync-done' })
        return next
      },
    })
  })
}
