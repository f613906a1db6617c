import { known } from '../base/assert.ts'
import { get, type Machine, set } from '../machine/cells.ts'
import { irqsAreOff } from '../machine/interrupts.ts'
import { LOADED, loadedAt } from '../machine/loaded-mm.ts'
import type { Setup } from '../machine/setup.ts'
import { LEAF_READ } from '../machine/shape.ts'
import { entriesOf } from '../machine/tlb.ts'
import { countsGenerations, requestGen, setRequestGen } from '../machine/tlb-gens.ts'
import type { Actor } from '../threads/actor.ts'
import { atOnce, type Footprint, type Part } from '../threads/footprint.ts'
import { flushTlbFunc } from './flush-tlb-func.ts'
import { cpuFlushRange } from './tlb-flush.ts'

/**
 * The other end of a shootdown: a CPU takes the IPI and runs flush_tlb_func() (arch/x86/mm/tlb.c), or on arm64 the broadcast
 * TLBI reaches it. It happens between instructions, so never in the middle of a page walk of that CPU. Where generations are kept, requests of
 * several CPUs come in any order: each raises tlb_gen first and sends its IPI later.
 */
export function flushInterruptActor(s: Setup, id: number, cpu: number): Actor {
  const k = known(s.shape.cpus[cpu], `CPU ${cpu}`)
  const name = known(s.cpus[cpu], `CPU ${cpu}`).name
  const arm = s.policy.arch === 'arm64'
  const slot = (from: number): number => cpu * s.cpus.length + from
  const asking = (m: Machine): number[] =>
    s.cpus.flatMap((_, from) => (get(m, s.shape.flushRequest, slot(from)) === 1 ? [from] : []))
  const anyOrder = countsGenerations(s)
  const initiator = (m: Machine, alternative = 0): number => asking(m)[alternative] ?? -1
  const walking = (m: Machine): boolean => midWalk(get(m, k.stage, 0))
  /** A TLBI is no interrupt. */
  const masked = (m: Machine): boolean => !arm && irqsAreOff(s.shape, m, cpu)
  return {
    id,
    name: `${name} ${arm ? 'TLBI' : 'IPI'}`,
    kind: 'interrupt',
    lane: name,
    finished: m => initiator(m) < 0,
    ready: m => {
      const waiting = asking(m).length
      if (waiting === 0 || walking(m) || masked(m)) return 0
      return anyOrder ? waiting : 1
    },
    blocked: m => {
      if (initiator(m) < 0) return 'no flush request is waiting'
      return masked(m) ? `${name} has interrupts disabled` : 'an instruction is in the middle of its page walk'
    },
    op: (m, alternative) => ({
      fn: arm ? 'TLBI (broadcast)' : 'flush_tlb_func',
      file: arm ? 'hardware' : 'arch/x86/mm/tlb.c',
      stack: arm ? [] : ['sysvec_call_function', 'flush_tlb_func'],
      phase: null,
      label: `flush its TLB for ${s.cpus[initiator(m, alternative)]?.name ?? 'a CPU'}`,
      why: 'A CPU keeps its stale entries until this very moment.',
    }),
    step: (m, alternative, emit) => {
      const from = known(asking(m)[alternative], 'a CPU that asks')
      const gen = requestGen(s, m, cpu, from)
      set(m, s.shape.flushRequest, slot(from), 0)
      setRequestGen(s, m, cpu, from, 0)
      // Another mm is loaded: what it must flush of this one shows in tlb_gen when it comes back.
      if (!arm && loadedAt(s, m, cpu) === LOADED.other) return
      const asker = known(s.shape.cpus[from], `CPU ${from}`)
      const leafOnly = arm && get(m, asker.freedTables, 0) === 0
      flushTlbFunc(s, m, cpu, { from, gen, range: cpuFlushRange(s, m, asker), leafOnly }, emit)
    },
  }
}

/** What the interrupt of a CPU touches: it serves the first that has asked. */
export function flushInterruptFootprint(s: Setup, cpu: number): Footprint {
  const { resources: r, shape } = s
  const k = known(shape.cpus[cpu], `CPU ${cpu}`)
  const slots = s.cpus.map((_, from) => cpu * s.cpus.length + from)
  const asked = (m: Machine, slot: number): boolean => get(m, shape.flushRequest, slot) === 1
  const first = (m: Machine): number => slots.findIndex(slot => asked(m, slot))
  return {
    needs: [
      { on: slots.map(r.flushRequest), holds: m => first(m) >= 0, as: 'knows' },
      { on: [r.walking(cpu)], holds: m => !midWalk(get(m, k.stage, 0)), as: 'misses' },
    ],
    touches: [
      { reads: slots.map(r.flushRequest) },
      ...slots.map(
        (slot, from): Part => ({
          only: { on: [r.flushRequest(slot)], holds: m => asked(m, slot) },
          now: m => first(m) === from,
          merges: [r.flushRequest(slot), r.tlb(cpu)],
          reads: [r.gatherRange(from)],
        }),
      ),
      atOnce({ merges: [r.held] }, m => entriesOf(m, k.tlb).length + entriesOf(m, k.walkCache).length > 0),
    ],
    only: [],
    circles: undefined,
  }
}

const midWalk = (stage: number): boolean => stage >= 1 && stage <= LEAF_READ
