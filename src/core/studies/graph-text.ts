import type { Graph } from '../explorer/graph.ts'
import type { Machine } from '../machine/cells.ts'
import type { Lab } from '../scenarios/build.ts'
import { labelling, moveText } from './move-labels.ts'
import { type Facts, factsIn, MARK, rulesOf, STANDINGS } from './state-facts.ts'

export const GRAPH_FORMATS = ['dot', 'aut'] as const
/** Graphviz DOT, and the labelled transition systems of Aldebaran that CADP and mCRL2 read. */
export type GraphFormat = (typeof GRAPH_FORMATS)[number]

/** Characters of one piece, about: large graphs never stand in one string. */
const PIECE = 2 ** 16

/**
 * A graph as text, in pieces that follow each other. Deterministic: states as they were found, moves by actor and way.
 *
 * `aut`: `des (0, moves, states)`, then a line `(from, "label", to)` for each move. `dot`: a node `s0` for each state with what is
 * true in it, and an edge for each move. A label is `actor: kernel function: what it does`.
 */
export function* graphText(lab: Lab, graph: Graph, format: GraphFormat): Generator<string, void, void> {
  let piece = ''
  for (const line of format === 'aut' ? autLines(lab, graph) : dotLines(lab, graph)) {
    piece += `${line}\n`
    if (piece.length < PIECE) continue
    yield piece
    piece = ''
  }
  if (piece !== '') yield piece
}

function* autLines(lab: Lab, graph: Graph): Generator<string> {
  yield `des (0, ${graph.edges}, ${graph.states})`
  for (const { from, to, text } of movesOf(lab, graph)) yield `(${from}, "${autText(text)}", ${to})`
}

function* dotLines(lab: Lab, graph: Graph): Generator<string> {
  yield `digraph "${dotText(lab.scenario.id)}" {`
  yield '  rankdir=LR'
  yield '  node [shape=circle, style=filled, fillcolor=white, fontname="sans-serif"]'
  yield '  edge [fontname="sans-serif", fontsize=10]'
  const factsAt = factsIn(lab, graph)
  const m = new Uint32Array(graph.system.words) as Machine
  for (let state = 0; state < graph.states; state++) {
    graph.load(state, m)
    yield `  s${state} [${attributes(factsAt(m, state), graph, state).join(', ')}]`
  }
  for (const { from, to, text } of movesOf(lab, graph)) yield `  s${from} -> s${to} [label="${dotText(text)}"]`
  yield '}'
}

/** Colours that tell in print as well: the shape says the same. */
const LOOKS = {
  calm: [],
  gap: ['shape=diamond', 'fillcolor="#fdf1dc"'],
  broken: ['shape=triangle', 'fillcolor="#fbe3df"'],
  harm: ['shape=octagon', 'fillcolor="#b3261a"', 'fontcolor=white'],
} as const

/** How a state looks, then what is true in it, under names of our own that Graphviz passes over. */
function attributes({ standing, marks, rules }: Facts, graph: Graph, state: number): string[] {
  const how = STANDINGS[standing] ?? 'calm'
  const is = (bit: number): boolean => (marks & bit) !== 0
  const broken = rulesOf(rules).map(rule => rule.id)
  return [
    `label="${[state, ...broken].join('\\n')}"`,
    ...LOOKS[how],
    ...(is(MARK.initial) ? ['penwidth=3'] : []),
    ...(is(MARK.final) ? ['peripheries=2'] : []),
    ...(is(MARK.stuck) ? ['peripheries=3'] : []),
    `depth=${graph.depth[state]}`,
    `standing=${how}`,
    ...(broken.length === 0 ? [] : [`broken="${broken.join(' ')}"`]),
    ...(is(MARK.final) ? ['final=true'] : []),
    ...(is(MARK.stuck) ? ['deadlock=true'] : []),
  ]
}

function* movesOf(lab: Lab, graph: Graph): Generator<{ from: number; to: number; text: string }> {
  const labelOf = labelling(lab, graph)
  const m = new Uint32Array(graph.system.words) as Machine
  for (let from = 0; from < graph.states; from++) {
    graph.load(from, m)
    for (let e = graph.firstEdge[from] as number; e < (graph.firstEdge[from + 1] as number); e++)
      yield { from, to: graph.to[e] as number, text: moveText(labelOf(m, e)) }
  }
}

/** In a quoted string of DOT a backslash begins an escape, and a quote ends it. */
const dotText = (text: string): string => text.replace(/["\\]/g, sign => `\\${sign}`)

const PLAIN: Readonly<Record<string, string>> = { '’': "'", '“': "'", '”': "'", '…': '..', '"': "'" }

/**
 * Readers of Aldebaran files agree on printable ASCII between two quotes, and on no escape: our own signs are spelled plainly, any
 * other by its number in Unicode, so that labels that differ go on to differ.
 */
const autText = (text: string): string =>
  text.replace(
    /[^\x20-\x7e]|["\\]/gu,
    sign => PLAIN[sign] ?? `U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`,
  )
