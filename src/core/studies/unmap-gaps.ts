import { known } from '../base/assert.ts'
import type { Graph } from '../explorer/graph.ts'
import { get, type Machine } from '../machine/cells.ts'
import type { Lab } from '../scenarios/build.ts'
import type { CpuAction } from '../scenarios/scenario.ts'
import type { Op } from '../threads/program.ts'
import { componentsOf, type Rows } from './components.ts'

/** Actions that take pages out of the page table, and the functions under which their operations run. */
const UNMAPPING: ReadonlySet<CpuAction['do']> = new Set(['munmap', 'brk', 'madvise-dontneed', 'exit'])
const CALLERS: ReadonlySet<string> = new Set(['munmap', 'brk', 'madvise', 'exit_mmap'])

/** CPUs that unmap something in this scenario. */
export const unmappingCpus = ({ scenario }: Lab): number[] =>
  scenario.cpus.flatMap((cpu, i) => (cpu.script.some(action => UNMAPPING.has(action.do)) ? [i] : []))

/** Where one CPU stands, in all states: between which two operations of its unmaps. */
export interface Gaps {
  /** By state: its gap. */
  readonly of: Uint32Array
  /** In the order in which the CPU comes through them: by gap, the move by which one of its nearest states is entered; -1 for the first. */
  readonly entries: readonly number[]
}

/** More gaps than this, and the turns of a loop are taken together. */
const MOST = 64
const SLICE = 16_384

/**
 * Sorts the states of a graph into gaps of one CPU. A loop of the program (the next page, the next frame to free) has gaps of its
 * own for each turn. Before, between and after its unmaps a CPU is in one gap each, whatever else it does there.
 * Yields how many states are sorted, twice over.
 */
export function* gapsOf(lab: Lab, graph: Graph, cpu: number): Generator<number, Gaps, void> {
  const { ops } = known(lab.programs[cpu], 'program')
  const k = known(lab.setup.shape.cpus[cpu], 'CPU')
  const settle = settledPlaces(lab, cpu)
  const places = new Uint32Array(graph.states)
  const m = new Uint32Array(graph.system.words) as Machine
  for (let s = 0; s < graph.states; s++) {
    if (s % SLICE === 0) yield s
    graph.load(s, m)
    places[s] = known(settle[get(m, k.pc, 0)], 'a place')
  }
  const loops = inLoops(movesBetween(graph, cpu, places, ops.length + 1))

  const numbers = new Map<string, number>()
  const fine = new Uint32Array(graph.states)
  for (let s = 0; s < graph.states; s++) {
    if (s % SLICE === 0) yield s
    const place = places[s] as number
    let name = `${place}`
    if (loops.has(place)) {
      graph.load(s, m)
      name += ` ${turn(ops[place], m, get(m, k.cursor, 0), get(m, k.gatherCount, 0))}`
    }
    const number = numbers.get(name) ?? numbers.size
    numbers.set(name, number)
    fine[s] = number
  }
  return numbers.size <= MOST ? inOrder(graph, cpu, fine, numbers.size) : inOrder(graph, cpu, places, ops.length + 1)
}

/** By place in the program: the same, or for a place outside every unmap the one at which the next unmap begins, or the end. */
function settledPlaces({ programs }: Lab, cpu: number): number[] {
  const { ops, phases } = known(programs[cpu], 'program')
  const unmaps = (op: Op | undefined): boolean => CALLERS.has(op?.stack[0] ?? '')
  const settled: number[] = []
  let next = ops.length
  for (let pc = ops.length; pc >= 0; pc--) {
    const op = ops[pc]
    if (unmaps(op) && phases[op?.phase ?? -1]?.id === 'enter') next = pc
    settled[pc] = unmaps(op) ? pc : next
  }
  return settled
}

/** Which turn of a loop: of the zap, the page; of a free, what is left. */
function turn(op: Op | undefined, m: Machine, cursor: number, gathered: number): string {
  if (op?.fn === 'ptep_get_and_clear_full') return op.label(m)
  return op?.fn === 'tlb_batch_pages_flush' ? `${cursor} ${gathered}` : `${cursor}`
}

/** The CPU's own moves, from place to place. */
function movesBetween({ states, firstEdge, to, actor }: Graph, cpu: number, places: Uint32Array, count: number): Rows {
  const targets = Array.from({ length: count }, () => new Set<number>())
  for (let s = 0; s < states; s++) {
    for (let e = firstEdge[s] as number; e < (firstEdge[s + 1] as number); e++) {
      // CPUs are the first actors.
      if (actor[e] === cpu) targets[places[s] as number]?.add(places[to[e] as number] as number)
    }
  }
  const first = [0]
  for (const set of targets) first.push((first.at(-1) as number) + set.size)
  return { states: count, firstEdge: Uint32Array.from(first), to: Uint32Array.from(targets.flatMap(set => [...set])) }
}

/** Places to which the CPU can come back. Staying outside its unmaps is no coming back. */
function inLoops(moves: Rows): ReadonlySet<number> {
  const { of, first } = toEnd(componentsOf(moves))
  const found = new Set<number>()
  for (let place = 0; place < moves.states; place++) {
    const c = of[place] as number
    const alone = (first[c + 1] as number) - (first[c] as number) === 1
    const again = moves.to.subarray(moves.firstEdge[place], moves.firstEdge[place + 1]).includes(place)
    if (!alone || again) found.add(place)
  }
  return found
}

/** Numbers gaps as the CPU passes them, and drops those in which it never is. */
function inOrder(graph: Graph, cpu: number, gaps: Uint32Array, count: number): Gaps {
  const { of: late } = toEnd(componentsOf(movesBetween(graph, cpu, gaps, count)))
  const present = [...new Set(gaps)].sort((a, b) => (late[b] as number) - (late[a] as number))
  const rank = new Uint32Array(count)
  for (const [i, gap] of present.entries()) rank[gap] = i
  const entries: number[] = present.map(() => -1)
  const { states, firstEdge, to, actor } = graph
  for (let s = 0; s < states; s++) {
    for (let e = firstEdge[s] as number; e < (firstEdge[s + 1] as number); e++) {
      const into = rank[gaps[to[e] as number] as number] as number
      if (actor[e] === cpu && entries[into] === -1 && gaps[s] !== gaps[to[e] as number]) entries[into] = e
    }
  }
  return { of: gaps.map(gap => rank[gap] as number), entries }
}

function toEnd<T>(steps: Generator<unknown, T, void>): T {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}
