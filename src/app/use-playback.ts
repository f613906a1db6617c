import { useEffect } from 'react'
import type { LabState, LabStore } from '../store/lab-store.ts'
import { atEnd } from '../store/selectors.ts'
import type { FilmClock } from './film-clock.ts'
import { advance, LONGEST_FRAME_MS, paceOf, still, turnTo } from './playback.ts'

/**
 * Runs the film: the one place that asks for animation frames, and it asks only while something moves. A step that the
 * worker has answered is played; when it is over and the reader is playing, the next one is asked for.
 */
export function usePlayback(store: LabStore, clock: FilmClock, reducedMotion: boolean): void {
  useEffect(() => {
    let frame = 0
    let last = 0
    let rest: ReturnType<typeof setTimeout> | undefined

    const onFrame = (now: number) => {
      frame = 0
      clock.set(advance(clock.get(), Math.min(now - last, LONGEST_FRAME_MS)))
      last = now
      if (still(clock.get())) goOn()
      else frame = requestAnimationFrame(onFrame)
    }

    const run = () => {
      if (frame !== 0 || still(clock.get())) return
      last = performance.now()
      frame = requestAnimationFrame(onFrame)
    }

    /** The step shown is over. */
    const goOn = () => {
      const s = store.getState()
      if (!s.playing || s.pending > 0) return
      if (atEnd(s)) s.setPlaying(false)
      else void s.seek(s.goal + 1)
    }

    const onChange = (s: LabState, before: LabState) => {
      const pace = paceOf(s.speed, s.playing)
      if (pace !== clock.get().stepsPerSecond) clock.set({ ...clock.get(), stepsPerSecond: pace })
      if (s.notice !== null && before.notice === null) s.setPlaying(false)
      if (s.snapshot !== before.snapshot && s.snapshot !== null) {
        const animate = !reducedMotion && s.run === before.run && s.place === 'lab' && s.comparing === null
        clock.set(turnTo(clock.get(), s.snapshot.at, animate))
        run()
      }
      const ready = s.playing && s.pending === 0 && still(clock.get())
      if (!ready) clearTimeout(rest)
      else if (!before.playing) goOn()
      else if (before.pending > 0) {
        // Nothing moved, so nothing will say when the step is over: give the reader time for its sentence.
        clearTimeout(rest)
        rest = setTimeout(goOn, 1000 / pace)
      }
    }

    const unsubscribe = store.subscribe(onChange)
    return () => {
      unsubscribe()
      cancelAnimationFrame(frame)
      clearTimeout(rest)
    }
  }, [store, clock, reducedMotion])
}
