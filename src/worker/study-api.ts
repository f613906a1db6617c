import type { StudyLimits, StudyProgress } from '../core/studies/study.ts'
import type { RunLink } from './lab-api.ts'
import type { BeginStudy, STUDIES } from './studies/registry.ts'

export type StudyKind = keyof typeof STUDIES
export type StudyAnswer<Kind extends StudyKind> =
  (typeof STUDIES)[Kind] extends BeginStudy<infer Answer> ? Answer : never

export interface StudyReport<Kind extends StudyKind = StudyKind> {
  readonly progress: StudyProgress
  /** Seconds of work, pauses between slices not counted. */
  readonly seconds: number
  /** Null until it is done. */
  readonly answer: StudyAnswer<Kind> | null
}

/** What the page may ask of the worker that studies. One study at a time; beginning another gives up the one before. */
export interface StudyApi {
  /** Gets ready to study what the link names; its schedule matters to some studies only. */
  begin(kind: StudyKind, link: RunLink, limits: StudyLimits): void
  /** Works for about so many milliseconds. Ask again while `answer` is null; to cancel, stop asking. */
  advance(milliseconds: number): StudyReport
}
