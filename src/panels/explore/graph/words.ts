import { MARK, STANDINGS } from '../../../core/studies/state-facts.ts'
import type { EveryState, StateGraph } from '../../../core/studies/state-graph.ts'

/** What there is to say of a node. */
export interface NodeWords {
  /** `State 812, 14 steps from the start` */
  readonly title: string
  /** What is true there, in sentences. */
  readonly facts: readonly string[]
  readonly lists: readonly { readonly title: string; readonly items: readonly string[] }[]
}

type Count = (n: number) => string

const steps = (n: number): string => (n === 1 ? '1 step' : `${n} steps`)

const FACTS: Readonly<Record<(typeof STANDINGS)[number], { readonly one: string; readonly all: string }>> = {
  calm: { one: 'Nothing waits to be freed, no rule is broken.', all: 'Nothing waits to be freed, no rule is broken.' },
  gap: {
    one: 'A page or page table is unmapped and not yet freed.',
    all: 'In each a page or page table is unmapped and not yet freed.',
  },
  broken: {
    one: 'A rule is broken. Freed memory has not been used.',
    all: 'In each a rule is broken. Freed memory has not been used.',
  },
  harm: { one: 'Freed memory was used.', all: 'In each of them freed memory was used.' },
}

const factOf = (standing: number) => FACTS[STANDINGS[standing] ?? 'calm']

/** Most lines of one list; the rest is counted. */
const MOST_LINES = 5

function shortened(items: readonly string[]): readonly string[] {
  return items.length <= MOST_LINES
    ? items
    : [...items.slice(0, MOST_LINES - 1), `and ${items.length - MOST_LINES + 1} more`]
}

/** One state: how far it is, what is true, who can move, what led there. */
export function wordsOfState(every: EveryState, rules: StateGraph['rules'], state: number, count: Count): NodeWords {
  const { depth, firstEdge, to, label, labels } = every
  const marks = every.marks[state] as number
  const text = (edge: number) => {
    const l = labels[label[edge] as number]
    return l === undefined ? '' : `${l.actor}: ${l.fn}, ${l.what}`
  }
  const out: string[] = []
  for (let e = firstEdge[state] as number; e < (firstEdge[state + 1] as number); e++) out.push(text(e))
  const into = new Set<string>()
  for (let e = 0; e < to.length; e++) if (to[e] === state) into.add(text(e))
  const far = depth[state] as number
  return {
    title: state === 0 ? 'The start' : `State ${count(state)}, ${steps(far)} from the start`,
    facts: [
      factOf(every.standing[state] as number).one,
      ...broken(rules, every.rules[state] as number),
      ...ends(marks),
    ],
    lists: [
      { title: 'Can move', items: shortened(out) },
      { title: 'Led here by', items: shortened([...into]) },
    ].filter(list => list.items.length > 0),
  }
}

/** A group of states: how far they are, where the unmapping CPU stands, what is true in all of them. */
export function wordsOfGroup(graph: StateGraph, group: number, count: Count): NodeWords {
  const { grouping, actors, cpu, rules } = graph
  const g = grouping.groups[group]
  const row = grouping.rows[g?.row ?? -1]
  if (g === undefined || row === undefined) return { title: '', facts: [], lists: [] }
  const far = g.first === g.last ? steps(g.first) : `${g.first} to ${g.last} steps`
  const some = [
    ...(g.final > 0 ? [`Final, everybody is done: ${count(g.final)}.`] : []),
    ...(g.stuck > 0 ? [`Stuck, somebody is not done and nobody can move: ${count(g.stuck)}.`] : []),
  ]
  const movers = g.movesBy
    .map((moves, actor) => ({ moves, name: actors[actor] ?? '' }))
    .filter(({ moves }) => moves > 0)
    .sort((a, b) => b.moves - a.moves)
  return {
    title: `${g.states === 1 ? '1 state' : `${count(g.states)} states`}, ${far} from the start`,
    facts: [
      row.end ? `${cpu} is done.` : `${cpu} stands in ${row.title}.`,
      g.states === 1 ? factOf(g.standing).one : factOf(g.standing).all,
      ...broken(rules, g.rules),
      ...some,
    ],
    lists: [
      {
        title: g.states === 1 ? 'Moves out of it' : 'Moves out of them',
        items: shortened(movers.map(({ moves, name }) => `${name}: ${count(moves)}`)),
      },
    ].filter(list => list.items.length > 0),
  }
}

function broken(rules: StateGraph['rules'], bits: number): string[] {
  return rules.filter((_, i) => ((bits >> i) & 1) === 1).map(rule => `Broken: “${rule.sentence}” (${rule.id}).`)
}

function ends(marks: number): string[] {
  if ((marks & MARK.final) !== 0) return ['Final: everybody is done.']
  return (marks & MARK.stuck) !== 0 ? ['Stuck: somebody is not done, and nobody can move.'] : []
}

/** All of it in one breath, for those who listen. */
export const spokenOf = ({ title, facts, lists }: NodeWords): string =>
  [`${title}.`, ...facts, ...lists.map(({ title: what, items }) => `${what}: ${items.join('; ')}.`)].join(' ')
