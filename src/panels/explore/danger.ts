import type { DangerGap, DangerStrip } from '../../core/studies/danger.ts'
import type { PhaseView } from '../../core/threads/phase.ts'

/** Gaps in a row that follow operations of one phase; or a callback that this kernel does not make there. */
export interface Stretch {
  readonly title: string
  readonly kind: PhaseView['kind'] | 'outside'
  readonly gaps: readonly NumberedGap[]
}
export interface NumberedGap {
  readonly number: number
  readonly gap: DangerGap
}

/** The gaps of a strip, phase by phase, with holes where they lie. A phase that comes again in a loop is a stretch of its own. */
export function stretchesOf({ phases, gaps }: DangerStrip): Stretch[] {
  const stretches: { title: string; kind: Stretch['kind']; phase: number | null; gaps: NumberedGap[] }[] = []
  for (const [number, gap] of gaps.entries()) {
    const phase = gap.after?.phase ?? null
    const last = stretches.at(-1)
    if (last !== undefined && last.phase === phase) {
      last.gaps.push({ number, gap })
      continue
    }
    for (const hole of holesBetween(phases, last?.phase ?? -1, phase)) {
      stretches.push({ title: hole.title, kind: hole.kind, phase: null, gaps: [] })
    }
    const { title, kind } = phases[phase ?? -1] ?? {
      title: gap.after === null ? 'before' : '',
      kind: 'outside' as const,
    }
    stretches.push({ title, kind, phase, gaps: [{ number, gap }] })
  }
  return stretches
}

/** Phases without an operation that lie on the way from one phase to a later one. */
function holesBetween(phases: readonly PhaseView[], from: number, to: number | null): PhaseView[] {
  return to === null ? [] : phases.slice(from + 1, to).filter(p => p.kind === 'hole' || p.kind === 'empty')
}

/** What happens in all gaps together: of all accesses, or walks, the share that is damage; null when there are none. */
export function harmOf({ gaps }: DangerStrip, what: 'accesses' | 'walks'): number | null {
  const all = gaps.reduce((sum, g) => sum + g[what].share, 0)
  return all === 0 ? null : gaps.reduce((sum, g) => sum + g[what].share * (g[what].harm ?? 0), 0)
}

/** The operation after which damage begins, and the one before which it ends; null for the end of it all. */
export function reachOf({ gaps }: DangerStrip, what: 'accesses' | 'walks') {
  const first = gaps.findIndex(g => (g[what].harm ?? 0) > 0)
  const last = gaps.findLastIndex(g => (g[what].harm ?? 0) > 0)
  return first < 0 ? null : { from: gaps[first]?.after ?? null, until: gaps[last + 1]?.after ?? null }
}
