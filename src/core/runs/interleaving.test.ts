import { describe, expect, it } from 'vitest'
import { fnOf } from '../testing/films.ts'
import { app, buf, gpu, labOf, scenarioOf } from '../testing/labs.ts'
import { compileInterleaving, type Line } from './interleaving.ts'

const lab = labOf('munmap-forced-flush', { kernel: '3.18' })
const played = (...moves: readonly Line[]) => compileInterleaving(lab, [{ says: '', moves }])
const ops = (...moves: readonly Line[]) => played(...moves).run.film.map(s => `${s.actor.name}: ${fnOf(s)}`)

describe('an interleaving in readable lines', () => {
  it('until: stops before the function, and moves nobody who stands there already', () => {
    const before = ops(['CPU 0', 'until', '__mmu_notifier_invalidate_range_start'])
    expect(before).toEqual(['CPU 0: mmap_write_lock_killable', 'CPU 0: detach_vmas_to_be_unmapped'])
    const start: Line = ['CPU 0', 'until', '__mmu_notifier_invalidate_range_start']
    expect(ops(start, start)).toEqual(before)
  })

  it('through: does it, be it a function, a part of a label, or an event', () => {
    expect(ops(['CPU 0', 'through', 'ptep_get_and_clear_full']).at(-1)).toBe('CPU 0: ptep_get_and_clear_full')
    expect(ops(['CPU 0', 'through', 'the PTE of buf[0]']).at(-1)).toBe('CPU 0: ptep_get_and_clear_full')
    expect(ops(['CPU 0', 'through', 'page-freed']).at(-1)).toBe('CPU 0: tlb_batch_pages_flush')
  })

  it('steps: so many moves of this one', () => {
    expect(ops(['GPU 0', 'steps', 2])).toEqual(['GPU 0: DMA', 'GPU 0: page walk'])
  })

  it('lets the hardware move that the one who is named waits for, and nobody else', () => {
    const film = ops(['CPU 0', 'until', 'pte_offset_map_lock'])
    expect(film.slice(-3)).toEqual([
      'CPU 0: __mmu_notifier_invalidate_range_start',
      'IOMMU: invalidate',
      'CPU 0: completion wait',
    ])
  })

  it('takes the way that is asked for where there are several', () => {
    const any = labOf(scenarioOf({ regions: [buf()], cpus: [app()], devices: [gpu({ do: 'read', page: 'buf[any]' })] }))
    const to = (page: string) =>
      compileInterleaving(any, [{ says: '', moves: [['GPU 0', 'through', 'device-accessed', page]] }]).run.choices[0]
    expect(to('buf[0]')?.alternative).toBe(0)
    expect(to('buf[1]')?.alternative).toBe(1)
  })

  it('says where it stands after each numbered step', () => {
    const walk: Line = ['GPU 0', 'through', 'device-accessed']
    const { ends, stuck, run } = compileInterleaving(lab, [
      { says: 'one', moves: [walk] },
      { says: 'nothing', moves: [] },
      { says: 'two', moves: [walk] },
    ])
    expect(stuck).toBeNull()
    expect(ends).toEqual([7, 7, 8])
    expect(run.length).toBe(8)
  })
})

describe('an interleaving that cannot be followed', () => {
  it('names the numbered step, the line in it, and what was made until then', () => {
    const { stuck, ends, run } = compileInterleaving(lab, [
      { says: 'can be', moves: [['GPU 0', 'steps', 1]] },
      {
        says: 'cannot',
        moves: [
          ['GPU 0', 'steps', 1],
          ['IOMMU', 'steps', 1],
        ],
      },
    ])
    expect(stuck).toEqual({ stage: 1, line: 1, why: 'IOMMU cannot move: the invalidation queue is empty' })
    expect(ends).toEqual([1])
    expect(run.length).toBe(2)
  })

  it('says that there is nobody of that name, and who there is', () => {
    expect(played(['CPU 7', 'steps', 1]).stuck?.why).toBe(
      'there is no “CPU 7” here, only CPU 0, CPU 1, GPU 0, IOMMU, Fault worker',
    )
  })

  it('says why the one who is named cannot go on, and what keeps those that it waits for', () => {
    const { stuck } = played(
      ['CPU 0', 'until', '__mmu_notifier_invalidate_range_end'],
      ['GPU 0', 'through', 'device-accessed'],
    )
    expect(stuck?.why).toBe(
      'GPU 0 never comes to “device accessed”: its page request for buf[0] waits for the CPU; Fault worker: the mmap lock is held for writing by CPU 0',
    )
  })

  it('says that the script is done', () => {
    expect(played(['CPU 1', 'through', 'zap_pte_range']).stuck?.why).toBe(
      'CPU 1 never comes to “zap_pte_range”: its script is done',
    )
  })
})
