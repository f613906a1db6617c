import type { MatrixCell, MatrixHead, MatrixRow } from '../../panels/explore/Matrix.tsx'
import { cellLink, MATRIX_COLUMNS, type MatrixColumn } from '../../worker/explore-matrix.ts'
import type { RunLink, ScenarioCard } from '../../worker/lab-api.ts'
import { labHash } from '../route.ts'
import { count } from './answer.ts'
import { type Question, questionOf } from './explore-store.ts'
import type { CellAnswer } from './matrix-slice.ts'

type Scenario = Pick<ScenarioCard, 'id' | 'title' | 'bugs'>
type Answers = ReadonlyMap<string, CellAnswer>

/** What stands above each column. */
export const MATRIX_HEADS: readonly MatrixHead[] = MATRIX_COLUMNS.map(({ id, label, on, as }) => ({
  id,
  label,
  flipped: on !== null,
  under: on !== null ? `on ${on}` : as !== null ? `as ${as}` : null,
}))

const questionAt = (scenario: Scenario, column: MatrixColumn): Question => questionOf(cellLink(scenario.id, column))

/** The column that answers for this one: itself, or the one with the same runs. */
const answering = (column: MatrixColumn): MatrixColumn => MATRIX_COLUMNS.find(c => c.id === column.as) ?? column

/** Every question of the matrix, row by row, each once. */
export const matrixQuestions = (scenarios: readonly Scenario[]): readonly Question[] =>
  scenarios.flatMap(s => MATRIX_COLUMNS.filter(c => c.as === null).map(c => questionAt(s, c)))

/** The table without what stands in its cells: these are named as their questions are. */
export const matrixRows = (scenarios: readonly Scenario[]): readonly MatrixRow[] =>
  scenarios.map(s => ({
    id: s.id,
    title: s.title,
    bugs: s.bugs,
    cells: MATRIX_COLUMNS.map(c => ({
      id: questionAt(s, c).name,
      asked: questionAt(s, answering(c)).name,
      kernel: c.kernel,
    })),
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

/** What is known of a cell, in words. The answer may be that of a kernel with the same runs: its links lead to this one's. */
export function cellView(answer: CellAnswer | undefined, name: string, kernel: string): MatrixCell {
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
      return { tone, word, note, says: `in ${note}`, href: labHash(linkIn(kernel, verdict.link)), leads: 'Watch it' }
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

const linkIn = (kernel: string, link: RunLink | null): RunLink | null => (link === null ? null : { ...link, kernel })

/** The matrix for a message. */
export function matrixMarkdown(rows: readonly MatrixRow[], answers: Answers): string {
  const cells = (texts: readonly string[]) => `| ${texts.map(t => t.replaceAll('|', '\\|')).join(' | ')} |`
  const names = MATRIX_HEADS.map(h => (h.under === null ? h.label : `${h.label}, ${h.under}`))
  const lines = [
    cells(['scenario', 'bug', ...names]),
    cells(['---', '---', ...names.map(() => '---')]),
    ...rows.map(r =>
      cells([r.title, r.bugs.join(' '), ...r.cells.map(c => wordsOf(cellView(answers.get(c.asked), c.id, c.kernel)))]),
    ),
  ]
  return `${lines.join('\n')}\n`
}

const wordsOf = ({ word, note }: MatrixCell): string => (note === '' ? word : `${word} · ${note}`)
