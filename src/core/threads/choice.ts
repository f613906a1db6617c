/** Who moves, and which of the alternatives it has (0 where there is only one). */
export interface Choice {
  readonly actor: number
  readonly alternative: number
}
