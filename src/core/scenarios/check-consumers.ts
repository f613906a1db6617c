import type { Note } from './check-memory.ts'
import type { KvmSpec, Memory, Region, Scenario } from './scenario.ts'

/** Consumers: their names, and what they say of regions and pages. `taken`: names that other actors have. */
export function checkConsumers(s: Scenario, taken: Set<string>, note: Note): void {
  let vcpus = 0
  for (const [i, consumer] of (s.consumers ?? []).entries()) {
    const at = `consumers[${i}]`
    const names = [consumer.name, `${consumer.name} cache`, ...consumer.vcpus.map(() => `vCPU ${vcpus++}`)]
    for (const name of names) {
      if (taken.has(name)) note(`${at}.name`, `“${name}” is taken`, 'Give each consumer a name of its own.')
      taken.add(name)
    }
    if ([...consumer.name].some(c => c < ' '))
      note(`${at}.name`, 'it holds a control character', 'Write it on one line.')
    checkVm(s.memory, consumer, at, note)
  }
  const exit = s.cpus.findIndex(cpu => cpu.script.some(action => action.do === 'exit'))
  if (vcpus > 0 && exit >= 0)
    note(`cpus[${exit}].script`, 'vCPUs are threads of the process, so it cannot exit under them', 'Leave exit out.')
}

/** Threads that consumers can have: one for each vCPU, one for a pfn cache. */
export const consumerThreads = ({ consumers = [] }: Scenario): number =>
  consumers.reduce((sum, c) => sum + c.vcpus.length + (c.pfnCache === undefined ? 0 : 1), 0)

function checkVm(memory: Memory, vm: KvmSpec, at: string, note: Note): void {
  const regionOf = (name: string, where: string): Region | undefined => {
    const region = memory.regions.find(r => r.name === name)
    if (region === undefined)
      note(where, `there is no region “${name}”`, `Regions are ${memory.regions.map(r => r.name).join(', ')}.`)
    else if (region.mm !== undefined) note(where, `${name} lies in the ${region.mm}`, 'Name a region of the app.')
    else return region
    return undefined
  }
  const slots = vm.memslots.flatMap((slot, i) => {
    const where = `${at}.memslots[${i}]`
    const region = regionOf(slot.region, `${where}.region`)
    if (region === undefined) return []
    const first = slot.first ?? 0
    const end = slot.pages === undefined ? region.pages : first + slot.pages
    if (first >= region.pages || end > region.pages)
      note(where, `${region.name} has pages 0 to ${region.pages - 1}`, 'Let first and pages name some of them.')
    return [{ region: region.name, first, end, gfn: slot.gfn, where }]
  })
  for (const [i, one] of slots.entries()) {
    const twin = slots.slice(0, i).find(two => one.region === two.region && one.first < two.end && two.first < one.end)
    if (twin !== undefined) note(one.where, 'these pages are in two memslots', 'Leave one of them out.')
    const size = one.end - one.first
    const over = slots.slice(0, i).find(two => one.gfn < two.gfn + two.end - two.first && two.gfn < one.gfn + size)
    if (over !== undefined) note(`${one.where}.gfn`, 'guest pages are in two memslots', 'Choose another gfn.')
  }
  const page = (text: string, where: string, inSlot: boolean): void => {
    const [, name = '', number = ''] = /^([^[\]]*)\[(0|[1-9]\d*)\]$/.exec(text) ?? []
    if (number === '') note(where, 'this names no page', 'Write a region and a page in it: buf[0].')
    const region = number === '' ? undefined : regionOf(name, where)
    if (region === undefined) return
    if (Number(number) >= region.pages) note(where, `${name} has pages 0 to ${region.pages - 1}`, 'Name one of them.')
    else if (inSlot && !slots.some(x => x.region === name && Number(number) >= x.first && Number(number) < x.end))
      note(where, `${text} is in no memslot of ${vm.name}`, 'Name a page that the guest has.')
  }
  for (const [v, { script }] of vm.vcpus.entries())
    for (const [i, action] of script.entries())
      page(action.page, `${at}.vcpus[${v}].script[${i}].page`, action.page !== vm.apicPage)
  if (vm.pfnCache !== undefined) page(vm.pfnCache.page, `${at}.pfnCache.page`, true)
  if (vm.apicPage === undefined) return
  page(vm.apicPage, `${at}.apicPage`, false)
  if (slots.some(x => [...Array(x.end).keys()].slice(x.first).some(n => `${x.region}[${n}]` === vm.apicPage)))
    note(`${at}.apicPage`, 'it lies in a memslot of the guest', 'Choose a page of its own for it.')
}
