import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import {
  fixtureBefore,
  fixtureFilm,
  fixtureRules,
  fixtureStep,
  fixtureWorld,
  longFilm,
  worldWithFrames,
} from '../shared/fixture.ts'
import { pageNames } from '../shared/words.ts'
import { diffTables } from './diff.ts'
import { RulesPanel } from './RulesPanel.tsx'
import { StatePanel } from './StatePanel.tsx'
import { StepPanel } from './StepPanel.tsx'
import { TranscriptPanel } from './TranscriptPanel.tsx'
import { tablesOf } from './tables.ts'
import { linesInView } from './transcript-window.ts'

const nothing = () => undefined

describe('the state in tables', () => {
  const now = tablesOf(fixtureWorld)

  it('has a table for every picture of the stage', () => {
    expect(now.map(t => t.id)).toEqual([
      ...['cpu0', 'cpu0-tlb', 'cpu0-pwc', 'cpu1', 'cpu1-tlb', 'cpu1-pwc'],
      ...['mm', 'vmas', 'pages', 'tables', 'entries', 'gather-app', 'frames'],
      ...['iommu', 'iotlb', 'iommu-pwc', 'queue', 'device0', 'notifier'],
    ])
  })

  it('gives every row as many cells as its table has columns, and a key of its own', () => {
    for (const table of now) {
      for (const row of table.rows) expect(row.cells).toHaveLength(table.columns.length)
      expect(new Set(table.rows.map(r => r.key)).size).toBe(table.rows.length)
    }
  })

  it('finds what a step changed, and nothing else', () => {
    const changed = diffTables(now, tablesOf(fixtureBefore)).filter(t => t.changes > 0)
    expect(changed.map(t => t.id)).toEqual(['frames', 'device0'])
    const row = changed[0]?.rows.find(r => r.change === 'changed')
    expect(row?.cells.filter(c => c.was !== null)).toEqual([
      { text: 'reused by another owner, damaged', was: 'reused by another owner' },
      { text: 'GPU 0', was: 'CPU 1' },
    ])
  })

  it('says what came and what went', () => {
    const without = { ...fixtureWorld, iommu: { ...fixtureWorld.iommu, iotlb: fixtureWorld.iommu.iotlb.slice(1) } }
    const table = diffTables(tablesOf(without), now).find(t => t.id === 'iotlb')
    expect(table?.rows.map(r => r.change)).toEqual(['same', 'same', 'gone'])
  })

  it('does not list four thousand free frames', () => {
    const frames = tablesOf(worldWithFrames(4096)).find(t => t.id === 'frames')
    expect(frames?.rows.length).toBeLessThan(40)
    expect(frames?.rows.at(-1)?.cells[0]).toBe('32 to 4095')
  })

  it('marks changes with a word', () => {
    const html = renderToStaticMarkup(<StatePanel world={fixtureWorld} before={fixtureBefore} />)
    expect(html).toContain('<ins>GPU 0</ins> <del>was CPU 1</del>')
    expect(html).toContain('only what changed')
  })
})

it('the step panel tells the step, its source, its events and the rules', () => {
  const html = renderToStaticMarkup(
    <StepPanel
      step={fixtureStep}
      ending={null}
      rules={fixtureRules}
      nameOf={pageNames(fixtureWorld)}
      opening=""
      onShowRules={nothing}
    />,
  )
  expect(html).toContain('GPU 0 writes through a stale IOTLB entry.')
  expect(html).toContain('GPU 0 writes buf[0] in pfn 12.')
  expect(html).toContain('broken')
})

it('the rules panel puts the broken rule first', () => {
  const html = renderToStaticMarkup(<RulesPanel rules={fixtureRules} />)
  expect(html.indexOf('I1')).toBeLessThan(html.indexOf('I3'))
  expect(html.indexOf('I3')).toBeLessThan(html.indexOf('I2'))
})

describe('the transcript', () => {
  const lines = (html: string): number => html.split('data-step=').length - 1

  it('lists a short run whole', () => {
    const html = renderToStaticMarkup(<TranscriptPanel film={fixtureFilm} at={12} onSeek={nothing} />)
    expect(lines(html)).toBe(15)
    expect(html).toContain('aria-current="step"')
  })

  it('draws a long run in part', () => {
    const html = renderToStaticMarkup(<TranscriptPanel film={longFilm(10_000)} at={1} onSeek={nothing} />)
    expect(lines(html)).toBeLessThan(60)
  })

  it('draws the lines in view and a few around them', () => {
    expect(linesInView(10_000, 52_000, 520)).toEqual({ start: 988, end: 1022 })
    expect(linesInView(10_000, 0, 520)).toEqual({ start: 0, end: 22 })
  })
})
