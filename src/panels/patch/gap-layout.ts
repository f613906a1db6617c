import type { Gap, GapStage } from '../../core/studies/patch/gap.ts'
import { amber, reachOf, type Standing, standingWords, type Words } from './words.ts'

export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** A stretch of a lane, with the longest of its words that fits. */
export interface Segment {
  readonly key: string
  readonly standing: Standing
  readonly box: Box
  readonly lines: readonly string[]
}

export interface StageBox {
  readonly stage: GapStage
  readonly amber: boolean
  readonly box: Box
  /** Its name, broken after underscores only. */
  readonly lines: readonly string[]
}

export interface GapLayout {
  readonly width: number
  readonly height: number
  /** Time runs downwards: too narrow for a row. */
  readonly down: boolean
  readonly font: number
  readonly stages: readonly StageBox[]
  /** While a start/end pair is open. */
  readonly pair: Box | null
  /** While the frame is unmapped and not freed. */
  readonly gap: Box | null
  readonly lives: readonly Segment[]
  readonly reach: readonly Segment[]
  /** Where the names of the lanes begin. */
  readonly names: readonly { readonly text: string; readonly x: number; readonly y: number }[]
}

/** Narrower than this, time runs downwards. */
const ROW = 700
const LETTER = 0.6

/** Where everything of a gap goes, in pixels. No DOM: tests ask the same function. */
export function layOutGap(gap: Gap, width: number): GapLayout {
  return width < ROW ? downwards(gap, width) : across(gap, width)
}

function across(gap: Gap, width: number): GapLayout {
  const font = width >= 1050 ? 15 : 12.5
  const gutter = width >= 1050 ? 128 : 92
  const step = (width - gutter) / gap.stages.length
  const rows = { pair: 4, stage: 34, life: 130, reach: 192 }
  const at = (from: number, to: number, y: number, height: number): Box => ({
    x: gutter + from * step,
    y,
    width: (to - from) * step,
    height,
  })
  const lane = (y: number, height: number, words: (standing: Standing) => Words) => (run: Run) => {
    const box = at(run.from, run.to, y, height)
    return segment(run, box, fitting(words(run.standing), box.width, font, 1))
  }
  const { pair, unmapped } = spans(gap.stages)
  return {
    width,
    height: 244,
    down: false,
    font,
    stages: gap.stages.map((stage, i) => {
      const box = at(i + 0.03, i + 0.97, rows.stage, 84)
      return { stage, amber: amber(stage), box, lines: brokenName(stage.phase.title, box.width, font) }
    }),
    pair: pair && at(pair.from + 0.03, pair.to - 0.03, rows.pair, 24),
    gap: unmapped && at(unmapped.from, unmapped.to, 0, 244),
    lives: lifeRuns(gap).map(lane(rows.life, 50, s => standingWords(gap, s).life)),
    reach: reachRuns(gap).map(lane(rows.reach, 46, s => standingWords(gap, s).reach)),
    names: [
      { text: 'the pair', x: 0, y: rows.pair + 17 },
      { text: 'munmap()', x: 0, y: rows.stage + 46 },
      { text: gap.what === 'page' ? gap.page : 'its table', x: 0, y: rows.life + 30 },
      { text: 'the IOMMU', x: 0, y: rows.reach + 28 },
    ],
  }
}

function downwards(gap: Gap, width: number): GapLayout {
  const font = 12.5
  const head = 26
  const step = 74
  const columns = [
    { from: 0, to: 0.05 },
    { from: 0.05, to: 0.46 },
    { from: 0.46, to: 0.73 },
    { from: 0.73, to: 1 },
  ] as const
  const left = (column: 1 | 2 | 3): number => columns[column].from * width + 2
  const at = (from: number, to: number, column: 0 | 1 | 2 | 3): Box => ({
    x: columns[column].from * width + 2,
    y: head + from * step,
    width: (columns[column].to - columns[column].from) * width - 4,
    height: (to - from) * step,
  })
  const { pair, unmapped } = spans(gap.stages)
  const lane = (column: 2 | 3, words: (standing: Standing) => Words) => (run: Run) => {
    const box = at(run.from, run.to, column)
    return segment(run, box, fitting(words(run.standing), box.width, font, Math.floor(box.height / 17)))
  }
  return {
    width,
    height: head + gap.stages.length * step,
    down: true,
    font,
    stages: gap.stages.map((stage, i) => {
      const box = at(i + 0.03, i + 0.97, 1)
      return { stage, amber: amber(stage), box, lines: brokenName(stage.phase.title, box.width, font) }
    }),
    pair: pair && at(pair.from + 0.03, pair.to - 0.03, 0),
    gap: unmapped && { x: 0, y: head + unmapped.from * step, width, height: (unmapped.to - unmapped.from) * step },
    lives: lifeRuns(gap).map(lane(2, s => standingWords(gap, s).life)),
    reach: reachRuns(gap).map(lane(3, s => standingWords(gap, s).reach)),
    names: [
      { text: 'munmap()', x: left(1), y: 15 },
      { text: gap.what === 'page' ? gap.page : 'its table', x: left(2), y: 15 },
      { text: 'the IOMMU', x: left(3), y: 15 },
    ],
  }
}

/** A stretch of stages, in stages and parts of them. */
interface Run {
  readonly from: number
  readonly to: number
  readonly standing: Standing
}

const segment = ({ from, standing }: Run, box: Box, lines: readonly string[]): Segment => ({
  key: `${from} ${standing}`,
  standing,
  box,
  lines,
})

const lifeRuns = ({ stages }: Gap): Run[] => runs(stages, ({ life }) => life)
const reachRuns = ({ stages }: Gap): Run[] => runs(stages, reachOf)

/** Neighbours that stand alike are one. */
function runs(stages: readonly GapStage[], standing: (life: GapStage['lives'][number]) => Standing): Run[] {
  const found: Run[] = []
  for (const [i, { lives }] of stages.entries()) {
    for (const [k, life] of lives.entries()) {
      const next = { from: i + k / lives.length, to: i + (k + 1) / lives.length, standing: standing(life) }
      const last = found.at(-1)
      if (last?.standing === next.standing) found[found.length - 1] = { ...last, to: next.to }
      else found.push(next)
    }
  }
  return found
}

function spans(stages: readonly GapStage[]): Record<'pair' | 'unmapped', { from: number; to: number } | null> {
  const open = stages.flatMap((s, i) => (s.pair ? [i] : []))
  const [first] = open
  const last = open.at(-1)
  const unmapped = runs(stages, ({ life }) => life).find(run => run.standing === 'unmapped')
  return {
    pair: first === undefined || last === undefined ? null : { from: first, to: last + 1 },
    unmapped: unmapped ?? null,
  }
}

/** The first of these words that fits into so many lines; nothing where none does. */
function fitting(words: Words, width: number, font: number, lines: number): readonly string[] {
  const letters = Math.floor((width - 10) / (font * LETTER))
  for (const text of words) {
    const wrapped = wrap(text, letters)
    if (wrapped !== null && wrapped.length <= Math.max(lines, 2)) return wrapped
  }
  return []
}

/** Text in lines of at most so many letters; null where a word is longer. */
export function wrap(text: string, letters: number): string[] | null {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    if (word.length > letters) return null
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= letters) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

/**
 * A kernel name in as few lines as fit, alike in length. It breaks after an underscore or at a space: elsewhere it is not found
 * in the source.
 */
export function brokenName(name: string, width: number, font: number): string[] {
  const most = Math.floor((width - 8) / (font * 0.62))
  const fewest = filled(name, most)
  for (let letters = 1; letters < most; letters++) {
    const lines = filled(name, letters)
    if (lines.length === fewest.length && lines.every(line => line.length <= letters)) return lines
  }
  return fewest
}

function filled(name: string, letters: number): string[] {
  const lines: string[] = []
  for (const part of name.split(/(?<=[_ ])/)) {
    const last = lines.at(-1)
    if (last !== undefined && (last + part).trimEnd().length <= letters) lines[lines.length - 1] = last + part
    else lines.push(part)
  }
  return lines.map(line => line.trimEnd())
}
