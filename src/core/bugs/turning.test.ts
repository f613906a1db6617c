import { describe, expect, it } from 'vitest'
import { known } from '../base/assert.ts'
import { KERNEL_IDS, type KernelId } from '../runs/settings.ts'
import type { Bug } from './bug.ts'
import { BUGS, bugById } from './bug-list.ts'
import { settingsOf } from './settings-of.ts'
import { stands, turnAt } from './turning.ts'

const bug = (id: string): Bug => known(bugById(id), id)
/** `rangeCallback false → true, needed` */
const told = (id: string, kernel: KernelId): string[] =>
  (turnAt(bug(id), kernel)?.changes ?? [])
    .filter(c => c.enough || c.needed)
    .map(c => `${c.field} ${c.from} → ${c.to}${c.enough ? ', enough' : ''}${c.needed ? ', needed' : ''}`)

describe('the slider and the shelf', () => {
  it('a kernel speaks for itself: a switch that belongs to kernels is not carried along, others are', () => {
    expect(settingsOf(bug('B09'), '6.1').switches).toEqual({})
    expect(settingsOf(bug('B12'), '4.15').switches).toEqual({})
    expect(settingsOf(bug('B03'), '3.18').switches).toEqual({ emptyTableNesting: 'boolean' })
  })

  it('knows in which kernels the run can be made', () => {
    const possible = (id: string) => stands(bug(id)).flatMap(s => (s.possible ? [s.kernel] : []))
    expect(possible('B01')).toEqual(KERNEL_IDS.slice(0, KERNEL_IDS.indexOf('3.19')))
    expect(possible('B05')).toEqual(['3.19', '4.13', '4.15'])
    expect(possible('B07')).toEqual(['3.7', '3.18', '3.19-1of3', '3.19-2of3', '3.19', '4.13', '4.15'])
    expect(possible('B09')).toEqual(['5.5', '6.1'])
    expect(possible('B30')).toEqual(KERNEL_IDS.slice(0, KERNEL_IDS.indexOf('6.19')))
  })

  it('past the fix: names the one change without which the run could be made again', () => {
    expect(told('B09', '6.14')).toEqual(['nestedRangeEncoding empty → full, enough, needed'])
    expect(told('B07', '6.6')).toEqual(['mremapFlush under-ptl-if-dirty → under-ptl, enough, needed'])
    expect(told('B05', '6.6')).toEqual(['endVmaFlushNotifies false → true, enough, needed'])
    expect(turnAt(bug('B05'), '6.6')).toMatchObject({ possible: '4.15', impossible: '4.19', way: 'mended' })
  })

  it('past the fix: where several are needed together, it says so of each', () => {
    expect(told('B01', '4.15')).toEqual(['rangeCallback false → true, needed', 'driver naive → notifier, needed'])
  })

  it('before the bug was there: likewise', () => {
    expect(turnAt(bug('B09'), '3.19')).toMatchObject({ possible: '5.5', impossible: '4.19', way: 'not there yet' })
    expect(told('B09', '3.19')).toEqual([
      'nestedRangeEncoding empty → full, enough',
      'mmapLockDowngrade always → never, enough',
    ])
  })

  it('has nothing to say where the run can be made', () => {
    expect(turnAt(bug('B09'), '6.1')).toBeNull()
  })

  it('cites the commit of the switch', () => {
    const change = turnAt(bug('B09'), '6.6')?.changes.find(c => c.needed)
    expect(change?.source?.commit).toBe('6bbd42e2df8f [id]')
  })

  it.each(BUGS.map(b => b.id))('%s: where its run stops being possible, two neighbours differ in something', id => {
    const b = bug(id)
    const found = stands(b)
    const mended = found.find((s, i) => !s.possible && found[i - 1]?.possible)
    const notYet = found.find((s, i) => !s.possible && found[i + 1]?.possible)
    const kernel = (mended ?? notYet)?.kernel
    const turn = kernel === undefined ? null : turnAt(b, kernel, found)
    if (turn !== null) expect(turn.changes.some(c => c.enough || c.needed)).toBe(true)
    // A bug of hardware or of a driver may be in none of the kernels by itself, or in all that have the driver.
    else expect(new Set(found.map(s => s.possible)).size).toBe(1)
  })
})
