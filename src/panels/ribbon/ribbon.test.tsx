import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import { fixtureLongRibbon, fixtureRibbon } from '../shared/fixture.ts'
import { RibbonPanel } from './RibbonPanel.tsx'
import { fitsRoomy, nameLines, phaseState } from './ribbon.ts'

const draw = (ribbon: typeof fixtureRibbon, phase: number | null) =>
  renderToStaticMarkup(<RibbonPanel ribbon={ribbon} phase={phase} doneUpTo={phase ?? 0} onJump={() => undefined} />)

describe('the ribbon', () => {
  it('says in words where no callback is made and where one is empty', () => {
    const html = draw(fixtureRibbon, 5)
    expect(html).toContain('no call here')
    expect(html).toContain('called, empty function')
  })

  it('lights one phase', () => {
    expect(draw(fixtureRibbon, 2).split('aria-current').length - 1).toBe(1)
    expect(draw(fixtureRibbon, null)).not.toContain('aria-current')
  })

  it('breaks names after underscores only', () => {
    expect(nameLines('arch_invalidate_secondary_tlbs')).toEqual(['arch_invalidate_', 'secondary_tlbs'])
    expect(nameLines('munmap')).toEqual(['munmap'])
  })

  it('has room for notes while phases are few', () => {
    expect(fitsRoomy(fixtureRibbon.phases, 1230)).toBe(true)
    expect(fitsRoomy(fixtureLongRibbon.phases, 1230)).toBe(false)
  })

  it('counts what lies behind as done', () => {
    expect([0, 1, 2].map(i => phaseState(i, 1, 1))).toEqual(['done', 'current', 'ahead'])
    expect(
      [0, 1, 2].map(i => phaseState(i, null, 1)),
      'between two phases',
    ).toEqual(['done', 'ahead', 'ahead'])
  })
})
