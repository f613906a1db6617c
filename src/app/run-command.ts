import type { Settings } from '../core/runs/settings.ts'
import type { LabState, LabStore } from '../store/lab-store.ts'
import { atEnd, phaseBoundary, readyMoves } from '../store/selectors.ts'
import type { KernelCard } from '../worker/lab-api.ts'
import type { Command } from './keys.ts'

/** How far “Run on” may go: far beyond what anyone plays, far below what would be felt. */
export const RUN_ON_LIMIT = 2000

/** Does what a key, a button or the palette asks for. */
export function runCommand(store: LabStore, command: Command): void {
  const s = store.getState()
  switch (command.do) {
    case 'play':
      togglePlaying(store)
      return
    case 'step':
      s.setPlaying(false)
      if (command.by === 1 && atEnd(s) && readyMoves(s).length > 0) void s.stepOn()
      else void s.seek(s.goal + command.by)
      return
    case 'phase':
      s.setPlaying(false)
      void s.seek(phaseBoundary(s.film, s.goal, command.by))
      return
    case 'home':
      s.setPlaying(false)
      void s.seek(0)
      return
    case 'end':
      s.setPlaying(false)
      void s.seek(s.snapshot?.length ?? 0)
      return
    case 'choose': {
      const move = readyMoves(s)[command.nth - 1]
      s.setPlaying(false)
      if (move !== undefined) void s.move(move.choice)
      return
    }
    case 'speed':
      s.changeSpeed(command.by)
      return
    case 'compare':
      s.setComparing(s.comparing === null ? otherSettings(s) : null)
      return
    case 'keys':
    case 'palette':
      s.show(s.overlay === command.do ? 'none' : command.do)
      return
    case 'close':
      if (s.overlay !== 'none') s.show('none')
      else if (s.presenting) s.setPresenting(false)
      else if (s.comparing !== null) s.setComparing(null)
      else if (s.selected !== null) s.select(null)
      return
  }
}

/** Play at the end means once more from the start, or, when someone can still move, on by the fair schedule. */
function togglePlaying(store: LabStore): void {
  const s = store.getState()
  if (s.playing) s.setPlaying(false)
  else if (!atEnd(s)) s.setPlaying(true)
  else if (readyMoves(s).length > 0) void runOn(store)
  else if ((s.snapshot?.length ?? 0) > 0) void s.seek(0).then(() => store.getState().setPlaying(true))
}

/** Adds the fair schedule's steps to the run, then plays them. */
export async function runOn(store: LabStore): Promise<void> {
  await store.getState().runOn(RUN_ON_LIMIT)
  store.getState().setPlaying(!atEnd(store.getState()))
}

/** The run's settings on the next kernel that runs otherwise: the step of history that a comparison is most likely about. */
export function otherSettings(s: LabState): Settings | null {
  if (s.run === null || s.catalogue === null) return null
  const settings = s.run.settings
  const { kernels } = s.catalogue
  const here = kernels.findIndex(k => k.id === settings.kernel)
  const like = (k: KernelCard | undefined): string | undefined => k?.sameAs ?? k?.id
  const differs = (k: KernelCard): boolean => !k.id.includes('of') && like(k) !== like(kernels[here])
  const other = kernels.slice(here + 1).find(differs) ?? kernels.slice(0, here).findLast(differs)
  return other === undefined ? null : { ...settings, kernel: other.id as Settings['kernel'] }
}
