import { describe, expect, it } from 'vitest'
import { SCENARIOS } from '../scenarios/scenario-list.ts'
import { app, buf, labOf, neighbour, scenarioOf } from '../testing/labs.ts'
import { asVpn } from '../units.ts'
import { viewOf } from '../view/view-of.ts'
import { get } from './cells.ts'
import { placesFor } from './shape.ts'

describe('the places where page tables can be', () => {
  const shown = (...vpns: number[]) =>
    placesFor(vpns.map(asVpn)).places.map(
      p => `${p.level} ${p.base} under ${p.parent}: pages ${p.firstPage}..${p.endPage}`,
    )

  it('are one a level for pages that lie together', () => {
    expect(shown(512, 513)).toEqual([
      'PGD 0 under -1: pages 0..2',
      'PUD 0 under 0: pages 0..2',
      'PMD 0 under 1: pages 0..2',
      'PTE 512 under 2: pages 0..2',
    ])
  })

  it('part where addresses part: 2 MiB, 1 GiB, 512 GiB', () => {
    expect(shown(0, 512, 512 ** 2, 512 ** 3)).toEqual([
      'PGD 0 under -1: pages 0..4',
      'PUD 0 under 0: pages 0..3',
      'PMD 0 under 1: pages 0..2',
      'PTE 0 under 2: pages 0..1',
      'PTE 512 under 2: pages 1..2',
      'PMD 262144 under 1: pages 2..3',
      'PTE 262144 under 5: pages 2..3',
      'PUD 134217728 under 0: pages 3..4',
      'PMD 134217728 under 7: pages 3..4',
      'PTE 134217728 under 8: pages 3..4',
    ])
  })
})

describe('a state', () => {
  it.each(SCENARIOS.map(s => s.id))('%s takes less than 256 bytes, on either architecture', id => {
    for (const arch of ['x86', 'arm64'] as const) {
      expect(labOf(id, { arch }).initial.byteLength).toBeLessThan(256)
    }
  })

  it('has the same layout for every kernel, so that runs can be compared word by word', () => {
    const kernels = ['3.18', '3.19-1of3', '3.19-2of3'] as const
    const words = kernels.map(kernel => labOf('munmap-plain', { kernel, driver: 'naive' }).setup.shape.words)
    expect(new Set(words).size).toBe(1)
  })
})

describe('a scenario made ready', () => {
  it('deals frames out lowest first: the kernel’s, the page cache, page tables root first, then pages', () => {
    const lab = labOf(
      scenarioOf({
        frames: 12,
        regions: [neighbour({ kind: 'file', protection: 'r' }), buf({ present: [1] })],
        cpus: [app()],
      }),
    )
    const { frames } = viewOf(lab, lab.initial)
    const labels = ['kernel', 'heap[0]', 'PGD', 'PUD', 'PMD', 'PTE', 'buf[1]']
    expect(frames.filter(f => f.use !== 'free').map(f => f.label)).toEqual(labels)
    expect(lab.setup.fileFrame).toEqual([-1, -1, 1])
  })

  it('hands the lowest free frame out first', () => {
    const { setup, initial } = labOf('munmap-plain')
    const { freeList, freeCount } = setup.shape
    expect(get(initial, freeList, get(initial, freeCount, 0) - 1)).toBe(9)
  })
})
