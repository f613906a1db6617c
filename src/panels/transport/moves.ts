import type { MoveView } from '../../core/view/world.ts'

export interface NumberedMove {
  readonly move: MoveView
  /** The key that chooses it: the n-th ready move, 1 to 9; null when it is not ready or there are no more keys. */
  readonly key: number | null
}

/**
 * The moves with their keys. An actor that cannot move is there once, whatever it could do if it could: its reason is
 * the same.
 */
export function numberMoves(moves: readonly MoveView[]): readonly NumberedMove[] {
  let ready = 0
  const blocked = new Set<number>()
  return moves.flatMap(move => {
    if (move.ready) {
      ready++
      return [{ move, key: ready <= 9 ? ready : null }]
    }
    if (blocked.has(move.actor.id)) return []
    blocked.add(move.actor.id)
    return [{ move, key: null }]
  })
}

/** The move without its actor's name in front, which stands on the chip already. */
export function moveText(move: MoveView): string {
  const prefix = `${move.actor.name}: `
  return move.label.startsWith(prefix) ? move.label.slice(prefix.length) : move.label
}
