import { known } from '../base/assert.ts'
import type { Consumer } from '../consumers/consumer.ts'
import type { GpuFacts } from '../consumers/gpu/device.ts'
import { gpuConsumer } from '../consumers/gpu/gpu.ts'
import { kvmConsumer } from '../consumers/kvm/kvm.ts'
import type { KvmFacts } from '../consumers/kvm/vm.ts'
import type { MirrorFacts } from '../consumers/mirror/device.ts'
import { mirrorConsumer } from '../consumers/mirror/mirror.ts'
import type { Setup } from '../machine/setup.ts'
import { pagesOf, regionNamed } from './actions.ts'
import { changesMemslots, subscriberComes } from './features-of.ts'
import type { ConsumerSpec, GpuSpec, GuestAction, KvmSpec, Memslot, MirrorSpec, Scenario } from './scenario.ts'

/** The consumers of a scenario, in its order. A new kind is a line here. */
export function consumersFor(scenario: Scenario, s: Setup): Consumer[] {
  const consumers: Consumer[] = []
  for (const [i, spec] of (scenario.consumers ?? []).entries()) {
    const before = (scenario.consumers ?? []).slice(0, i)
    const firstThread = consumers.reduce((sum, c) => sum + c.threads.length, 0)
    const slotsChange = changesMemslots(scenario, spec.name)
    const late = subscriberComes(scenario, spec.name)
    if (spec.kind === 'kvm')
      consumers.push(kvmConsumer(s, { ...kvmFacts(s, spec, i, firstThread, before), slotsChange, late }))
    else if (spec.kind === 'gpu') consumers.push(gpuConsumer(s, { ...gpuFacts(s, spec, i, firstThread, before), late }))
    else consumers.push(mirrorConsumer(s, mirrorFacts(s, spec, i, firstThread, before)))
  }
  return consumers
}

function kvmFacts(
  s: Setup,
  spec: KvmSpec,
  consumer: number,
  firstThread: number,
  before: readonly ConsumerSpec[],
): Omit<KvmFacts, 'slotsChange' | 'late'> {
  const { name, pfnCache, apicPage } = spec
  const access = (action: GuestAction) => ({ page: pageOf(s, action.page), write: action.do === 'write' })
  return {
    name,
    consumer,
    vm: before.filter(c => c.kind === 'kvm').length,
    firstThread,
    firstVcpu: before.reduce((sum, c) => sum + (c.kind === 'kvm' ? c.vcpus.length : 0), 0),
    memslots: spec.memslots.map(slot => memslot(s, slot)),
    vcpus: spec.vcpus.map(({ script }) => script.map(access)),
    ...(pfnCache === undefined
      ? {}
      : {
          cache: {
            page: pageOf(s, pfnCache.page),
            script: pfnCache.script.map(a => access({ ...a, page: pfnCache.page })),
          },
        }),
    ...(apicPage === undefined ? {} : { apic: pageOf(s, apicPage) }),
  }
}

function mirrorFacts(
  s: Setup,
  { kind, name, region, first = 0, pages, script }: MirrorSpec,
  consumer: number,
  firstThread: number,
  before: readonly ConsumerSpec[],
): MirrorFacts {
  const facts = known(s.regions[regionNamed(s, region)], region)
  const from = facts.first + first
  return {
    kind,
    name,
    consumer,
    mirror: before.filter(c => c.kind === 'hmm' || c.kind === 'odp').length,
    firstThread,
    first: from,
    end: pages === undefined ? facts.end : from + pages,
    script: script.map(a =>
      a.do === 'remove' || a.do === 'insert' ? a.do : { page: pageOf(s, a.page), write: a.do === 'write' },
    ),
  }
}

function gpuFacts(
  s: Setup,
  { name, userptr, driver, script }: GpuSpec,
  consumer: number,
  firstThread: number,
  before: readonly ConsumerSpec[],
): Omit<GpuFacts, 'late'> {
  return {
    name,
    consumer,
    gpu: before.filter(c => c.kind === 'gpu').length,
    firstThread,
    userptr: userptr === true,
    driver: driver.map(a => ({ do: a.do, page: pageOf(s, a.page) })),
    script: script.map(a => ({ page: pageOf(s, a.page), write: a.do === 'write' })),
  }
}

function memslot(s: Setup, { gfn, region, first = 0, pages, absent = false }: Memslot): KvmFacts['memslots'][number] {
  const facts = known(s.regions[regionNamed(s, region)], region)
  const from = facts.first + first
  return { region, gfn, first: from, end: pages === undefined ? facts.end : from + pages, absent }
}

const pageOf = (s: Setup, text: string): number => known(pagesOf(s, text)[0], text)
