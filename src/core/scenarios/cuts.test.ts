import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { presetOf } from '../policy/presets.ts'
import { app, buf, gpu, neighbour, other, scenarioOf } from '../testing/labs.ts'
import { EVERY_SCENARIO } from '../testing/paths.ts'
import { buildLab } from './build.ts'
import { checkScenario } from './check.ts'
import { type Cuts, isGone, NOTHING_CUT, partsOf, sizesOf, stretchesOf, withCuts } from './cuts.ts'

const without = (...gone: readonly string[]): Cuts => ({ ...NOTHING_CUT, gone: new Set(gone) })

describe('cutting a scenario down', () => {
  const whole = scenarioOf({
    regions: [buf({ pages: 4, present: [0, 1, 3], pinned: [1, 3], growsDown: true }), neighbour()],
    cpus: [
      app({ do: 'madvise-dontneed', region: 'buf', first: 1, pages: 2 }, { do: 'write', page: 'buf[3]' }),
      app({ do: 'read', page: 'heap[0]' }),
      other({ do: 'allocate', as: 'data' }, { do: 'allocate', as: 'data' }),
    ],
    devices: [gpu({ do: 'read', page: 'buf[any]' }, { do: 'write', page: 'buf[2]' })],
  })

  it('without a page the others move down, and so does what names them', () => {
    const { memory, cpus, devices } = withCuts(whole, without('page buf[1]'))
    expect(memory.regions[0]).toEqual({ ...buf({ pages: 3, present: [0, 2], pinned: [2], growsDown: true }) })
    expect(cpus[0]?.script).toEqual([
      { do: 'madvise-dontneed', region: 'buf', first: 1, pages: 1 },
      { do: 'write', page: 'buf[2]' },
    ])
    expect(devices[0]?.script).toEqual([
      { do: 'read', page: 'buf[any]' },
      { do: 'write', page: 'buf[1]' },
    ])
  })

  it('an action goes with its last page, with its region, and with its CPU', () => {
    const scripts = (cuts: Cuts) => withCuts(whole, cuts).cpus.map(cpu => cpu.script.length)
    expect(scripts(without('page buf[1]', 'page buf[2]'))).toEqual([1, 1, 2])
    expect(scripts(without('region heap'))).toEqual([2, 0, 2])
    expect(scripts(without('cpu 1'))).toEqual([2, 2])
    expect(scripts(without('cpu 2 action 0'))).toEqual([2, 1, 1])
  })

  it('a range over more than one region ends with the first, when the last is gone', () => {
    const over = { ...whole, cpus: [app({ do: 'munmap', region: 'buf', through: 'heap' })] }
    const scripts = (cuts: Cuts) => withCuts(over, cuts).cpus.map(cpu => cpu.script)
    expect(scripts(NOTHING_CUT)).toEqual([[{ do: 'munmap', region: 'buf', through: 'heap' }]])
    expect(scripts(without('region heap'))).toEqual([[{ do: 'munmap', region: 'buf' }]])
    expect(scripts(without('region buf'))).toEqual([[]])
  })

  it('names parts as the whole scenario does, the largest first', () => {
    expect(partsOf(whole).map(part => part.what)).toEqual([
      'CPU 0',
      'CPU 1',
      'CPU 2',
      'GPU 0',
      'region buf',
      'region heap',
      'madvise(buf+1, 2, MADV_DONTNEED) on CPU 0',
      'write buf[3] on CPU 0',
      'read heap[0] on CPU 1',
      'allocate a page on CPU 2, 1 of 2',
      'allocate a page on CPU 2, 2 of 2',
      'read buf[any] by GPU 0',
      'write buf[2] by GPU 0',
      'buf[3]',
      'buf[2]',
      'buf[1]',
      'buf[0]',
      'heap[0]',
      'the pin of buf[1]',
      'the pin of buf[3]',
      'growsDown of buf',
    ])
    expect(stretchesOf(whole).map(stretch => stretch.map(part => part.what))).toEqual([
      ['buf[3]', 'buf[2]'],
      ['buf[1]', 'buf[0]'],
    ])
  })

  it('without anything cut it is the same scenario', () => {
    for (const scenario of EVERY_SCENARIO) expect(withCuts(scenario, NOTHING_CUT)).toEqual(scenario)
  })

  it('whatever is cut, what passes the check can be built', () => {
    const policy = presetOf('6.1', 'x86', 'notifier')
    fc.assert(
      fc.property(fc.constantFrom(...EVERY_SCENARIO), fc.array(fc.nat(), { maxLength: 8 }), (scenario, picks) => {
        const bare = { ...scenario, breaks: [] }
        let cuts = NOTHING_CUT
        for (const pick of picks) {
          const parts = partsOf(bare).filter(part => !isGone(part, cuts))
          const part = parts[pick % Math.max(1, parts.length)]
          if (part !== undefined) cuts = { ...cuts, gone: new Set([...cuts.gone, part.id]) }
        }
        cuts = { ...cuts, sizes: new Map(sizesOf(bare).map(size => [size.id, Math.max(size.least, size.value - 1)])) }
        const left = withCuts(bare, cuts)
        if (left.memory.regions.length > 0 && checkScenario(left).length === 0) {
          expect(buildLab(left, policy).actors.length).toBeGreaterThan(0)
        }
      }),
      { numRuns: 60 },
    )
  })
})
