import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import { asPfn } from '../../core/units.ts'
import { fixtureBefore, fixtureEvents, fixtureWorld, worldWithFrames } from '../shared/fixture.ts'
import type { Selection } from '../shared/selection.ts'
import { StagePanel } from './StagePanel.tsx'

const draw = (world = fixtureWorld, selected: Selection | null = null, before = fixtureBefore) =>
  renderToStaticMarkup(
    <StagePanel
      world={world}
      before={before}
      events={fixtureEvents}
      progress={1}
      reducedMotion={false}
      selected={selected}
      onSelect={() => undefined}
    />,
  )

describe('the stage', () => {
  it('says on the card of the device what went wrong', () => {
    expect(draw()).toContain('Use after free')
    expect(draw()).toContain('pfn 12 belongs to “other”')
  })

  it('lights every place that names the frame that is picked', () => {
    const lit = [...draw(fixtureWorld, { kind: 'frame', pfn: asPfn(12) }).matchAll(/named" data-place="([^"]+)"/g)]
    expect(lit.map(m => m[1]?.replace(/\d{4,}/, 'vpn'))).toEqual([
      'cpu:1:tlb:vpn',
      'gather:12',
      'frame:12',
      'iotlb:vpn',
    ])
  })

  it('shows an entry that was dropped in this step as dropped', () => {
    const { iommu } = fixtureWorld
    const flushed = { ...fixtureWorld, iommu: { ...iommu, iotlb: iommu.iotlb.slice(1) } }
    expect(draw(flushed, null, fixtureWorld)).toContain('dropped')
  })

  it('marks what the step changed, and says what was there', () => {
    const html = draw()
    expect(html).toContain('damaged by a write that was not its owner’s; changed in this step, was: reused')
    expect(html.split(' changed"').length - 1).toBe(1)
  })

  it('marks nothing before the first step', () => {
    const html = renderToStaticMarkup(
      <StagePanel
        world={fixtureWorld}
        before={null}
        events={[]}
        progress={1}
        reducedMotion={false}
        selected={null}
        onSelect={() => undefined}
      />,
    )
    expect(html).not.toContain('changed in this step, was')
  })

  it('shows what a PTE says that is not present, and who owes a flush', () => {
    const { mm, cpus } = fixtureWorld
    const pages = mm.pages.map((p, i) => (i === 0 ? { ...p, pfn: null, soft: 'swap entry' as const } : p))
    const html = draw({
      ...fixtureWorld,
      mm: { ...mm, pages, flushesPutOff: 1 },
      cpus: cpus.map((cpu, i) => (i === 0 ? { ...cpu, owesFlush: 'writable' as const } : cpu)),
    })
    expect(html).toContain('buf[0]: swap entry')
    expect(html).toMatch(/<b>sw[^<]*<\/b>/)
    expect(html).toContain('flush put off')
    expect(html).toContain('owes a flush')
    for (const word of ['swap entry', 'flush put off', 'owes a flush']) expect(draw()).not.toContain(word)
  })

  it('names every frame as a sentence', () => {
    expect(draw()).toContain('Frame 14: unmapped, not yet freed, owner app, buf[2]')
  })

  it('stays small with thousands of frames', () => {
    const elements = draw(worldWithFrames(4096)).split('<').length / 2
    expect(elements).toBeLessThan(1000)
  })
})
