import { KERNELS } from '../../core/policy/catalogue.ts'
import { driverFor } from '../../core/policy/presets.ts'
import type { SwitchValue } from '../../core/runs/settings.ts'
import type { Study, StudyLimits } from '../../core/studies/study.ts'
import { whySafe } from '../../core/studies/why-safe.ts'
import type { BrokenRun, WhySafe } from '../../core/studies/why-safe-answer.ts'
import { linkTo } from '../explore-lab.ts'
import type { RunLink } from '../lab-api.ts'
import { type Resolved, settle } from '../resolve.ts'

/** Settings that a broken rule is tried under. `kernel`: in the order of the slider, the reader's own among them. */
export interface OtherSettings {
  readonly kind: 'kernel' | 'preset'
  readonly name: string
  /** What is new in it. */
  readonly what: string
  readonly link: RunLink
}

/** Where every rule is kept; each run can be opened in the lab. */
export type WhyView = WhySafe<BrokenRun & { readonly link: RunLink }> & { readonly others: readonly OtherSettings[] }

export function* whySafeLinked(asked: Resolved, limits: StudyLimits): Study<WhyView> {
  const others = othersOf(asked)
  const { scenario, policy } = asked
  const answer = yield* whySafe(
    { scenario, policy, others: others.map(o => ({ name: o.name, policy: o.asked.policy })) },
    limits,
  )
  const { knockOuts } = answer

  /** A run without these things, under the settings asked for or others. */
  const opened = <Run extends BrokenRun>(
    run: Run,
    out: readonly number[],
    from: Resolved = asked,
    without: readonly string[] = [],
  ) => {
    const switches: Record<string, SwitchValue> = { ...from.settings.switches }
    const ids = [...without]
    for (const how of out.map(k => knockOuts[k]?.how)) {
      if (how?.kind === 'switch') switches[how.id] = how.value
      if (how?.kind === 'op') ids.push(how.id)
    }
    return { ...run, link: linkTo({ ...from, settings: { ...from.settings, switches }, without: ids }, run.schedule) }
  }

  return {
    ...answer,
    rules: answer.rules.map(rule => ({
      ...rule,
      run: rule.run === null ? null : opened(rule.run, []),
      needed: rule.needed.map(cut => opened(cut, cut.out)),
      together: rule.together.map(cut => opened(cut, cut.out)),
    })),
    moved: answer.moved.map(moved => {
      const { driver, switches, without } = moved.how
      const { settings } = asked
      const there = { ...asked, settings: { ...settings, driver, switches: { ...settings.switches, ...switches } } }
      return {
        ...moved,
        rules: moved.rules.map(r => ({ ...r, run: r.run === null ? null : opened(r.run, [], there, without) })),
      }
    }),
    others: others.map(({ asked: there, ...other }) => ({ ...other, link: linkTo(there, '') })),
  }
}

function othersOf(asked: Resolved): readonly (Omit<OtherSettings, 'link'> & { readonly asked: Resolved })[] {
  const { scenario, settings } = asked
  const { kernel, driver, arch, switches } = settings
  const kernels = KERNELS.map(({ id, label, what }) => ({
    kind: 'kernel' as const,
    name: label,
    what,
    asked: { ...asked, ...settle(scenario, id, id === kernel ? driver : driverFor(id, settings), arch, switches) },
  }))
  if (Object.keys(switches).length === 0) return kernels
  const preset = { ...asked, ...settle(scenario, kernel, driver, arch, {}) }
  return [
    ...kernels,
    { kind: 'preset', name: 'the preset', what: 'Every switch as this kernel has it.', asked: preset },
  ]
}
