import type { Mirror } from './matrix.ts'
import { PairTable } from './pair-table.ts'
import type { Pieces } from './pieces.ts'
import type { Split } from './split.ts'
import type { Parts, TransitionSystem } from './system.ts'

/** Mirror images of states in pieces, found by swapping twins in whole states, each once. */
export function mirrorOf(system: TransitionSystem, parts: Parts, pieces: Pieces, split: Split): Mirror | undefined {
  const { twins, groupOf } = parts
  const far = groupOf.flatMap((group, local) => (group === 0 ? [] : [local]))
  if (twins === undefined || far.length !== 2 || !far.includes(twins.rows) || !far.includes(twins.columns))
    return undefined
  const state = new Uint32Array(system.words)
  const hubs = new PairTable()
  const columns = new PairTable()
  const prefixes = new PairTable()
  // Any hub and any far tuple serve to make a whole state of: what is asked for depends on one of its parts only.
  const swapped = (hub: number, far: number) => {
    pieces.assemble(hub, far, state)
    twins.swap(state)
    return pieces.take(state)
  }
  const remember = (table: PairTable, key: number, find: () => number): number => {
    const known = table.get(key, 0)
    if (known >= 0) return known
    const found = find()
    table.add(key, 0, found)
    return found
  }
  return {
    columnOf: prefix => remember(columns, prefix, () => split.columnOf(swapped(0, split.farOf(prefix, 0)).far)),
    prefixOf: column => remember(prefixes, column, () => split.prefixOf(swapped(0, split.farOf(0, column)).far)),
    hubOf: hub => remember(hubs, hub, () => swapped(hub, 0).hub),
  }
}
