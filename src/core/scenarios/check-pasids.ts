import type { Note } from './check-memory.ts'
import { regionOfPage } from './check-reclaim.ts'
import type { CpuAction, Scenario } from './scenario.ts'

/** Page requests in a queue, and PASIDs: what belongs to what. */
export function checkPasids(s: Scenario, note: Note): void {
  const { pageRequests, pasids } = s.iommu
  const bindings = s.cpus.flatMap((cpu, c) =>
    cpu.script.flatMap((action, i) =>
      isBinding(action) ? [{ task: cpu.task, action, at: `cpus[${c}].script[${i}]` }] : [],
    ),
  )
  s.devices.forEach((device, d) => {
    if (device.asksFor !== undefined && pageRequests === undefined)
      note(`devices[${d}].asksFor`, 'there is no queue for its requests', 'Write iommu.pageRequests, or leave it out.')
    device.script.forEach(({ page }, i) => {
      if (pasids === undefined && regionOfPage(s.memory.regions, page)?.mm === 'child')
        note(`devices[${d}].script[${i}].page`, 'devices do not know the child', 'Write iommu.pasids.')
    })
  })
  if (pageRequests !== undefined && s.devices.length === 0)
    note('iommu.pageRequests', 'nobody asks for pages', 'Add a device, or leave it out.')
  if (pasids === undefined) {
    for (const { action, at } of bindings)
      note(`${at}.do`, `${action.do} is about PASIDs, and there are none`, 'Write iommu.pasids.')
    return
  }
  if (pageRequests === undefined)
    note('iommu.pasids', 'page requests that name a PASID wait in a queue', 'Write iommu.pageRequests too.')
  if (!s.memory.regions.some(r => r.mm === 'child'))
    note('iommu.pasids', 'the child has no memory', 'Give it a region with "mm": "child".')
  for (const [i, { task, action, at }] of bindings.entries()) {
    if (bindings.findIndex(b => b.task === task && b.action.do === action.do) < i)
      note(`${at}.do`, `the ${task} does that already`, 'Write it once.')
    if (action.do === 'sva-bind' && task !== 'child')
      note(`${at}.do`, 'the app has its PASID from the start', 'Let the child bind.')
  }
  if (pasids.app === pasids.child) checkReuse(s, bindings, note)
}

const isBinding = (action: CpuAction): boolean => action.do === 'sva-bind' || action.do === 'sva-unbind'

/** One number for two: the one gives it up, the other gets it. */
function checkReuse(s: Scenario, bindings: readonly { task: string; action: CpuAction }[], note: Note): void {
  const at = 'iommu.pasids.child'
  const does = (task: string, what: CpuAction['do']): boolean =>
    bindings.some(b => b.task === task && b.action.do === what)
  if (!does('app', 'sva-unbind')) note(at, 'the app keeps the number', 'Let a CPU of the app sva-unbind.')
  if (!does('child', 'sva-bind')) note(at, 'the child never gets the number', 'Let a CPU of the child sva-bind.')
  if (s.memory.regions.some(r => r.huge === true) || s.cpus.some(c => c.script.some(a => a.do === 'collapse')))
    note(at, 'entries for huge pages under a PASID that is given on are left out here', 'Leave huge pages out.')
}
