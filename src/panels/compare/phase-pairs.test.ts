import { describe, expect, it } from 'vitest'
import type { PhaseView } from '../../core/view/world.ts'
import { phasePairs } from './phase-pairs.ts'

const phase = (id: string, kind: PhaseView['kind'] = 'work', title = id): PhaseView => ({
  id,
  kind,
  title,
  note: '',
  amber: false,
})
const drawn = (here: readonly PhaseView[], there: readonly PhaseView[]) =>
  phasePairs(here, there).map(p => `${p.here?.phase.title ?? '-'}${p.same ? '=' : '/'}${p.there?.phase.title ?? '-'}`)

describe('two ribbons', () => {
  it('stand in the same columns, a hole above the callback it lacks', () => {
    const old = [phase('zap'), phase('secondary', 'hole', 'no callback here'), phase('end', 'call'), phase('free')]
    const now = [
      phase('zap'),
      phase('secondary', 'call', 'range'),
      phase('by-end', 'call'),
      phase('end', 'call'),
      phase('free'),
    ]
    expect(drawn(old, now)).toEqual(['zap=zap', 'no callback here/range', '-/by-end', 'end=end', 'free=free'])
    expect(drawn(now, old)[2]).toBe('by-end/-')
  })
  it('keep our order where two fit as well', () => {
    const [a, b, c] = [phase('a'), phase('b'), phase('c')]
    expect(drawn([a, b, c], [b, a, c])).toEqual(['a/-', 'b=b', '-/a', 'c=c'])
  })
  it('are the same where both do the same', () => expect(drawn([phase('a')], [phase('a')])).toEqual(['a=a']))
  it('may be empty', () => expect(drawn([], [phase('a')])).toEqual(['-/a']))
})
