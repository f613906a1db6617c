import type { Graph } from '../explorer/graph.ts'
import { get, type Machine } from '../machine/cells.ts'
import { tableFrame } from '../machine/page-table.ts'
import { type Setup, USE } from '../machine/setup.ts'
import type { Lab } from '../scenarios/build.ts'
import { DAMAGE_RULES } from '../scenarios/exploration.ts'
import { RULES, type Rule } from '../scenarios/rules.ts'

/** How a state stands, the worst that is true of it, mildest first. */
export const STANDINGS = ['calm', 'gap', 'broken', 'harm'] as const
export type Standing = (typeof STANDINGS)[number]

/** What else can be true of a state, as bits. `final`: everybody is done. `stuck`: nobody can move, and somebody is not done. */
export const MARK = { initial: 1, final: 2, stuck: 4 } as const

/** What is true in one state. */
export interface Facts {
  /** Place in STANDINGS. */
  standing: number
  /** Bits of MARK. */
  marks: number
  /** Rules broken: bit n is the n-th of RULES. */
  rules: number
}

/** Rules whose breach is harm done, as bits. */
const HARM = RULES.reduce((bits, rule, i) => (DAMAGE_RULES.includes(rule.id) ? bits | (1 << i) : bits), 0)

/** Reads off what is true in a state, given unpacked and by its number. The answer is good until the next is asked for. */
export function factsIn({ setup, actors }: Lab, graph: Graph): (m: Machine, state: number) => Readonly<Facts> {
  const facts: Facts = { standing: 0, marks: 0, rules: 0 }
  return (m, state) => {
    const rules = brokenRules(setup, m)
    const still = graph.firstEdge[state] === graph.firstEdge[state + 1]
    const ended = !still ? 0 : actors.every(a => a.finished(m)) ? MARK.final : MARK.stuck
    facts.rules = rules
    facts.standing = (rules & HARM) !== 0 ? 3 : rules !== 0 ? 2 : waitsForFree(setup, m) ? 1 : 0
    facts.marks = ended | (state === 0 ? MARK.initial : 0)
    return facts
  }
}

/** The rules that a set of bits stands for. */
export const rulesOf = (bits: number): readonly Rule[] => RULES.filter((_, i) => ((bits >> i) & 1) === 1)

function brokenRules(s: Setup, m: Machine): number {
  let bits = 0
  for (let i = 0; i < RULES.length; i++) if (RULES[i]?.violated(s, m)) bits |= 1 << i
  return bits
}

/**
 * A page or a page table has been taken out of the page table, and its frame has not been freed: what the lab draws in amber. A
 * frame that the page cache keeps does not wait for anything.
 */
export function waitsForFree(s: Setup, m: Machine): boolean {
  for (let pfn = 0; pfn < s.shape.sizes.frames; pfn++) if (waits(s, m, pfn)) return true
  return false
}

/** Which frames these are. */
export function framesThatWait(s: Setup, m: Machine): number[] {
  const frames: number[] = []
  for (let pfn = 0; pfn < s.shape.sizes.frames; pfn++) if (waits(s, m, pfn)) frames.push(pfn)
  return frames
}

function waits(s: Setup, m: Machine, pfn: number): boolean {
  const { shape } = s
  const use = get(m, shape.use, pfn)
  const purpose = get(m, shape.purpose, pfn) - 1
  if (use === USE.anon || use === USE.file) return get(m, shape.mapcount, pfn) === 0 && s.fileFrame[purpose] !== pfn
  return use === USE.table && purpose >= 0 && tableFrame(shape, m, purpose) !== pfn
}
