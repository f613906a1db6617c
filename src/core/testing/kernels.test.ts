import { describe, expect, it } from 'vitest'
import { KERNEL_IDS, type KernelId } from '../runs/settings.ts'
import { enumerate } from './enumerate.ts'
import { distinctKernels } from './kernels.ts'
import { labOf } from './labs.ts'

const statesIn = (id: string, kernel: KernelId): number => enumerate(labOf(id, { kernel, driver: 'notifier' })).states

describe('kernels that a scenario can tell apart', () => {
  it('begin with the oldest, and a first patch that nobody calls is none of them', () => {
    const kernels = distinctKernels('munmap-forced-flush')
    expect(kernels[0]).toBe('2.6.27')
    expect(kernels).not.toContain('3.19-1of3')
    expect(kernels).toEqual(expect.arrayContaining(['3.19-2of3', '3.19', '4.13', '6.1', '6.6']))
  })

  it('are fewer where less is asked: madvise() never downgrades its lock', () => {
    expect(distinctKernels('munmap-plain')).toContain('6.1')
    expect(distinctKernels('dontneed')).not.toContain('6.1')
  })

  it('differ on arm64 where tlb_end_vma() flushes', () => {
    expect(distinctKernels('munmap-plain')).not.toContain('4.19')
    expect(distinctKernels('munmap-plain', { arch: 'arm64' })).toContain('4.19')
  })

  it('stand for the others: these have as many states', () => {
    const kernels = distinctKernels('dontneed', { driver: 'notifier' })
    expect(kernels.length).toBeLessThan(KERNEL_IDS.length)
    let representative: KernelId = '2.6.27'
    for (const kernel of KERNEL_IDS.slice(0, KERNEL_IDS.indexOf('6.6'))) {
      if (kernels.includes(kernel)) representative = kernel
      else expect([kernel, statesIn('dontneed', kernel)]).toEqual([kernel, statesIn('dontneed', representative)])
    }
  })
})
