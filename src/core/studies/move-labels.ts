import { known } from '../base/assert.ts'
import type { Graph } from '../explorer/graph.ts'
import type { Machine } from '../machine/cells.ts'
import { nameIn } from '../policy/names.ts'
import type { Lab } from '../scenarios/build.ts'

/** Who moves, and what that does. */
export interface MoveLabel {
  /** `CPU 0` */
  readonly actor: string
  /** Kernel function, or what hardware does: `ptep_get_and_clear_full`, `page walk`. */
  readonly fn: string
  /** `clear the PTE of buf[0]` */
  readonly what: string
}

/** `CPU 0: ptep_get_and_clear_full: clear the PTE of buf[0]` */
export const moveText = ({ actor, fn, what }: MoveLabel): string => `${actor}: ${fn}: ${what}`

/** Labels of single moves: a function of the state it starts from, unpacked, and the number of the move. */
export function labelling({ actors, setup }: Lab, graph: Graph): (m: Machine, edge: number) => MoveLabel {
  return (m, edge) => {
    const actor = known(actors[graph.actor[edge] as number], 'an actor')
    const { fn, label } = actor.op(m, graph.way[edge] as number)
    return { actor: actor.name, fn: nameIn(setup.policy, fn), what: label }
  }
}

/** Labels of all moves of a graph, each kept once. */
export class MoveLabels {
  readonly labels: MoveLabel[] = []
  /** By move: place in `labels`. */
  readonly of: Uint32Array<ArrayBuffer>
  private readonly places = new Map<string, number>()
  private readonly labelOf
  private readonly graph: Graph

  constructor(lab: Lab, graph: Graph) {
    this.of = new Uint32Array(graph.edges)
    this.labelOf = labelling(lab, graph)
    this.graph = graph
  }

  /** Labels the moves out of a state, which is unpacked in `m`. */
  addMovesOf(m: Machine, state: number): void {
    const { firstEdge } = this.graph
    for (let e = firstEdge[state] as number; e < (firstEdge[state + 1] as number); e++) {
      const label = this.labelOf(m, e)
      const text = moveText(label)
      let place = this.places.get(text)
      if (place === undefined) {
        place = this.labels.push(label) - 1
        this.places.set(text, place)
      }
      this.of[e] = place
    }
  }
}
