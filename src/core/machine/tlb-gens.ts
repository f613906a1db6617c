import { assert } from '../base/assert.ts'
import { get, type LayoutBuilder, type Machine, set } from './cells.ts'
import type { FeatureSizes } from './feature-columns.ts'
import type { Setup } from './setup.ts'

/*
 * Generations of flushes, x86: mm->context.tlb_gen counts the flushes that were asked for, cpu_tlbstate.ctxs[].tlb_gen says up to which a CPU
 * has made them. arch/x86/include/asm/tlbflush.h. Simplified: one ASID a CPU, that of the mm it is in.
 */

/** A flush that raises no generation of its own: what arch_tlbbatch_flush() sends. */
export const TLB_GENERATION_INVALID = 0
/** Both counts begin here, so that no flush has the number of none. */
const FIRST = 1

export const tlbGenColumns = (b: LayoutBuilder, { features, cpus, mmEnds, pages }: FeatureSizes) => {
  const most = FIRST + features.flushes
  const has = features.flushes > 0
  return {
    /** By mm: flushes asked for, beyond the first number. */
    tlbGen: b.column('tlbGen', has ? mmEnds.length : 0, most),
    /** By CPU: up to which it has flushed, likewise. */
    localGen: b.column('localGen', has ? cpus.length : 0, most),
    /** By target × CPUs + initiator: flush_tlb_info.new_tlb_gen of the request that waits. */
    requestGen: b.column('requestGen', has ? cpus.length ** 2 : 0, most),
    /** By CPU: tlb_gen as it read it on its way back to the mm. */
    readGen: b.column('readGen', features.switching ? cpus.length : 0, most),
    /** By CPU × pages + page: somebody has asked for a flush of the page, and the CPU has not made it (I16). */
    owedPage: b.column('owedPage', features.generations ? cpus.length * pages.length : 0, 1),
  }
}

export const countsGenerations = ({ shape, policy }: Setup): boolean => shape.tlbGen.length > 0 && policy.arch === 'x86'

/** mm->context.tlb_gen */
export const mmTlbGen = ({ shape }: Setup, m: Machine, mm: number): number => FIRST + get(m, shape.tlbGen, mm)
/** cpu_tlbstate.ctxs[].tlb_gen */
export const localTlbGen = ({ shape }: Setup, m: Machine, cpu: number): number => FIRST + get(m, shape.localGen, cpu)

const mmOn = ({ cpus }: Setup, cpu: number): number => Math.max(0, cpus[cpu]?.mm ?? 0)

/** Flushes were asked for that the CPU has not made. */
export const isBehind = (s: Setup, m: Machine, cpu: number): boolean =>
  countsGenerations(s) && localTlbGen(s, m, cpu) < mmTlbGen(s, m, mmOn(s, cpu))

/** inc_mm_tlb_gen(): a flush of pages [start, end) of the mm, which every CPU that runs it owes from here on. Answers its generation. */
export function incMmTlbGen(s: Setup, m: Machine, mm: number, start: number, end: number): number {
  if (!countsGenerations(s)) return TLB_GENERATION_INVALID
  const { shape } = s
  const gen = get(m, shape.tlbGen, mm) + 1
  assert(gen <= shape.sizes.features.flushes, 'more flushes than were counted on')
  set(m, shape.tlbGen, mm, gen)
  for (let cpu = 0; cpu < shape.cpus.length; cpu++) {
    if (s.cpus[cpu]?.mm === mm) owePages(s, m, cpu, start, end, 1)
  }
  return FIRST + gen
}

function owePages({ shape }: Setup, m: Machine, cpu: number, start: number, end: number, owed: 0 | 1): void {
  if (shape.owedPage.length === 0) return
  const first = cpu * shape.sizes.pages.length
  for (let page = start; page < end; page++) set(m, shape.owedPage, first + page, owed)
}

/** The CPU has dropped its entries for pages [start, end). */
export const paidPages = (s: Setup, m: Machine, cpu: number, start: number, end: number): void =>
  owePages(s, m, cpu, start, end, 0)

/** A page that the CPU still owes a flush of though it says that it has made all of them, or -1. */
export function skippedPage(s: Setup, m: Machine, cpu: number): number {
  const { shape } = s
  if (shape.owedPage.length === 0 || isBehind(s, m, cpu)) return -1
  const pages = shape.sizes.pages.length
  for (let page = 0; page < pages; page++) if (get(m, shape.owedPage, cpu * pages + page) === 1) return page
  return -1
}

/** From here on the CPU counts as having made all flushes up to this one. */
export const setLocalTlbGen = ({ shape }: Setup, m: Machine, cpu: number, gen: number): void =>
  set(m, shape.localGen, cpu, gen - FIRST)

/** The generation goes with the request, to be read when it is taken. */
export function setRequestGen({ shape }: Setup, m: Machine, to: number, from: number, gen: number): void {
  if (shape.requestGen.length > 0) set(m, shape.requestGen, to * shape.cpus.length + from, Math.max(0, gen - FIRST))
}
/** TLB_GENERATION_INVALID: it has none. */
export function requestGen({ shape }: Setup, m: Machine, to: number, from: number): number {
  const gen = shape.requestGen.length === 0 ? 0 : get(m, shape.requestGen, to * shape.cpus.length + from)
  return gen === 0 ? TLB_GENERATION_INVALID : FIRST + gen
}

/** Reads tlb_gen on the way back to the mm. A flush that comes later is another one. Answers whether the CPU must flush. */
export function readTlbGen(s: Setup, m: Machine, cpu: number): boolean {
  if (!countsGenerations(s)) return false
  const behind = isBehind(s, m, cpu)
  set(m, s.shape.readGen, cpu, mmTlbGen(s, m, mmOn(s, cpu)) - FIRST)
  return behind
}

/** It has flushed everything, for the generation that it read. */
export function caughtUpWithRead(s: Setup, m: Machine, cpu: number): void {
  if (!countsGenerations(s)) return
  setLocalTlbGen(s, m, cpu, FIRST + get(m, s.shape.readGen, cpu))
}

/** The CPU does not need the tlb_gen any more that it has read. */
export function forgetRead({ shape }: Setup, m: Machine, cpu: number): void {
  if (shape.readGen.length > 0) set(m, shape.readGen, cpu, 0)
}
