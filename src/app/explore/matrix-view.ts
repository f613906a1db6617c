import type { MatrixCell, MatrixHead, MatrixRow } from '../../panels/explore/Matrix.tsx'
import { cellLink, MATRIX_COLUMNS, type MatrixColumn } from '../../worker/explore-matrix.ts'
import type { ScenarioCard } from '../../worker/lab-api.ts'
import { labHash } from '../route.ts'
import { count } from './answer.ts'
import { type Question, questionOf } from './explore-store.ts'
import type { CellAnswer } from './matrix-slice.ts'

type Scenario = Pick<ScenarioCard, 'id' | 'title' | 'bugs'>
type Answers = ReadonlyMap<string, CellAnswer>

export const MATRIX_HEADS: readonly MatrixHead[] = MATRIX_COLUMNS.map(({ id, label, on }) => ({
  id,
  label,
  under: on === null ? null : `on ${on}`,
}))

const questionAt = (scenario: Scenario, column: MatrixColumn): Question => questionOf(cellLink(scenario.id, column))

/** Every question of the matrix, row by row. */
export const matrixQuestions = (scenarios: readonly Scenario[]): readonly Question[] =>
  scenarios.flatMap(s => MATRIX_COLUMNS.map(c => questionAt(s, c)))

/** The table without what stands in its cells: these are named as their questions are. */
export const matrixRows = (scenarios: readonly Scenario[]): readonly MatrixRow[] =>
  scenarios.map(s => ({
    id: s.id,
    title: s.title,
    bugs: s.bugs,
    cells: MATRIX_COLUMNS.map(c => questionAt(s, c).name),
  }))

/** How many have been decided, or lost for good. */
export const answeredOf = (answers: Answers): number =>
  [...answers.values()].filter(answer => answer.kind !== 'searching').length

const SEARCH = 'Search it again'
const nowhere = (tone: MatrixCell['tone'], word: string, note = '', says = note): MatrixCell => ({
  tone,
  word,
  note,
  says,
  href: null,
  leads: '',
})

/** What is known of a cell, in words. */
export function cellView(answer: CellAnswer | undefined, name: string): MatrixCell {
  if (answer === undefined) return nowhere('waiting', 'waiting')
  if (answer.kind === 'searching') {
    const note = answer.states === 0 ? '' : count(answer.states)
    return nowhere('busy', answer.held ? 'on hold' : 'searching', note, `${note} states so far`)
  }
  if (answer.kind === 'lost') return { ...nowhere('undecided', 'lost', '', answer.why), href: name, leads: SEARCH }
  const { states, verdict } = answer
  switch (verdict.kind) {
    case 'holds':
      return {
        tone: 'holds',
        word: 'holds',
        note: count(states),
        says: `in all ${count(states)} states`,
        href: name,
        leads: SEARCH,
      }
    case 'violated':
    case 'deadlock': {
      const [tone, word] = verdict.kind === 'violated' ? (['broken', 'broken'] as const) : (['stuck', 'stuck'] as const)
      const note = `${verdict.steps} steps`
      return { tone, word, note, says: `in ${note}`, href: labHash(verdict.link), leads: 'Watch it' }
    }
    case 'never-seen':
    case 'out-of-budget':
      return {
        tone: 'undecided',
        word: verdict.kind === 'never-seen' ? 'never seen' : 'out of budget',
        note: count(states),
        says: `after ${count(states)} states`,
        href: name,
        leads: SEARCH,
      }
  }
}

/** The matrix for a message. */
export function matrixMarkdown(rows: readonly MatrixRow[], answers: Answers): string {
  const cells = (texts: readonly string[]) => `| ${texts.map(t => t.replaceAll('|', '\\|')).join(' | ')} |`
  const heads = MATRIX_HEADS.map(h => (h.under === null ? h.label : `${h.label}, ${h.under}`))
  const lines = [
    cells(['scenario', 'bug', ...heads]),
    cells(['---', '---', ...heads.map(() => '---')]),
    ...rows.map(r =>
      cells([r.title, r.bugs.join(' '), ...r.cells.map(name => wordsOf(cellView(answers.get(name), name)))]),
    ),
  ]
  return `${lines.join('\n')}\n`
}

const wordsOf = ({ word, note }: MatrixCell): string => (note === '' ? word : `${word} · ${note}`)
