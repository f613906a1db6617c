import { decimal, key, pointer, range, wholeSpace, word } from '../fields.ts'
import { actorOf, type TraceRecord } from '../record.ts'
import { emit, missing, mmOf, type Scene, taskOf } from '../scene.ts'
import { type Format, format } from './format.ts'

const MM = key('mm')
const FREED = key('freed_tables')
const FROM = key('from_cpu')
const MASK = key('cpumask')

function flushMm(r: TraceRecord, s: Scene): string | null {
  return s.tasks.get(actorOf(r))?.flushing ?? mmOf(s, r)
}

/** CPU TLB shootdown. arch/x86/mm/tlb.c */
export const flushFormats: readonly Format[] = [
  format('flush_tlb_mm_range', (r, s) => {
    const mm = pointer(r.args, MM)
    const pages = range(r.args)
    if (mm === null || pages === null) return missing(s, r, 'mm=, start= and end=')
    taskOf(s, r).flushing = mm
    emit(s, r, mm, {
      type: 'cpu-flush-started',
      range: wholeSpace(pages) ? 'all' : pages,
      freedTables: decimal(r.args, FREED) === 1,
    })
  }),
  format('flush_tlb_mm_range_ret', (r, s) => emit(s, r, flushMm(r, s), { type: 'cpu-flush-completed' })),
  format('native_flush_tlb_multi', (r, s) => {
    const mask = word(r.args, MASK)
    if (mask === null) return missing(s, r, 'cpumask=')
    emit(s, r, flushMm(r, s), { type: 'ipi-sent', to: cpusOf(mask).filter(cpu => cpu !== r.cpu), skipped: [] })
  }),
  format('flush_tlb_func', (r, s) => {
    const pages = range(r.args)
    if (pages === null) return missing(s, r, 'start= and end=')
    const from = decimal(r.args, FROM) ?? r.cpu
    emit(s, r, pointer(r.args, MM), {
      type: 'cpu-tlb-flushed',
      cpu: r.cpu,
      from,
      range: wholeSpace(pages) ? 'all' : pages,
    })
  }),
]

/** `0x3` or `00000000,00000003`: the CPUs of a mask, ascending. */
function cpusOf(mask: string): number[] {
  const digits = mask.replace(/^0x|,/g, '')
  if (!/^[0-9a-fA-F]{1,256}$/.test(digits)) return []
  const cpus: number[] = []
  for (let i = 0; i < digits.length; i++) {
    const four = Number.parseInt(digits[digits.length - 1 - i] ?? '0', 16)
    for (let bit = 0; bit < 4; bit++) if ((four & (1 << bit)) !== 0) cpus.push(i * 4 + bit)
  }
  return cpus
}
