import type { ActorView, MoveView } from '../../core/view/world.ts'

/** All that one actor could do next. */
export interface ActorMoves {
  readonly actor: ActorView
  readonly moves: readonly NumberedMove[]
}

export interface NumberedMove {
  readonly move: MoveView
  /** The key that chooses it: the n-th ready move, 1 to 9; null when it is not ready or there are no more keys. */
  readonly key: number | null
}

/** One group per actor, in the order in which the actors come; keys are counted over the ready moves. */
export function movesByActor(moves: readonly MoveView[]): readonly ActorMoves[] {
  const groups = new Map<number, { actor: ActorView; moves: NumberedMove[] }>()
  let ready = 0
  for (const move of moves) {
    if (move.ready) ready++
    const group = groups.get(move.actor.id) ?? { actor: move.actor, moves: [] }
    group.moves.push({ move, key: move.ready && ready <= 9 ? ready : null })
    groups.set(move.actor.id, group)
  }
  return [...groups.values()]
}

/** The move without its actor's name in front, which stands on the chip already. */
export function moveText(move: MoveView): string {
  const prefix = `${move.actor.name}: `
  return move.label.startsWith(prefix) ? move.label.slice(prefix.length) : move.label
}
