import type { Answer } from '../../core/studies/patch/finding.ts'
import type { Gap, GapStage } from '../../core/studies/patch/gap.ts'
import type { Patch, Series } from '../../core/studies/patch/series.ts'

/** How one frame stands, or how the IOMMU stands to it. */
export type Standing = 'mapped' | 'unmapped' | 'freed' | 'may' | 'still' | 'harm' | 'cannot'
/** The same thing said, the longest first. */
export type Words = readonly string[]

/** The frame is unmapped and not freed during some of the stage. */
export const amber = ({ lives }: GapStage): boolean => lives.some(({ life }) => life === 'unmapped')

/** How the IOMMU stands to the frame, in any run. */
export function reachOf({ life, reached }: GapStage['lives'][number]): Standing {
  if (!reached) return 'cannot'
  return life === 'mapped' ? 'may' : life === 'unmapped' ? 'still' : 'harm'
}

/** How the page or table stands, and what the IOMMU may reach of it: in words, the longest first, for as much as fits. */
export function standingWords({ what }: Pick<Gap, 'what'>, standing: Standing): { life: Words; reach: Words } {
  const un = what === 'page' ? 'unmapped' : 'unlinked'
  const life: Partial<Record<Standing, Words>> = {
    mapped: what === 'page' ? ['mapped'] : ['linked'],
    unmapped: [`${un}, not yet freed`, 'not yet freed', un],
    freed: ['freed: anybody’s', 'freed'],
  }
  const reach: Partial<Record<Standing, Words>> = {
    may: ['may hold it', 'may'],
    still: ['may still hold it', 'still may', 'may'],
    harm: [`reaches a freed ${what}`, `freed ${what}!`, 'harm'],
    cannot: ['cannot reach it', 'cannot', 'no'],
  }
  return { life: life[standing] ?? [], reach: reach[standing] ?? [] }
}

/** Whether the IOMMU hears of the frame in a stage, and whether that helps: only between the unmap and the free does it last. */
export function tellingOf({ told, lives }: GapStage): 'none' | 'early' | 'in-time' | 'late' {
  if (!told) return 'none'
  if (lives.some(l => l.life === 'unmapped')) return 'in-time'
  return lives.some(l => l.life === 'mapped') ? 'early' : 'late'
}

/** What a stage is, beyond its name. */
export function stageNote(stage: GapStage): string {
  const { phase } = stage
  const telling = tellingOf(stage)
  if (telling === 'in-time') return '✓ told in time'
  if (telling !== 'none') return telling === 'early' ? 'told too early' : 'told after the free'
  if (phase.kind === 'hole') return 'nobody is told'
  if (phase.kind === 'empty') return 'called, empty'
  return phase.kind === 'call' ? 'driver does nothing' : ''
}

/** The picture in a sentence. */
export function gapSentence(gap: Gap): string {
  const what = gap.what === 'page' ? `the page ${gap.page}` : `the page table of ${gap.page}`
  const gone = gap.stages.filter(amber).map(s => s.phase.title)
  const told = gap.stages.filter(s => tellingOf(s) === 'in-time').map(s => s.phase.title)
  const harm = gap.stages.filter(s => s.lives.some(l => reachOf(l) === 'harm')).map(s => s.phase.title)
  return [
    `${gap.stages.length} phases of munmap(). During ${gone.join(', ')}, ${what} is unmapped and not yet freed.`,
    told.length > 0 ? `The IOMMU is told there, by ${told.join(' and ')}.` : 'Nobody tells the IOMMU there.',
    harm.length > 0
      ? `In some runs it reaches the freed frame, during ${harm.join(', ')}.`
      : 'In no run does it reach the freed frame.',
  ].join(' ')
}

export interface PatchText {
  readonly title: string
  /** Null where it is not verified. */
  readonly commit: string | null
  readonly what: string
  readonly needs: string
}

export const PATCH_TEXTS: Readonly<Record<Patch, PatchText>> = {
  1: {
    title: 'An empty function',
    commit: '1897bdc4d331',
    what: 'mmu_notifier_invalidate_range() exists, with CONFIG_MMU_NOTIFIER and without, and does nothing. Nobody calls it.',
    needs: '',
  },
  2: {
    title: 'The VM calls it',
    commit: '34ee645e83b6',
    what: 'Where the gather has flushed the CPUs, page tables among what it frees: after the unmap and before the free.',
    needs: 'needs 1/3',
  },
  3: {
    title: 'The callback',
    commit: null,
    what: 'mmu_notifier_ops has invalidate_range: a driver can subscribe. mmu_notifier_invalidate_range_end() makes the call too.',
    needs: 'needs 1/3',
  },
}

/** What a kernel with these patches is. */
export function kernelSentence(series: Series): string {
  switch (series.join('')) {
    case '':
      return 'Linux 3.18: start() and end(), and nothing between unmapping and freeing.'
    case '1':
      return 'Linux 3.18 and a function that nobody calls.'
    case '12':
      return 'Linux 3.18 with calls of an empty function in both gaps.'
    case '13':
      return 'A driver can subscribe, but only end() calls it.'
    default:
      return 'Linux 3.19: a driver that subscribes is told in both gaps.'
  }
}

/** `3.18`, `1/3`, `1/3 + 3/3` */
export const seriesName = (series: Series): string =>
  series.length === 0 ? 'none' : series.length === 3 ? 'all three' : series.map(p => `${p}/3`).join(' + ')

/** An answer as it stands in large letters, and in a cell. */
export const ANSWERS: Readonly<Record<Answer, string>> = {
  yes: 'Yes',
  no: 'No',
  'never-asked': 'Never',
  undecided: 'Not decided',
}

export const VERDICTS: Readonly<Record<Gap['verdict']['kind'], string>> = {
  open: 'Open',
  closed: 'Closed',
  undecided: 'Not decided',
}

/** The sign that stands beside a verdict. */
export const VERDICT_MARKS = { open: 'violated', closed: 'holds', undecided: 'warning' } as const
