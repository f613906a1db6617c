import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import { fixtureMoves } from '../shared/fixture.ts'
import { moveText, numberMoves } from './moves.ts'
import { TransportPanel } from './TransportPanel.tsx'

const nothing = () => undefined
const html = renderToStaticMarkup(
  <TransportPanel
    playing={false}
    at={12}
    length={12}
    speed={1}
    speeds={[0.5, 1, 2]}
    moves={fixtureMoves}
    onFirst={nothing}
    onPrev={nothing}
    onPlayPause={nothing}
    onNext={nothing}
    onLast={nothing}
    onSpeed={nothing}
    onMove={nothing}
  />,
)

describe('next moves', () => {
  it('numbers what is ready, and only that', () => {
    expect(numberMoves(fixtureMoves).map(m => m.key)).toEqual([1, 2, null, 3, 4, null])
  })

  it('does not say the actor twice', () => {
    expect(fixtureMoves.map(moveText)[0]).toBe('free frame 14')
  })

  it('keeps who cannot move in the tab order, with the reason', () => {
    expect(html).toContain('The invalidation queue is empty.')
    expect(html).not.toContain('disabled=""')
  })

  it('says where the run stands and which buttons have nothing to do', () => {
    expect(html).toContain('step <b>12</b> of 12')
    expect(html.split('aria-disabled="true"').length - 1).toBe(5)
  })
})
