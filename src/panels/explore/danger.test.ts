import { describe, expect, it } from 'vitest'
import type { DangerGap, DangerStrip } from '../../core/studies/danger.ts'
import type { PhaseView } from '../../core/threads/phase.ts'
import { harmOf, reachOf, stretchesOf } from './danger.ts'

const phase = (title: string, kind: PhaseView['kind'] = 'work'): PhaseView => ({
  id: title,
  title,
  note: '',
  kind,
  amber: false,
})
/** `gap('flush', 1, 0.5, 1)`: after flush, which is of phase 1; half of all accesses fall there, and all of these are damage. */
const gap = (mark: string, of: number | null, share: number, harm: number | null): DangerGap => ({
  after: mark === '' ? null : { mark, fn: mark, sentence: mark, phase: of },
  amber: false,
  accesses: { share, harm, run: null },
  walks: { share: 0, harm: null, run: null },
})
const strip: DangerStrip = {
  cpu: 'CPU 0',
  phases: [phase('munmap'), phase('unmap'), phase('no callback here', 'hole'), phase('free'), phase('return')],
  gaps: [
    gap('', null, 0.5, 0),
    gap('lock', 0, 0.1, 0),
    gap('clear buf[0]', 1, 0.1, 0),
    gap('free 5', 3, 0.1, 1),
    gap('clear buf[1]', 1, 0.1, 0.5),
    gap('free 6', 3, 0.1, 1),
    gap('return', 4, 0, null),
  ],
}

describe('a strip', () => {
  it('goes phase by phase, a loop as often as it is gone through, with a hole where a callback is not made', () => {
    expect(stretchesOf(strip).map(s => [s.title, ...s.gaps.map(g => g.number)])).toEqual([
      ['before', 0],
      ['munmap', 1],
      ['unmap', 2],
      ['no callback here'],
      ['free', 3],
      ['unmap', 4],
      ['no callback here'],
      ['free', 5],
      ['return', 6],
    ])
  })

  it('says how much of all accesses is damage, and between which operations it falls', () => {
    expect(harmOf(strip, 'accesses')).toBeCloseTo(0.25)
    expect(reachOf(strip, 'accesses')).toMatchObject({ from: { mark: 'free 5' }, until: { mark: 'return' } })
  })

  it('says nothing of what never happens', () => {
    expect(harmOf(strip, 'walks')).toBeNull()
    expect(reachOf(strip, 'walks')).toBeNull()
  })
})
