import type { RunLink } from './lab-api.ts'

/** A kernel as it was, or one with a single switch flipped, against which every scenario is searched. */
export interface MatrixColumn {
  readonly id: string
  /** Short: it stands above a narrow column. */
  readonly label: string
  /** The kernel that a flipped switch belongs to; null for a kernel as it was. */
  readonly on: string | null
  readonly kernel: string
  readonly driver: string
  readonly arch: string
  readonly switches: Readonly<Record<string, string>>
}

const era = (id: string, label: string, kernel: string, driver: string, arch = 'x86'): MatrixColumn => ({
  id,
  label,
  on: null,
  kernel,
  driver,
  arch,
  switches: {},
})

/** The era with one switch flipped. */
const flipped = (from: MatrixColumn, label: string, name: string, value: string): MatrixColumn => ({
  ...from,
  id: `${from.id}.${name}`,
  label,
  on: from.label,
  switches: { [name]: value },
})

const emptyTable = era('3.18-empty', '3.18 empty table', '3.18', 'empty-table')
const first = era('3.19', '3.19', '3.19', 'notifier')
const latest = era('6.6', '6.6 x86', '6.6', 'notifier')

/** Oldest first; then one change at a time. To add a column: a line here. */
export const MATRIX_COLUMNS: readonly MatrixColumn[] = [
  era('3.18', '3.18 naive', '3.18', 'naive'),
  emptyTable,
  era('3.19-1of3', '3.19 1/3', '3.19-1of3', 'naive'),
  era('3.19-2of3', '3.19 2/3', '3.19-2of3', 'naive'),
  first,
  era('4.15', '4.15', '4.15', 'notifier'),
  era('6.1', '6.1', '6.1', 'notifier'),
  latest,
  era('6.6-arm64', '6.6 arm64', '6.6', 'notifier', 'arm64'),
  flipped(first, 'walks not drained', 'drainsWalks', 'false'),
  flipped(first, 'leaf-only invalidate', 'invalidateKind', 'leaf'),
  flipped(latest, 'no CONFIG_MMU_NOTIFIER', 'configMmuNotifier', 'false'),
  flipped(emptyTable, 'boolean nesting', 'emptyTableNesting', 'boolean'),
]

/** The question that one cell answers: this scenario, in that column's world. */
export const cellLink = (scenario: string, { kernel, driver, arch, switches }: MatrixColumn): RunLink => ({
  scenario,
  kernel,
  driver,
  arch,
  switches,
})
