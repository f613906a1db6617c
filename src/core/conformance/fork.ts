import type { SimEvent } from '../machine/event.ts'
import type { ActorEvent } from '../trace/timed.ts'
import { asVpn, pageNumber, tableBase } from '../units.ts'
import type { Sides } from './differences.ts'

/** The simulated call under the name of the recorded one. */
export function namedAsRecorded({ recorded, simulated }: Sides): Sides {
  const call = recorded.map(r => r.event).find(e => e.type === 'syscall-entered')
  const renamed = (event: SimEvent): SimEvent =>
    call !== undefined && (event.type === 'syscall-entered' || event.type === 'syscall-returned')
      ? { ...event, name: call.name }
      : event
  return { recorded, simulated: simulated.map(s => ({ ...s, event: renamed(s.event) })) }
}

/** Of a fork: without the mappings that copy_page_range() was entered for and told no notifier of, and their page tables. */
export function withoutUncopied<E extends ActorEvent>(recorded: readonly E[]): E[] {
  const untold = untoldEvents(recorded)
  return recorded.filter((_, i) => !untold.has(i))
}

/** Of a fork: the page tables that the child got for such mappings, each as level and first page. Those of PTEs are not told apart. */
export function tablesOfUncopied(recorded: readonly ActorEvent[]): ReadonlySet<string> {
  const untold = untoldEvents(recorded)
  return new Set(recorded.flatMap(({ event }, i) => (untold.has(i) ? tableOf(event) : [])))
}

/** Without the making of these tables. */
export const withoutTablesOf = <E extends ActorEvent>(tables: ReadonlySet<string>, events: readonly E[]): E[] =>
  events.filter(({ event }) => !tableOf(event).some(table => tables.has(table)))

const tableOf = (event: SimEvent): string[] =>
  event.type === 'table-allocated' && event.level !== 'PTE'
    ? [`${event.level} ${tableBase(event.level, asVpn(pageNumber(event.vpn)))}`]
    : []

/** Entering copy_page_range() for a mapping of which no notifier is told, and the tables made in it: their indices. */
function untoldEvents(recorded: readonly ActorEvent[]): ReadonlySet<number> {
  const untold = new Set<number>()
  let mapping: number[] = []
  let told = true
  const over = (): void => {
    if (!told) for (const i of mapping) untold.add(i)
    mapping = []
  }
  recorded.forEach(({ event }, i) => {
    if (event.type === 'kernel-function-entered' && event.name === 'copy_page_range') {
      over()
      told = false
      mapping.push(i)
    } else if (event.type === 'invalidate-range-started') told = true
    else if (event.type === 'table-allocated') mapping.push(i)
    else if (event.type === 'cpu-flush-started' || event.type === 'syscall-returned') {
      over()
      told = true
    }
  })
  over()
  return untold
}
