import { describe, expect, it } from 'vitest'
import type { Gap, GapStage } from '../../core/studies/patch/gap.ts'
import { type Box, brokenName, layOutGap, wrap } from './gap-layout.ts'
import { gapSentence, stageNote } from './words.ts'

type Lives = GapStage['lives']
const stage = (title: string, lives: Lives, more: Partial<GapStage> = {}): GapStage => ({
  phase: { id: title, title, note: '', kind: 'work', amber: false },
  pair: true,
  told: false,
  lives,
  ...more,
})
const call = (title: string): Partial<GapStage> => ({
  phase: { id: title, title, note: '', kind: 'call', amber: false },
  told: true,
})
const at = (life: Lives[number]['life'], reached = true) => ({ life, reached })

const OPEN: Gap = {
  kind: 'gap',
  what: 'page',
  page: 'buf[0]',
  pfn: 5,
  stages: [
    stage('invalidate_range_start', [at('mapped')], call('invalidate_range_start')),
    stage('unmap', [at('mapped')]),
    stage('no callback here', [at('unmapped')], {
      phase: { id: 'hole', title: 'no callback here', note: '', kind: 'hole', amber: true },
    }),
    stage('free', [at('unmapped'), at('freed')]),
    stage('invalidate_range_end', [at('freed')], call('invalidate_range_end')),
    stage('free_pgtables', [at('freed', false)], { pair: false }),
  ],
  verdict: { kind: 'open', states: 360, rule: 'No access reaches a freed frame', run: { schedule: '', steps: 17 } },
}

const end = (box: Box | null | undefined) => (box == null ? Number.NaN : box.x + box.width)

describe.each([1400, 960, 360])('a gap, %i pixels wide', width => {
  const layout = layOutGap(OPEN, width)
  const along = (box: Box) => (layout.down ? [box.y, box.y + box.height] : [box.x, box.x + box.width])

  it('has everything inside its frame', () => {
    const boxes = [...layout.stages, ...layout.lives, ...layout.reach].map(b => b.box)
    for (const box of boxes) {
      expect(box.x).toBeGreaterThanOrEqual(0)
      expect(end(box)).toBeLessThanOrEqual(width + 0.01)
      expect(box.y + box.height).toBeLessThanOrEqual(layout.height)
    }
  })

  it('joins what stands alike, and leaves no time out', () => {
    expect(layout.lives.map(s => s.standing)).toEqual(['mapped', 'unmapped', 'freed'])
    expect(layout.reach.map(s => s.standing)).toEqual(['may', 'still', 'harm', 'cannot'])
    for (const lane of [layout.lives, layout.reach]) {
      for (const [i, segment] of lane.slice(1).entries()) {
        expect(along(segment.box)[0]).toBeCloseTo(along(lane[i]!.box)[1]!)
      }
    }
  })

  it('says of each stretch what it is', () => {
    for (const segment of layout.lives) expect(segment.lines.length, segment.standing).toBeGreaterThan(0)
    expect(layout.reach.find(s => s.standing === 'harm')?.lines.join(' ')).toMatch(/freed|harm/)
  })

  it('hatches the gap from the unmap to the free, and no more', () => {
    const amber = layout.lives.find(s => s.standing === 'unmapped')!.box
    expect(along(layout.gap!)).toEqual(along(amber))
    expect(layout.stages.filter(s => s.amber).map(s => s.stage.phase.title)).toEqual(['no callback here', 'free'])
  })
})

it('breaks kernel names after underscores only', () => {
  expect(brokenName('invalidate_range_start', 120, 15)).toEqual(['invalidate_', 'range_start'])
  expect(brokenName('invalidate_range_start', 160, 15)).toEqual(['invalidate_', 'range_start'])
  expect(brokenName('invalidate_range_start', 400, 15)).toEqual(['invalidate_range_start'])
})

it('never breaks a word', () => {
  expect(wrap('reaches a freed page', 9)).toEqual(['reaches a', 'freed', 'page'])
  expect(wrap('invalidated', 5)).toBeNull()
})

it('tells too early, in time and too late apart', () => {
  expect(OPEN.stages.map(stageNote)).toEqual(['told too early', '', 'nobody is told', '', 'told after the free', ''])
})

it('is a sentence for those who listen', () => {
  expect(gapSentence(OPEN)).toBe(
    '6 phases of munmap(). During no callback here, free, the page buf[0] is unmapped and not yet freed. Nobody tells the IOMMU there. In some runs it reaches the freed frame, during free, invalidate_range_end.',
  )
})
