import { useEffect, useLayoutEffect, useMemo, useRef } from 'react'
import { useStore } from 'zustand'
import '../../panels/bugs/bugs.css'
import '../../panels/bugs/shelf.css'
import '../../panels/bugs/one-bug.css'
import '../../panels/explore/explore.css'
import { useHandles, useLab } from '../lab-context.ts'
import { BugView } from './BugView.tsx'
import { type BugRoute, readBugRoute } from './bug-route.ts'
import { nameOf } from './bug-store.ts'
import { CostBugView } from './CostBugView.tsx'
import { Shelf } from './Shelf.tsx'
import { bugs } from './session.ts'

/** The shelf of bugs, and one bug of it. */
export default function BugsPlace() {
  const place = useRef<HTMLElement>(null)
  const open = useLab(s => s.bug)
  const route = useMemo(() => readBugRoute(open), [open])
  const number = route.kind === 'shelf' ? null : route.bug.id
  useAsked(route)
  const shelfAt = useRef(0)
  // Another bug begins at its top; the shelf is where it was left.
  useLayoutEffect(() => {
    place.current?.scrollTo({ top: number === null ? shelfAt.current : 0 })
  }, [number])
  const onScroll = () => {
    if (number === null) shelfAt.current = place.current?.scrollTop ?? 0
  }
  return (
    <section className="bugs" aria-label="Bugs" ref={place} onScroll={onScroll}>
      {route.kind === 'shelf' && <Shelf problem={route.problem} />}
      {route.kind === 'bug' && <BugView key={route.bug.id} bug={route.bug} side={route.side} problem={route.problem} />}
      {route.kind === 'cost' && <CostBugView key={route.bug.id} bug={route.bug} problem={route.problem} />}
    </section>
  )
}

/** Asks for what the page shows. It has settled when all of it was answered. */
function useAsked(route: BugRoute): void {
  const { store } = useHandles()
  const reading = useLab(s => s.reading)
  const working = useStore(bugs, s => s.busy)
  const bug = route.kind === 'bug' ? route.bug.id : null
  const side = route.kind === 'bug' ? route.side : null
  const known = useStore(
    bugs,
    s => bug === null || side === null || s.lost !== '' || s.stories.has(nameOf({ bug, side })),
  )
  useEffect(() => {
    if (bug !== null && side !== null) void bugs.getState().look({ bug, side })
  }, [bug, side])
  const costly = route.kind === 'cost' ? route.bug.id : null
  const priced = useStore(bugs, s => costly === null || s.lost !== '' || s.prices.has(costly))
  useEffect(() => {
    if (costly !== null) void bugs.getState().price(costly)
  }, [costly])
  const busy = (bug !== null && (working || !known)) || !priced
  useLayoutEffect(() => {
    if (reading !== busy) store.getState().setReading(busy)
  }, [store, reading, busy])
}
