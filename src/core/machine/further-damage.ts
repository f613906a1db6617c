import type { LayoutBuilder } from './cells.ts'
import type { FeatureSizes } from './feature-columns.ts'
import { hasFeatures } from './features.ts'

/** Harm that only machines with features can come to, beyond the bits of `damage`: see DAMAGE in damage.ts. */
export const FIRST_FURTHER_DAMAGE = 5
const FURTHER_KINDS = 8
/** And beyond those: harm of one feature alone has its bit where the feature is, so that other states keep their layout. */
export const FIRST_LATER_DAMAGE = FIRST_FURTHER_DAMAGE + FURTHER_KINDS

export const furtherDamageColumns = (b: LayoutBuilder, { features }: FeatureSizes) => ({
  /** Kinds of harm from 2 ** FIRST_FURTHER_DAMAGE on. */
  furtherDamage: b.column('furtherDamage', hasFeatures(features) ? 1 : 0, 2 ** FURTHER_KINDS - 1),
  /** Kinds from 2 ** FIRST_LATER_DAMAGE on. */
  laterDamage: b.column('laterDamage', features.generations ? 1 : 0, 1),
})
