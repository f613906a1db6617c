import { add, copyOf } from '../machine/cells.ts'
import type { SimEvent } from '../machine/event.ts'
import type { Lab } from '../scenarios/build.ts'
import type { OpFacts } from '../threads/actor.ts'
import type { RecordedOperation } from '../trace/operation.ts'
import { isFunctionPhase } from '../trace/phases.ts'
import type { SimulatedStep } from './simulated.ts'

/** Steps that an operation of a million pages cannot need; past it something is wrong with us. */
const MOST_STEPS = 4_000_000

/**
 * Runs the script of the first CPU, alone and to its end. The task goes on until it must wait; then whoever it waits for moves.
 * Grace periods end after everything else. Functions of which a recording has a probe are events where its call path enters them.
 */
export function runAlone(lab: Lab, operation: RecordedOperation): SimulatedStep[] {
  const m = copyOf(lab.initial)
  const steps: SimulatedStep[] = []
  const cpuOf = (index: number): number =>
    index === 0 ? operation.cpu : (operation.otherCpus[index - 1]?.cpu ?? index)
  const entering = enteredFunctions()
  let gathers = 0
  for (let i = 0; i < MOST_STEPS; i++) {
    const actor = lab.actors.find(a => a.ready(m) > 0)
    if (actor === undefined) return steps
    const entered = actor.kind === 'cpu' ? entering(actor.op(m, 0)) : []
    const events: SimEvent[] = []
    actor.step(m, 0, event => events.push(asOnMachine(event, cpuOf)))
    for (const event of events) {
      if (event.type === 'gather-started') add(m, lab.setup.shape.flushPending, 0, operation.nested[gathers] ? 1 : 0)
      else if (event.type === 'tlb-finish-started')
        add(m, lab.setup.shape.flushPending, 0, operation.nested[gathers++] ? -1 : 0)
    }
    const cpu = actor.kind === 'interrupt' ? interruptedCpu(events, cpuOf) : cpuOf(0)
    // A call is entered before any function of the kernel is.
    const first = events[0]?.type === 'syscall-entered' ? 1 : 0
    events.splice(first, 0, ...entered)
    steps.push({ cpu, events })
  }
  return steps
}

/**
 * Tells which functions an operation of a program is the first of: those its call path has and that of the operation before had
 * not. A function called again and again, page by page, is entered anew where its first operation comes again.
 */
function enteredFunctions(): (op: OpFacts) => SimEvent[] {
  let before: readonly string[] = []
  let beforeKey = ''
  const firstOf = new Map<string, string>()
  return op => {
    const path = [...op.stack, op.fn]
    const key = path.join('/')
    let same = 0
    while (same < path.length && path[same] === before[same]) same++
    const entered: SimEvent[] = []
    path.forEach((fn, depth) => {
      // An operation of a function may be named after it: that is not a second call.
      if (!isFunctionPhase(fn) || path[depth - 1] === fn) return
      const place = path.slice(0, depth + 1).join('/')
      const again = depth < same && key === firstOf.get(place) && key !== beforeKey
      if (depth >= same) firstOf.set(place, key)
      if (depth >= same || again) entered.push({ type: 'kernel-function-entered', name: fn })
    })
    before = path
    beforeKey = key
    return entered
  }
}

const interruptedCpu = (events: readonly SimEvent[], cpuOf: (i: number) => number): number => {
  const flushed = events.find(e => e.type === 'cpu-tlb-flushed')
  return flushed?.type === 'cpu-tlb-flushed' ? flushed.cpu : cpuOf(0)
}

/** CPU numbers of the recording. */
function asOnMachine(event: SimEvent, cpuOf: (index: number) => number): SimEvent {
  switch (event.type) {
    case 'ipi-sent':
      return { ...event, to: event.to.map(cpuOf), skipped: event.skipped.map(cpuOf) }
    case 'cpu-tlb-flushed':
      return { ...event, cpu: cpuOf(event.cpu), from: cpuOf(event.from) }
    default:
      return event
  }
}
