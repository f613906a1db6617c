import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import { fixtureMoves } from '../shared/fixture.ts'
import { moveText, numberMoves } from './moves.ts'
import { TransportPanel } from './TransportPanel.tsx'

const nothing = () => undefined
const draw = (length: number, canGoOn: boolean) =>
  renderToStaticMarkup(
    <TransportPanel
      playing={false}
      at={length}
      length={length}
      speed={1}
      speeds={[0.5, 1, 2]}
      moves={fixtureMoves}
      canGoOn={canGoOn}
      onFirst={nothing}
      onPrev={nothing}
      onPlayPause={nothing}
      onNext={nothing}
      onLast={nothing}
      onSpeed={nothing}
      onMove={nothing}
    />,
  )
const html = draw(12, true)

/** Names of the buttons of the playback that have nothing to do. */
const idle = (markup: string) =>
  [...markup.matchAll(/transport-key[^"]*" aria-label="([^"]+)"[^>]*aria-disabled="true"/g)].map(m => m[1])

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

  it('says where the run stands', () => {
    expect(html).toContain('step <b>12</b> of 12')
  })
})

describe('the buttons at the end of a run', () => {
  it('go on while someone can move', () => {
    expect(idle(html)).toEqual(['Last step'])
  })

  it('only play it once more when nobody can', () => {
    expect(idle(draw(12, false))).toEqual(['One step on', 'Last step'])
  })

  it('have nothing to do in a run of no steps in which nobody can move', () => {
    expect(idle(draw(0, false))).toEqual(['First step', 'One step back', 'Play', 'One step on', 'Last step'])
  })
})
