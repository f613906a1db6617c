import type { LayoutBuilder } from './cells.ts'
import type { FeatureSizes } from './feature-columns.ts'
import { hasFeatures } from './features.ts'

/** Harm that only machines with features can come to, beyond the bits of `damage`: see DAMAGE in damage.ts. */
export const FIRST_FURTHER_DAMAGE = 5
const FURTHER_KINDS = 8

export const furtherDamageColumns = (b: LayoutBuilder, { features }: FeatureSizes) => ({
  /** Kinds of harm from 2 ** FIRST_FURTHER_DAMAGE on. */
  furtherDamage: b.column('furtherDamage', hasFeatures(features) ? 1 : 0, 2 ** FURTHER_KINDS - 1),
})
