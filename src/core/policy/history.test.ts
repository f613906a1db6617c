import { describe, expect, it } from 'vitest'
import { KERNEL_IDS, type KernelId } from '../runs/settings.ts'
import { KERNELS } from './catalogue.ts'
import { changeAt, HISTORY, type HistoricId } from './history.ts'
import { driverFor, presetOf, usualDriver } from './presets.ts'

const ids = Object.keys(HISTORY) as HistoricId[]
const at = (kernel: KernelId) => KERNEL_IDS.indexOf(kernel)

describe('the history of the switches', () => {
  it.each(ids)('%s: from the first kernel on, oldest first, and every line changes something', id => {
    const lines = HISTORY[id]
    expect(lines[0]?.since).toBe(KERNEL_IDS[0])
    for (const [i, line] of lines.entries()) {
      const before = lines[i - 1]
      if (before === undefined) continue
      expect(at(line.since)).toBeGreaterThan(at(before.since))
      expect(line.value).not.toEqual(before.value)
    }
  })

  it.each(ids)('%s: cites a commit with how it is known, or says in words where the value comes from', id => {
    for (const { commit, note } of HISTORY[id]) {
      expect(commit ?? '0123456789ab [c]').toMatch(/^[0-9a-f]{12} \[(c|id|NV)\]$/)
      expect(note).toMatch(/\.$/)
    }
  })

  it('holds from a line on until the next one', () => {
    expect(KERNEL_IDS.filter(k => changeAt('endImpliesInvalidate', k).value)).toEqual(
      KERNEL_IDS.slice(at('3.19'), at('6.6')),
    )
    expect(changeAt('endImpliesInvalidate', '5.5').since).toBe('3.19')
  })
})

/** Kernel by kernel, in the order of this list. Only what is historic: the rest is the same in all. */
const COLUMNS = [
  'rangeCallback',
  'gatherFlushNotifies',
  'tableFreeNotifies',
  'endImpliesInvalidate',
  'archFlushNotifies',
  'endVmaFlushNotifies',
  'nestedGatherForcesFlush',
  'nestedRangeEncoding',
  'mmapLockDowngrade',
  'tableFree',
  'batchFreeOrder',
] as const satisfies readonly HistoricId[]

const before319 = '- - - - - - - empty never with-pages lifo'
const table: Readonly<Record<KernelId, string>> = {
  '2.6.27': before319,
  '3.7': before319,
  '3.18': before319,
  '3.19-1of3': before319,
  '3.19-2of3': '- y y - - - - empty never with-pages lifo',
  '3.19': 'y y y y - - - empty never with-pages lifo',
  '4.13': 'y y y y - - y full never with-pages lifo',
  '4.15': 'y y y y - - y full never with-pages lifo',
  '4.19': 'y y y y - y y full never with-pages lifo',
  '5.5': 'y y y y - y y empty always with-pages lifo',
  '6.1': 'y y y y - y y empty unless-grows with-pages lifo',
  '6.6': 'y y y - y y y full always with-pages fifo',
  '6.14': 'y y y - y y y full always rcu fifo',
  '6.19': 'y y y - y y y full always rcu fifo',
}

describe('the presets', () => {
  it.each(KERNEL_IDS)('%s is what the table of docs/kernel-map.md says', kernel => {
    const policy = presetOf(kernel, 'x86', 'notifier')
    const words = COLUMNS.map(id => (policy[id] === true ? 'y' : policy[id] === false ? '-' : policy[id]))
    expect(words.join(' ')).toBe(table[kernel])
    expect(policy).toMatchObject({ kernel, configMmuNotifier: true, mergeVmas: true, emptyTableNesting: 'counter' })
    expect(policy).toMatchObject({ drainsWalks: true, invalidateKind: 'non-leaf' })
  })

  it('differ on arm64 in when page tables are freed, where VMAs are flushed and what an IOTLB keeps, in a range that 6.6 loses, and in nothing else', () => {
    for (const kernel of KERNEL_IDS) {
      const x86 = presetOf(kernel, 'x86', 'notifier')
      expect(presetOf(kernel, 'arm64', 'notifier')).toEqual({
        ...x86,
        arch: 'arm64',
        tableFree: at(kernel) < at('3.18') ? 'with-pages' : 'rcu',
        tableBatchInvalidatesFirst: true,
        singleUserTableShortcut: false,
        mergeVmas: false,
        cachesPermissionMiss: true,
        rangeArgument: kernel === '6.6' || kernel === '6.14' ? 'empty-means-all' : 'exact',
      })
    }
  })

  it('come with a driver that their callbacks allow, and keep the reader’s on the same side of invalidate_range', () => {
    expect(KERNEL_IDS.filter(k => usualDriver(k) === 'notifier')).toEqual(KERNEL_IDS.slice(at('3.19')))
    expect(driverFor('2.6.27', { kernel: '3.18', driver: 'empty-table' })).toBe('empty-table')
    expect(driverFor('6.19', { kernel: '3.18', driver: 'empty-table' })).toBe('notifier')
  })

  it('are those of the slider, in its order', () => {
    expect(KERNELS.map(k => k.id)).toEqual(KERNEL_IDS)
  })
})
