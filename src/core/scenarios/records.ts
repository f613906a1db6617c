import type { Column } from '../machine/cells.ts'
import type { Lab } from './build.ts'
import { RULES } from './rules.ts'

/**
 * Bits of a machine that nobody acts on when only these rules are asked about: who wrote a frame last, which is for the reader;
 * that a rule was broken which is not asked about; and the accounts that only such a rule looks at. None when a property
 * is asked about that is no rule: it may look at anything.
 */
export function recordsOf({ setup }: Lab, ids: readonly string[]): Uint32Array {
  const { shape } = setup
  const bits = new Uint32Array(shape.words)
  if (!ids.every(id => RULES.some(rule => rule.id === id))) return bits
  const note = (column: Column): void => {
    for (let i = 0; i < column.length; i++) {
      const word = column.word[i] as number
      bits[word] = ((bits[word] as number) | (column.mask << (column.shift[i] as number))) >>> 0
    }
  }
  note(shape.writer)
  const asked = (id: string): boolean => ids.includes(id)
  if (!asked('I5')) for (const column of [shape.uncoveredPage, shape.uncoveredTable]) note(column)
  if (!asked('I10')) note(shape.openPairs)
  const word = shape.damage.word[0] as number
  const shift = shape.damage.shift[0] as number
  for (const rule of RULES) {
    if (rule.damage > shape.damage.mask) continue
    if (!asked(rule.id)) bits[word] = ((bits[word] as number) | (rule.damage << shift)) >>> 0
  }
  return bits
}
