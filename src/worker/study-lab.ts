import { known } from '../core/base/assert.ts'
import type { Study, StudyLimits, StudyProgress } from '../core/studies/study.ts'
import type { RunLink } from './lab-api.ts'
import { resolveLink } from './resolve.ts'
import { type BeginStudy, STUDIES } from './studies/registry.ts'
import type { StudyApi, StudyKind, StudyReport } from './study-api.ts'

interface UnderWay {
  readonly steps: Study<StudyReport['answer']>
  progress: StudyProgress
  seconds: number
  answer: StudyReport['answer']
}

const NOTHING: StudyProgress = { doing: '', states: 0, done: 0, of: null }

/** The study service, an ordinary object: its worker serves it, tests call it. `now` is a clock in milliseconds. */
export function createStudyLab(now: () => number): StudyApi {
  let study: UnderWay | undefined

  return {
    begin(kind: StudyKind, link: RunLink, limits: StudyLimits): void {
      const begin = STUDIES[kind] as BeginStudy<StudyReport['answer']>
      study = { steps: begin(resolveLink(link), limits, link), progress: NOTHING, seconds: 0, answer: null }
    },

    advance(milliseconds: number): StudyReport {
      const s = known(study, 'a study')
      const from = now()
      while (s.answer === null && now() - from < milliseconds) {
        const step = s.steps.next()
        if (step.done === true) s.answer = step.value
        else s.progress = step.value
      }
      s.seconds += (now() - from) / 1000
      return { progress: s.progress, seconds: s.seconds, answer: s.answer }
    },
  }
}
