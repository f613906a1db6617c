import type { RuleView, WorldView } from '../../core/view/world.ts'
import { entryWords, pageWords } from '../shared/words.ts'

/** One thing that is so or otherwise on the two sides. */
export interface Fact {
  readonly group: 'Pages' | 'Caches' | 'Waiting to be freed' | 'Rules' | 'Cost'
  readonly name: string
  readonly here: string
  readonly there: string
  readonly same: boolean
}

interface OneSided {
  readonly group: Fact['group']
  readonly name: string
  readonly value: string
}

/** What a reader compares two worlds by: pages, cached translations, what waits to be freed, and the rules. */
export function factsOf(here: WorldView, there: WorldView): readonly Fact[] {
  const left = oneSided(here)
  const right = new Map(oneSided(there).map(f => [key(f), f]))
  const facts: Fact[] = left.map(f => {
    const other = right.get(key(f))?.value ?? ABSENT
    right.delete(key(f))
    return { group: f.group, name: f.name, here: f.value, there: other, same: f.value === other }
  })
  for (const f of right.values()) {
    facts.push({ group: f.group, name: f.name, here: ABSENT, there: f.value, same: false })
  }
  return GROUPS.flatMap(group => facts.filter(f => f.group === group))
}

const verdictWords: Readonly<Record<RuleView['verdict'], string>> = {
  holds: 'holds',
  warning: 'about to break',
  violated: 'broken',
}

/** Nothing of the kind is there. */
const ABSENT = 'none'
/** Rules first: whether one is broken is what a comparison is opened for. */
const GROUPS: readonly Fact['group'][] = ['Rules', 'Pages', 'Caches', 'Waiting to be freed']
const key = (f: OneSided): string => `${f.group} ${f.name}`

function oneSided(world: WorldView): readonly OneSided[] {
  const facts: OneSided[] = []
  const add = (group: Fact['group'], name: string, value: string) => facts.push({ group, name, value })
  for (const page of world.mm.pages) {
    const where = page.state === 'mapped' && page.pfn !== null ? `, frame ${page.pfn}` : ''
    add('Pages', page.label, pageWords[page.state] + where)
  }
  for (const entry of world.iommu.iotlb) {
    add('Caches', `IOTLB ${entry.label}`, `frame ${entry.pfn}, ${entryWords[entry.state]}`)
  }
  for (const entry of world.iommu.walkCache) {
    add('Caches', `walk cache, ${entry.level} ${entry.index}`, `table ${entry.table}, ${entryWords[entry.state]}`)
  }
  for (const cpu of world.cpus) {
    for (const entry of cpu.tlb) {
      add('Caches', `${cpu.name} TLB ${entry.label}`, `frame ${entry.pfn}, ${entryWords[entry.state]}`)
    }
  }
  if (world.iommu.queue.length > 0) add('Caches', 'invalidation queue', `${world.iommu.queue.length} waiting`)
  for (const gather of world.gathers) {
    const waiting = (what: readonly { readonly pfn: number; readonly freed: boolean }[]) =>
      what.filter(w => !w.freed).map(w => w.pfn)
    const pages = waiting(gather.pages)
    const tables = waiting(gather.tables)
    if (pages.length > 0) add('Waiting to be freed', `pages of ${gather.task}`, `frames ${pages.join(', ')}`)
    if (tables.length > 0) add('Waiting to be freed', `page tables of ${gather.task}`, `frames ${tables.join(', ')}`)
  }
  for (const rule of world.rules) add('Rules', rule.sentence, verdictWords[rule.verdict])
  return facts
}
