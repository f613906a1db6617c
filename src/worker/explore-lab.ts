import { known } from '../core/base/assert.ts'
import { EVERY_STATE, REDUCED, search as searchAll } from '../core/explorer/search.ts'
import type { Progress, Verdict } from '../core/explorer/system.ts'
import { SEMANTICS } from '../core/runs/fingerprint.ts'
import { encodeSchedule } from '../core/runs/schedule.ts'
import { buildLab, type Lab } from '../core/scenarios/build.ts'
import { propertiesOf, systemOf } from '../core/scenarios/exploration.ts'
import { verdictSentence } from '../core/scenarios/verdict-sentence.ts'
import type {
  Coverage,
  ExploreApi,
  Level,
  SearchBegun,
  SearchLimits,
  SearchReport,
  VerdictView,
} from './explore-api.ts'
import { runText } from './explore-text.ts'
import type { RunLink } from './lab-api.ts'
import { type Resolved, resolveLink } from './resolve.ts'

interface Search {
  readonly resolved: Resolved
  readonly reduced: boolean
  readonly steps: Generator<Progress, Verdict, void>
  last: Progress
  /** The last level that was reported. */
  deepest: number
  seconds: number
  verdict: VerdictView | null
}

const NOTHING: Progress = { states: 0, transitions: 0, depth: 0, frontier: 0, bytes: 0 }

/** The search service, an ordinary object: its worker serves it, tests call it. `now` is a clock in milliseconds. */
export function createExploreLab(now: () => number): ExploreApi {
  let search: Search | undefined

  return {
    begin(link: RunLink, limits: SearchLimits): SearchBegun {
      const resolved = resolveLink(link)
      const lab = buildLab(resolved.scenario, resolved.policy)
      const properties = propertiesOf(lab)
      search = {
        resolved,
        reduced: limits.reduced === true,
        steps: searchAll(systemOf(lab), properties, limits, limits.reduced === true ? REDUCED : EVERY_STATE),
        last: NOTHING,
        deepest: 0,
        seconds: 0,
        verdict: null,
      }
      const { id, title, bugs } = resolved.scenario
      return {
        scenario: { id, title, bugs },
        settings: resolved.settings,
        rules: properties.map(p => ({ id: p.id, sentence: p.sentence })),
        coverage: coverageOf(lab, limits),
        problems: resolved.problems,
      }
    },

    advance(milliseconds: number): SearchReport {
      const s = known(search, 'a search')
      const from = now()
      const levels: Level[] = []
      let anew = false
      while (s.verdict === null && now() - from < milliseconds) {
        const step = s.steps.next()
        const { depth } = step.value
        if (step.value.anew) {
          anew = true
          levels.length = 0
          s.deepest = 0
        }
        if (depth !== null && depth > s.deepest) {
          levels.push(levelOf(step.value, depth))
          s.deepest = depth
        }
        s.last = step.value
        if (step.done === true) s.verdict = viewOfVerdict(s.resolved, step.value, s.reduced)
      }
      s.seconds += (now() - from) / 1000
      const { states, transitions, depth, frontier, bytes } = s.last
      return { states, transitions, depth, frontier, bytes, seconds: s.seconds, levels, anew, verdict: s.verdict }
    },

    runText,
  }
}

/** What a search says on reaching a new depth: nothing of that depth has been looked at yet. */
const levelOf = ({ frontier, states }: Progress, depth: number): Level => ({ depth, width: frontier, states })

function coverageOf({ setup }: Lab, limits: SearchLimits): Coverage {
  const { shape } = setup
  return {
    cpus: setup.cpus.length,
    devices: setup.devices.length,
    pages: setup.vpns.length,
    frames: shape.sizes.frames,
    iotlb: shape.sizes.iotlb,
    walkCache: shape.sizes.iommuWalkCache,
    stateBytes: shape.words * 4,
    comparison: 'full',
    limits,
  }
}

function viewOfVerdict(resolved: Resolved, verdict: Verdict, reduced: boolean): VerdictView {
  const run = verdict.kind === 'violated' || verdict.kind === 'deadlock' ? verdict.run : null
  return {
    kind: verdict.kind,
    sentence: verdictSentence(verdict, reduced),
    property: 'property' in verdict ? verdict.property.id : null,
    steps: run?.length ?? null,
    link:
      run === null ? null : linkTo(resolved, encodeSchedule(run.map(m => ({ actor: m.actor, alternative: m.way })))),
  }
}

/** The run in the lab, at its first step. */
export function linkTo({ scenario, settings, custom, without }: Resolved, schedule: string): RunLink {
  return {
    scenario: scenario.id,
    kernel: settings.kernel,
    driver: settings.driver,
    arch: settings.arch,
    switches: Object.fromEntries(Object.entries(settings.switches).map(([id, value]) => [id, String(value)])),
    ...(without.length === 0 ? {} : { without }),
    schedule,
    at: 0,
    semantics: SEMANTICS,
    ...(custom === null ? {} : { custom }),
  }
}
