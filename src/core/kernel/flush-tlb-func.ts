import { known } from '../base/assert.ts'
import type { Machine } from '../machine/cells.ts'
import { DAMAGE, noteDamage } from '../machine/damage.ts'
import type { Emit } from '../machine/event.ts'
import { pageVpn, rangeOf, type Setup } from '../machine/setup.ts'
import { invalidate } from '../machine/tlb.ts'
import {
  countsGenerations,
  localTlbGen,
  mmTlbGen,
  paidPages,
  setLocalTlbGen,
  skippedPage,
  TLB_GENERATION_INVALID,
} from '../machine/tlb-gens.ts'

/** struct flush_tlb_info, what of it is asked here. */
export interface FlushRequest {
  readonly from: number
  /** new_tlb_gen */
  readonly gen: number
  /** Pages [start, end). */
  readonly range: readonly [number, number]
  /** arm64: walk caches keep what they have. */
  readonly leafOnly: boolean
}

/**
 * A CPU makes the flush that another, or itself, asks for: flush_tlb_func(), arch/x86/mm/tlb.c. Where generations are kept, what it drops
 * depends on which flushes it has made (policy.partialFlush): nothing when it has made this one, the range when this is the next one and the
 * last, else everything. arm64: a TLBI drops the range, and the walk cache with it when page tables go.
 */
export function flushTlbFunc(s: Setup, m: Machine, cpu: number, request: FlushRequest, emit?: Emit): void {
  const { from, gen, range, leafOnly } = request
  const pages = s.vpns.length
  const what = whatToFlush(s, m, cpu, gen, range[0] === 0 && range[1] === pages)
  if (what === 'nothing') {
    emit?.({ type: 'flush-known', cpu, asker: from, gen: localTlbGen(s, m, cpu) })
    return
  }
  const [start, end] = what === 'all' ? [0, pages] : range
  invalidate(s, m, known(s.shape.cpus[cpu], `CPU ${cpu}`), start, end, leafOnly)
  paidPages(s, m, cpu, start, end)
  const all = start === 0 && end === pages
  emit?.({ type: 'cpu-tlb-flushed', cpu, from, range: all ? 'all' : rangeOf(s, start, end) })
  catchUp(s, m, cpu, gen, emit)
}

function whatToFlush(s: Setup, m: Machine, cpu: number, gen: number, all: boolean): 'nothing' | 'range' | 'all' {
  if (!countsGenerations(s) || s.policy.partialFlush === 'each-request') return 'range'
  const local = localTlbGen(s, m, cpu)
  const mm = mmTlbGen(s, m, Math.max(0, s.cpus[cpu]?.mm ?? 0))
  if ((gen !== TLB_GENERATION_INVALID && gen <= local) || local === mm) return 'nothing'
  if (all || gen === TLB_GENERATION_INVALID) return 'all'
  return s.policy.partialFlush === 'any-generation' || (gen === local + 1 && gen === mm) ? 'range' : 'all'
}

/**
 * Says up to which generation it has flushed. Up to 4.13 no CPU kept count: here it stays behind unless requests come in order, so that it
 * flushes when it comes back to the mm.
 */
function catchUp(s: Setup, m: Machine, cpu: number, gen: number, emit?: Emit): void {
  if (!countsGenerations(s)) return
  if (s.policy.partialFlush === 'each-request') {
    if (gen === localTlbGen(s, m, cpu) + 1) setLocalTlbGen(s, m, cpu, gen)
    return
  }
  setLocalTlbGen(s, m, cpu, mmTlbGen(s, m, Math.max(0, s.cpus[cpu]?.mm ?? 0)))
  noteSkipped(s, m, cpu, emit)
}

/** I16: the CPU says that it has made all flushes, and has not. */
function noteSkipped(s: Setup, m: Machine, cpu: number, emit?: Emit): void {
  const page = skippedPage(s, m, cpu)
  if (page < 0) return
  noteDamage(s, m, DAMAGE.generationSkipped)
  emit?.({ type: 'generation-skipped', cpu, vpn: pageVpn(s, page), gen: localTlbGen(s, m, cpu) })
}
