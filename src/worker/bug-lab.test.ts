import { describe, expect, it } from 'vitest'
import { BUGS } from '../core/bugs/bug-list.ts'
import { COST_BUGS } from '../core/bugs/cost-bugs.ts'
import type { BugApi, BugQuestion, BugVerdictView } from './bug-api.ts'
import { createBugLab } from './bug-lab.ts'
import { createLab } from './lab.ts'

const lab = createBugLab(() => 0)

function verdictOf(api: BugApi, question: BugQuestion): BugVerdictView {
  api.begin(question)
  for (;;) {
    const { verdict } = api.advance(1)
    if (verdict !== null) return verdict
  }
}

describe('a bug as the page is told of it', () => {
  it.each(BUGS.map(b => b.id))('%s: “Watch” opens the very run in the lab, and it ends in the harm', bug => {
    const story = lab.tell({ bug, side: 'present' })
    expect([story.possible, story.stuck]).toEqual([true, null])
    const link = story.stages.at(-1)?.link
    const opened = createLab().open(link!)
    expect(opened.problems).toEqual([])
    const steps = story.stages.flatMap(stage => stage.steps)
    expect(opened.snapshot.length).toBe(steps.length)
    expect(opened.snapshot.film.map(s => s.sentence)).toEqual(steps.map(s => s.step.sentence))
    expect(steps.some(s => s.extra)).toBe(false)
  })

  it.each(COST_BUGS.map(b => b.id))('%s: “Watch” opens a run that costs as much as is said', id => {
    const { present, fixed } = lab.price(id)
    for (const { dearest, price } of [present, fixed]) {
      const opened = createLab().open(dearest)
      expect(opened.problems).toEqual([])
      expect(opened.snapshot.length).toBeGreaterThan(0)
      expect(price.verdict).toBe('holds')
    }
  })

  it('without the bug: as far as it goes, what is done there that was not done with it, and where it ends', () => {
    const story = lab.tell({ bug: 'B09', side: 'fixed' })
    expect(story.possible).toBe(false)
    expect(story.stages).toHaveLength((story.stuck?.stage ?? -1) + 1)
    const forced = lab.tell({ bug: 'B01', side: 'fixed' })
    expect(forced.stages.flatMap(s => s.steps.filter(e => e.extra).map(e => e.step.op))).toContain(
      '__mmu_notifier_invalidate_range',
    )
  })

  it('a kernel past the fix: names the change', () => {
    const { turn } = lab.tell({ bug: 'B05', side: '6.6' })
    expect(turn?.changes.filter(c => c.needed).map(c => c.field)).toEqual(['endVmaFlushNotifies'])
  })

  it('searches in slices, and opens a shortest run', () => {
    const broken = verdictOf(lab, { bug: 'B09', side: 'present' })
    expect(broken.kind).toBe('broken')
    expect(createLab().open(broken.shortest!.link).snapshot.length).toBe(broken.shortest!.steps)
    expect(verdictOf(lab, { bug: 'B09', side: 'fixed' })).toMatchObject({ kind: 'holds', shortest: null })
    const but = { field: 'nestedRangeEncoding', value: 'empty' } as const
    expect(verdictOf(lab, { bug: 'B09', side: 'fixed', but }).kind).toBe('broken')
  })
})
