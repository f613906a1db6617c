import type { AddressSpace } from './address-space.ts'
import type { Scenario } from './scenario.ts'

/**
 * By page: a number that pages share whose frames may be the same, because regions share their pages or pages move. A frame is
 * lawfully reached through any of them as long as it is not freed.
 */
export function objectsOf({ cpus }: Scenario, { regions, facts, labels }: AddressSpace): number[] {
  const objects = labels.map((_, page) => page)
  const find = (page: number): number => {
    let root = page
    while (objects[root] !== root) root = objects[root] as number
    objects[page] = root
    return root
  }
  const join = (a: number, b: number): void => {
    objects[find(b)] = find(a)
  }
  const firstOf = (name: string): number => facts[regions.findIndex(r => r.name === name)]?.first ?? -1
  for (const action of cpus.flatMap(cpu => cpu.script)) {
    if (action.do === 'ksm-merge') join(labels.indexOf(action.page), labels.indexOf(action.with))
    if (action.do !== 'mremap' && action.do !== 'uffd-move') continue
    const [from, to] = [firstOf(action.region), firstOf(action.to)]
    const pages = facts.find(f => f.name === action.region)
    for (let page = 0; pages !== undefined && page < pages.end - pages.first; page++) join(from + page, to + page)
  }
  for (const [i, region] of regions.entries()) {
    const other = region.sharesWith ?? region.sharesTable
    if (other === undefined) continue
    const first = facts[i]?.first ?? 0
    const theirs = firstOf(other)
    for (let page = 0; page < region.pages; page++) join(theirs + page, first + page)
  }
  return objects.map((_, page) => find(page))
}
