import type { Note } from './check-memory.ts'
import type { CpuAction, Scenario } from './scenario.ts'

type Coming = Extract<CpuAction, { readonly do: 'register' | 'unregister' | 'put' }>

const isComing = (action: CpuAction): action is Coming =>
  action.do === 'register' || action.do === 'unregister' || action.do === 'put'

/** A subscriber in the list that comes or goes: once each, by the process, and nothing of it that hears of invalidations by another way. */
export function checkSubscriber(s: Scenario, action: Coming, at: string, note: Note): void {
  const name = action.subscriber
  const i = (s.consumers ?? []).findIndex(c => c.name === name)
  const consumer = s.consumers?.[i]
  if (consumer === undefined || (consumer.kind !== 'kvm' && !(consumer.kind === 'gpu' && consumer.userptr === true))) {
    note(`${at}.subscriber`, `“${name}” is in no list`, 'Name a consumer of kind "kvm", or "gpu" with "userptr": true.')
    return
  }
  if (consumer.kind === 'kvm') {
    for (const field of ['pfnCache', 'apicPage'] as const)
      if (consumer[field] !== undefined)
        note(`consumers[${i}].${field}`, `${name} comes or goes, and this is not kept track of then`, 'Leave it out.')
    if (s.cpus.some(cpu => cpu.script.some(a => a.do === 'memslot' && a.vm === name)))
      note(at, `memslots of ${name} change, and it comes or goes`, 'Leave one of the two out.')
  }
  const all = s.cpus.flatMap(cpu => cpu.script.filter(isComing)).filter(a => a.subscriber === name)
  const same = all.filter(a => (a.do === 'register') === (action.do === 'register'))
  if (same.length > 1)
    note(at, `${name} ${action.do === 'register' ? 'subscribes' : 'is given up'} twice`, 'Leave one of them out.')
  const script = s.cpus.find(cpu => cpu.script.includes(action))
  if (script !== undefined && script.task !== 'app')
    note(`${at}.do`, `${name} has subscribed to the app’s mm`, 'Give the action to a CPU of the app.')
  const later = script?.script.slice(script.script.indexOf(action)).filter(isComing) ?? []
  if (action.do !== 'register' && later.some(a => a.do === 'register' && a.subscriber === name))
    note(at, `${name} is given up before it has subscribed`, 'Let register come first.')
}
