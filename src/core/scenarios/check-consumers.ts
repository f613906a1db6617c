import type { Note } from './check-memory.ts'
import type { ConsumerSpec, CpuAction, GpuSpec, KvmSpec, Memory, MirrorSpec, Region, Scenario } from './scenario.ts'

/** Consumers: their names, and what they say of regions and pages. `taken`: names that other actors have. */
export function checkConsumers(s: Scenario, taken: Set<string>, note: Note): void {
  let vcpus = 0
  for (const [i, consumer] of (s.consumers ?? []).entries()) {
    const at = `consumers[${i}]`
    const names = [consumer.name, ...threadNames(consumer, vcpus)]
    if (consumer.kind === 'kvm') vcpus += consumer.vcpus.length
    for (const name of names) {
      if (taken.has(name)) note(`${at}.name`, `“${name}” is taken`, 'Give each consumer a name of its own.')
      taken.add(name)
    }
    if ([...consumer.name].some(c => c < ' '))
      note(`${at}.name`, 'it holds a control character', 'Write it on one line.')
    if (consumer.kind === 'kvm') checkVm(s, consumer, at, note)
    else if (consumer.kind === 'gpu') checkGpu(s.memory, consumer, at, note)
    else checkMirror(s.memory, consumer, at, note)
  }
  const exit = s.cpus.findIndex(cpu => cpu.script.some(action => action.do === 'exit'))
  if (vcpus > 0 && exit >= 0)
    note(`cpus[${exit}].script`, 'vCPUs are threads of the process, so it cannot exit under them', 'Leave exit out.')
  else if ((s.consumers ?? []).some(c => c.kind !== 'kvm') && exit >= 0)
    note(`cpus[${exit}].script`, 'what a driver does when the process exits is not modelled', 'Leave exit out.')
}

/** Memslots that go or come: one of the VM's, by one CPU of the process, and nothing else of KVM that goes by memslots. */
export function checkMemslot(
  s: Scenario,
  { vm: name, region, change }: Extract<CpuAction, { readonly do: 'memslot' }>,
  at: string,
  note: Note,
): void {
  const i = (s.consumers ?? []).findIndex(c => c.kind === 'kvm' && c.name === name)
  const vm = s.consumers?.[i]
  if (vm?.kind !== 'kvm') {
    note(`${at}.vm`, `there is no VM “${name}”`, 'Name one of the consumers of kind "kvm".')
    return
  }
  const of = vm.memslots.filter(slot => slot.region === region)
  if (of.length !== 1)
    note(`${at}.region`, `${name} has ${of.length} memslots of ${region}`, 'Name a region that has one memslot.')
  else if (change === 'create' && of[0]?.absent !== true)
    note(`${at}.change`, 'the memslot is there from the start', 'Write "absent": true in the memslot, or delete it.')
  const others = s.cpus.filter(cpu => cpu.script.some(a => a.do === 'memslot' && a.vm === name))
  if (others.length > 1) note(at, `two CPUs change memslots of ${name}`, 'Let one CPU do it.')
  for (const field of ['pfnCache', 'apicPage'] as const)
    if (vm[field] !== undefined)
      note(`consumers[${i}].${field}`, `it goes by memslots, and those of ${name} change`, 'Leave one of the two out.')
}

/** Names of its threads; that of a pfn cache also where there is none. `vcpus`: those of VMs before it. */
function threadNames(c: ConsumerSpec, vcpus: number): readonly string[] {
  if (c.kind === 'kvm') return [`${c.name} cache`, ...c.vcpus.map((_, i) => `vCPU ${vcpus + i}`)]
  return c.kind === 'gpu' ? [`${c.name} driver`, `${c.name} engine`] : [`${c.name} driver`]
}

/** Threads that run its code: one for each vCPU and one for a pfn cache; a mirror's one; driver and engine of a GPU. */
export function threadCount(c: ConsumerSpec): number {
  if (c.kind === 'kvm') return c.vcpus.length + (c.pfnCache === undefined ? 0 : 1)
  return c.kind === 'gpu' ? 2 : 1
}

export const consumerThreads = ({ consumers = [] }: Scenario): number =>
  consumers.reduce((sum, c) => sum + threadCount(c), 0)

/** The page that a text names, among the app's. Notes what is wrong with it. */
function appPage(memory: Memory, text: string, at: string, note: Note): { name: string; page: number } | undefined {
  const [, name = '', number = ''] = /^([^[\]]*)\[(0|[1-9]\d*)\]$/.exec(text) ?? []
  const region = memory.regions.find(r => r.name === name)
  if (number === '') note(at, 'this names no page', 'Write a region and a page in it: buf[0].')
  else if (region === undefined) note(at, `there is no region “${name}”`, 'Name a page of a region of this scenario.')
  else if (region.mm !== undefined) note(at, `${name} lies in the ${region.mm}`, 'Name a page of the app.')
  else if (Number(number) >= region.pages) note(at, `${name} has pages 0 to ${region.pages - 1}`, 'Name one of them.')
  else return { name, page: Number(number) }
  return undefined
}

function checkMirror(memory: Memory, mirror: MirrorSpec, at: string, note: Note): void {
  const region = memory.regions.find(r => r.name === mirror.region)
  if (region === undefined || region.mm !== undefined) {
    note(`${at}.region`, `the app has no region “${mirror.region}”`, 'Name a region of the app.')
    return
  }
  const first = mirror.first ?? 0
  const end = mirror.pages === undefined ? region.pages : first + mirror.pages
  if (first >= region.pages || end > region.pages)
    note(at, `${region.name} has pages 0 to ${region.pages - 1}`, 'Let first and pages name some of them.')
  for (const [i, action] of mirror.script.entries()) {
    const where = `${at}.script[${i}]`
    if (action.do === 'insert' || action.do === 'remove') {
      if (action.do === 'insert' && i > 0) note(where, 'it mirrors already', 'Make it the first action.')
      if (action.do === 'remove' && i < mirror.script.length - 1)
        note(where, 'nothing comes after remove', 'Make it the last action.')
      continue
    }
    const named = appPage(memory, action.page, `${where}.page`, note)
    if (named !== undefined && (named.name !== region.name || named.page < first || named.page >= end))
      note(`${where}.page`, `${action.page} is not mirrored by ${mirror.name}`, 'Name a page that is.')
  }
}

function checkGpu(memory: Memory, gpu: GpuSpec, at: string, note: Note): void {
  for (const list of ['driver', 'script'] as const)
    for (const [i, action] of gpu[list].entries()) appPage(memory, action.page, `${at}.${list}[${i}].page`, note)
}

function checkVm({ memory, cpus }: Scenario, vm: KvmSpec, at: string, note: Note): void {
  const comes = (region: string): boolean =>
    cpus.some(({ script }) =>
      script.some(a => a.do === 'memslot' && a.vm === vm.name && a.region === region && a.change === 'create'),
    )
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
    if (slot.absent === true && !comes(slot.region))
      note(`${where}.absent`, 'nobody creates it', 'Leave absent out, or add the action "memslot" with "create".')
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
