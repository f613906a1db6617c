import { known } from '../base/assert.ts'
import type { Omission, Op, Program } from './program.ts'

/** A point in the code that can be left out: one omission of one op, on whichever CPUs and however often it is written. */
export interface OmissionPoint {
  /**
   * The shortest end of its call path that no other point has: `tlb_finish_mmu/tlb_flush_mmu_tlbonly/flush_tlb_mm_range`, with
   * `~lock` after it for one of several things that an op does.
   */
  readonly id: string
  /** Outermost caller first, the op itself last. */
  readonly path: readonly string[]
  readonly file: string
  readonly what: string
  /** Title of the phase that it belongs to, or null. */
  readonly phase: string | null
  /** Where it is written: programs and places in them. */
  readonly at: readonly { readonly program: number; readonly op: number }[]
}

/** All points of these programs, in the order in which they are written. */
export function omissionPoints(programs: readonly Program[]): readonly OmissionPoint[] {
  const points = new Map<string, OmissionPoint & { readonly at: { program: number; op: number }[] }>()
  for (const [program, { ops, phases }] of programs.entries()) {
    for (const [i, op] of ops.entries()) {
      for (const omission of op.without) {
        const id = textOf(op, omission)
        const point = points.get(id) ?? {
          id,
          path: [...op.stack, op.fn],
          file: op.file,
          what: omission.what,
          phase: op.phase === null ? null : known(phases[op.phase], 'phase').title,
          at: [],
        }
        point.at.push({ program, op: i })
        points.set(id, point)
      }
    }
  }
  const all = [...points.keys()]
  return [...points.values()].map(point => ({ ...point, id: shortestEnd(point.id, all) }))
}

/**
 * The programs with the points of these ids left out: as many ops as before, at the same places, so the state is laid out alike.
 * Ids that no point has change nothing.
 */
export function withoutPoints(programs: readonly Program[], ids: readonly string[]): readonly Program[] {
  if (ids.length === 0) return programs
  return programs.map(({ ops, phases }) => ({ ops: ops.map(op => withoutAny(op, ids)), phases }))
}

/** Does the id name this point? An end of a path may name several. */
export const namesPoint = (id: string, point: OmissionPoint): boolean => {
  const [end = '', of = ''] = id.split('~')
  return endsWith(point.path.join('/'), end) && (point.id.split('~')[1] ?? '') === of
}

/** Does any op of the programs have a point that this id names? */
export const hasPoint = (programs: readonly Program[], id: string): boolean =>
  programs.some(({ ops }) => ops.some(op => op.without.some(o => endsWith(textOf(op, o), id))))

/** Of two omissions of one op the first counts: it takes in the other. */
function withoutAny(op: Op, ids: readonly string[]): Op {
  const omission = op.without.find(o => ids.some(id => endsWith(textOf(op, o), id)))
  if (omission === undefined) return op
  return {
    ...op,
    label: () => `leave out ${omission.what}`,
    why: `This run leaves out ${omission.what}. Everything else is as it was.`,
    ready: omission.ready ?? (() => true),
    run: omission.run,
    // What is left out would have been waited for and touched; to say that it still may be is to say too much, which is safe.
    needs: [],
    touches: [...op.touches.map(({ now: _, ...part }) => part), { reads: op.needs.flatMap(need => need.on) }],
  }
}

const textOf = (op: Op, omission: Omission): string =>
  [...op.stack, op.fn].join('/') + (omission.id === '' ? '' : `~${omission.id}`)

function shortestEnd(text: string, all: readonly string[]): string {
  const parts = text.split('/')
  for (let n = 1; n < parts.length; n++) {
    const end = parts.slice(-n).join('/')
    if (all.filter(other => endsWith(other, end)).length === 1) return end
  }
  return text
}

const endsWith = (text: string, end: string): boolean => text === end || text.endsWith(`/${end}`)
