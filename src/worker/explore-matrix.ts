import { KERNELS } from '../core/policy/catalogue.ts'
import { firstLike, usualDriver } from '../core/policy/presets.ts'
import type { KernelId } from '../core/runs/settings.ts'
import type { RunLink } from './lab-api.ts'

/** A kernel as it was, or one with a single switch flipped, against which every scenario is searched. */
export interface MatrixColumn {
  readonly id: string
  /** Short: it stands above a narrow column. */
  readonly label: string
  /** The kernel that a flipped switch belongs to; null for a kernel as it was. */
  readonly on: string | null
  /** The column with the same runs, which answers for this one too; null where none does. */
  readonly as: string | null
  readonly kernel: string
  readonly driver: string
  readonly arch: string
  readonly switches: Readonly<Record<string, string>>
}

const era = (id: string, label: string, kernel: string, driver: string, arch = 'x86'): MatrixColumn => ({
  id,
  label,
  on: null,
  as: null,
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

/** Other columns beside that of a kernel, and what its own is called then. */
const LABELS: Readonly<Partial<Record<KernelId, string>>> = { '3.18': '3.18 naive', '6.6': latest.label }
const BESIDE: Readonly<Partial<Record<KernelId, readonly MatrixColumn[]>>> = {
  '3.18': [emptyTable],
  '6.6': [era('6.6-arm64', '6.6 arm64', '6.6', 'notifier', 'arm64')],
}

/** Every kernel with the driver that it starts with. The oldest with the same runs answers for it: 3.18 for the first step of 3.19. */
const eras: readonly MatrixColumn[] = KERNELS.flatMap(({ id, label }) => {
  const oldest = firstLike(id)
  const column = { ...era(id, LABELS[id] ?? label, id, usualDriver(id)), as: oldest === id ? null : oldest }
  return [column, ...(BESIDE[id] ?? [])]
})

/** Oldest first; then one change at a time. To add a column: a line here. */
export const MATRIX_COLUMNS: readonly MatrixColumn[] = [
  ...eras,
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
