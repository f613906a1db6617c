import { type RefObject, useLayoutEffect, useState } from 'react'
import { keyed } from '../shared/keyed.ts'
import type { Motion } from '../shared/motion.ts'
import { type Place, placeNames } from '../shared/place.ts'
import { type Box, progressOf, type Route, routeBetween } from './route.ts'

interface Props {
  /** Everything that can be a place stands inside it; the paths lie over it. */
  readonly root: RefObject<HTMLElement | null>
  readonly motions: readonly Motion[]
  readonly progress: number
  readonly reducedMotion: boolean
  /** Height of a slot: smaller things stand in lists. */
  readonly row: number
  /** Changes whenever something inside `root` may have moved. */
  readonly moved: unknown
}

/** A motion that knows where it goes. */
interface Placed {
  readonly motion: Motion
  readonly route: Route | null
  readonly target: Box
  /** Words stand to the left of their token where there is no room to its right. */
  readonly leftOf: number
}

/** Lower boxes are slots of a list. */
const LOW = 32

/** Room that the longest words take beside their token. */
const WORDS_WIDTH = 150

/** More at once is a thicket, not a picture. */
const MOST = 16

/** Accesses, walks and messages as paths across the stage. Drawn from the motions; how far they got is the caller's clock. */
export function Paths({ root, motions, progress, reducedMotion, row, moved }: Props) {
  const [placed, setPlaced] = useState<readonly Placed[]>([])
  // Measured when something may have moved, not for every frame of a motion.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `moved` is what says so
  useLayoutEffect(() => {
    if (root.current === null) return
    const next = place(root.current, motions.slice(0, MOST), row)
    setPlaced(old => (samePicture(old, next) ? old : next))
  }, [root, motions, row, moved])
  const done = reducedMotion || progress >= 1
  const timed = keyed(placed, item => `${item.motion.token} ${item.motion.words}`).map(
    ([key, item], i) => [key, item, done ? 1 : progressOf(progress, i, placed.length)] as const,
  )
  return (
    <>
      <svg className="paths" aria-hidden="true">
        <defs>
          {TONES.map(tone => (
            <marker
              key={tone}
              id={`head-${tone}`}
              className={`tone-${tone}`}
              viewBox="0 0 10 10"
              refX="9"
              refY="5"
              markerWidth="11"
              markerHeight="11"
              markerUnits="userSpaceOnUse"
              orient="auto"
            >
              <path d="M0 0.5 10 5 0 9.5z" className="path-head" />
            </marker>
          ))}
        </defs>
        {timed.map(([key, item, t]) => (
          <OneMotion key={key} item={item} t={t} done={done} still={reducedMotion} />
        ))}
      </svg>
      {timed.map(([key, item, t]) => t > 0 && t < 1 && <Words key={key} item={item} t={t} />)}
    </>
  )
}

/** What a token carries, on a ground of its own: it passes over other words. */
function Words({ item: { motion, route, leftOf }, t }: { item: Placed; t: number }) {
  if (route === null) return null
  const { x, y } = route.at(t)
  const left = x > leftOf
  return (
    <span
      className={`path-words tone-${motion.tone}`}
      aria-hidden="true"
      style={{
        transform: `translate(${(x + (left ? -10 : 10)).toFixed(1)}px, ${y.toFixed(1)}px) translate(${left ? '-100%' : '0'}, -50%)`,
      }}
    >
      {motion.words}
    </span>
  )
}

const TONES = ['neutral', 'mapped', 'unmapped', 'freed', 'table', 'invalidated', 'damage'] as const

function OneMotion({ item, t, done, still }: { item: Placed; t: number; done: boolean; still: boolean }) {
  const { motion, route, target } = item
  const stays = motion.lasting || still
  if (route === null) {
    if (done && !still && motion.tone !== 'damage') return null
    // A slot stands close below the title of its list.
    const grow = done ? (target.height < LOW ? 1 : 3) : 2 + 6 * t
    return (
      <rect
        className={`path-ring tone-${motion.tone}`}
        x={target.x - grow}
        y={target.y - grow}
        width={target.width + 2 * grow}
        height={target.height + 2 * grow}
        rx={5 + grow / 2}
        opacity={done ? 1 : 1 - t * 0.8}
      />
    )
  }
  if (done && !stays) return null
  const { d } = route
  const head = t >= 1 ? `url(#head-${motion.tone})` : undefined
  const dot = route.at(t)
  return (
    <g className={`tone-${motion.tone}`}>
      <path d={d} className="path-halo" pathLength={1} strokeDasharray={`${t} 2`} />
      <path
        d={d}
        className={`path-line${motion.lasting ? '' : ' path-thin'}`}
        pathLength={1}
        strokeDasharray={t >= 1 ? undefined : `${t} 2`}
        markerEnd={head}
      />
      {!done && t > 0 && t < 1 && (
        <g transform={`translate(${dot.x},${dot.y})`}>
          <circle r="7" className="path-token" />
        </g>
      )}
    </g>
  )
}

function place(root: HTMLElement, motions: readonly Motion[], row: number): readonly Placed[] {
  const origin = root.getBoundingClientRect()
  const seen = new Set<string>()
  const others = [...root.querySelectorAll('[data-place^="table:"]')].map(table => within(table, origin))
  return motions.flatMap(motion => {
    const to = elementOf(root, motion.to)
    const source = motion.from === null ? null : elementOf(root, motion.from)
    if (to === null) return []
    const target = within(to, origin)
    const side = motion.to.in === 'page' || motion.from?.in === 'page' ? 'below' : 'above'
    const card = within(to.closest('.card') ?? to, origin)
    const route = source === null ? null : routeBetween(within(source, origin), target, { row, side, others, card })
    const key = `${route?.d ?? ''} ${target.x} ${target.y}`
    // Two motions that would be drawn as one are one.
    if (seen.has(key)) return []
    seen.add(key)
    return [{ motion, route, target, leftOf: origin.width - WORDS_WIDTH }]
  })
}

function elementOf(root: HTMLElement, where: Place): Element | null {
  for (const name of placeNames(where)) {
    const element = root.querySelector(`[data-place="${name}"]`)
    if (element !== null && element.getBoundingClientRect().width > 0) return element
  }
  return null
}

/** Where something stands on the stage. */
function within(element: Element, origin: DOMRect): Box {
  const box = element.getBoundingClientRect()
  return { x: box.x - origin.x, y: box.y - origin.y, width: box.width, height: box.height }
}

function samePicture(a: readonly Placed[], b: readonly Placed[]): boolean {
  const key = (p: Placed): string => `${p.motion.tone}${p.motion.words}${p.target.x},${p.target.y},${p.route?.d ?? ''}`
  return a.length === b.length && a.every((p, i) => key(p) === key(b[i] as Placed))
}
