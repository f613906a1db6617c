import { type GraphFormat, graphText } from '../../core/studies/graph-text.ts'
import type { Study, StudyLimits } from '../../core/studies/study.ts'
import { wholeGraph } from '../../core/studies/whole-graph.ts'
import type { Resolved } from '../resolve.ts'

/** A graph to be taken along. */
export type GraphFile =
  | { readonly kind: 'text'; readonly pieces: readonly string[]; readonly states: number; readonly moves: number }
  /** There are more states than these: nothing was written. */
  | { readonly kind: 'too-large'; readonly states: number }

/** States that are written into one text in a browser: some 100 MB of DOT. The command line has no such limit. */
const MOST_STATES = 300_000

/** The whole graph as text, in pieces to be put into one file. */
export const graphFile = (format: GraphFormat) =>
  function* (asked: Resolved, limits: StudyLimits): Study<GraphFile> {
    const most = Math.min(limits.states, MOST_STATES)
    const whole = yield* wholeGraph(asked, { ...limits, states: most })
    if (whole === undefined) return { kind: 'too-large', states: most }
    const { lab, graph } = whole
    const pieces: string[] = []
    for (const piece of graphText(lab, graph, format)) {
      pieces.push(piece)
      yield { doing: 'Writing the graph', states: graph.states, done: pieces.length, of: null }
    }
    return { kind: 'text', pieces, states: graph.states, moves: graph.edges }
  }
