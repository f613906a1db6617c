import { type AlignedRow, type Run, runsOf } from '../../core/conformance/align.ts'
import type { ComparedCallback } from '../../core/conformance/facts.ts'
import type { Measured } from './measured.ts'

/** One row of the strip: what the kernel did, what the model did, and what was measured just then. */
export interface StripRow {
  /** Unlike any other row's. */
  readonly id: string
  readonly observed: Run | null
  readonly simulated: Run | null
  readonly verdict: RowVerdict
  /** The first row that differs. */
  readonly first: boolean
  readonly callback: boolean
  /** Where the recorded phase begins; null where none was recorded. */
  readonly line: number | null
  /** Something is unmapped here and not yet freed: as recorded, and in the model. */
  readonly gap: { readonly observed: boolean; readonly simulated: boolean }
  readonly measured: Measured | null
  /** The same callback of the model, beside what was measured; null where there is none. */
  readonly compared: ComparedCallback | null
}

/** `alone`: nothing was simulated that it could be held against. */
export type RowVerdict = 'same' | 'not as often' | 'only recorded' | 'only simulated' | 'alone'

export interface StripInput {
  readonly rows: readonly AlignedRow[]
  /** False when nothing was simulated. */
  readonly modelled: boolean
  /** Line of each recorded phase. */
  readonly lines: readonly number[]
  readonly measured: readonly Measured[]
  readonly compared: readonly ComparedCallback[]
}

/** Rows of an operation or, without a simulation, of any list of phases. */
export function stripOf({ rows, modelled, lines, measured, compared }: StripInput): StripRow[] {
  const byLine = new Map(measured.map(m => [m.line, m]))
  const byName = new Map(compared.map(c => [`${c.callback} ${c.number}`, c]))
  const observedGap = gapOf(rows.map(r => r.observed))
  const simulatedGap = gapOf(rows.map(r => r.simulated))
  const count = nth()
  const first = modelled ? rows.findIndex(r => !r.same) : -1
  return rows.map((row, i): StripRow => {
    const { observed, simulated } = row
    const phase = (observed ?? simulated)?.phase ?? ''
    const number = count(phase, Math.max(observed?.count ?? 0, simulated?.count ?? 0))
    const line = observed === null ? null : (lines[observed.position - 1] ?? null)
    return {
      id: `${observed?.position ?? ''} ${simulated?.position ?? ''}`,
      observed,
      simulated,
      verdict: modelled ? verdictOf(row) : 'alone',
      first: i === first,
      callback: isCallback(phase),
      line,
      gap: { observed: observedGap[i] ?? false, simulated: simulatedGap[i] ?? false },
      measured: line === null ? null : (byLine.get(line) ?? null),
      compared: byName.get(`${phase} ${number}`) ?? null,
    }
  })
}

/** The recorded phases by themselves, in runs: a step that is not modelled. */
export const aloneRows = (observed: readonly string[]): AlignedRow[] =>
  runsOf(observed).map(run => ({ observed: run, simulated: null, same: false }))

/** How often each name has come up, and the number of its first in the run that is counted now. */
function nth() {
  const seen = new Map<string, number>()
  return (name: string, times: number): number => {
    const before = seen.get(name) ?? 0
    seen.set(name, before + times)
    return before + 1
  }
}

function verdictOf({ observed, simulated, same }: AlignedRow): RowVerdict {
  if (same) return 'same'
  if (observed === null) return 'only simulated'
  return simulated === null ? 'only recorded' : 'not as often'
}

export const isCallback = (phase: string): boolean =>
  /^(start\(|end$|invalidate_range|arch_invalidate|release|change_pte)/.test(phase)

const UNMAPS = /^(unmap\+gather|rmap_remove|unlink\+gather_table|unlink_table)$/
const FREES = /^free_(pages|tables)/

/** In which cells pages or tables are unmapped and not yet freed. Holes belong to what surrounds them. */
export function gapOf(runs: readonly (Run | null)[]): boolean[] {
  // Without probes on single pages nobody knows how many there are: the gap then reaches from the zap to the last free.
  const counted = runs.some(r => r !== null && UNMAPS.test(r.phase))
  const lastFree = runs.findLastIndex(r => r !== null && FREES.test(r.phase))
  let waiting = 0
  return runs.map((run, i) => {
    if (run === null) return waiting > 0
    if (UNMAPS.test(run.phase)) waiting += run.count
    else if (!counted && run.phase === 'zap' && i < lastFree) waiting = Number.POSITIVE_INFINITY
    else if (FREES.test(run.phase)) {
      // One huge page takes all its parts with it.
      const all = counted ? run.phase.includes('order=') : i === lastFree
      waiting = all ? 0 : Math.max(0, waiting - run.count)
    }
    return waiting > 0
  })
}

/** Stretches of rows in which either side has the gap: index of the first row, and how many. */
export function gapsOf(rows: readonly StripRow[]): ReadonlyMap<number, number> {
  const gaps = new Map<number, number>()
  let from: number | null = null
  for (const [i, { gap }] of rows.entries()) {
    if (gap.observed || gap.simulated) {
      from ??= i
      gaps.set(from, i - from + 1)
    } else from = null
  }
  return gaps
}

/** Pages and tables freed on one side. */
export function freedIn(runs: readonly (Run | null)[]): { readonly pages: number; readonly tables: number } {
  const sum = (what: RegExp) => runs.reduce((n, r) => n + (r !== null && what.test(r.phase) ? r.count : 0), 0)
  return { pages: sum(/^free_pages/), tables: sum(/^free_tables/) }
}

/** The row that a line of the recording belongs to: the last that begins at it or before. */
export function rowOfLine(rows: readonly StripRow[], line: number): number {
  let found = -1
  rows.forEach((row, i) => {
    if (row.line !== null && row.line <= line) found = i
  })
  return found
}
