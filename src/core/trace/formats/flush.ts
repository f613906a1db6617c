import { decimal, key, pointer, range, wholeSpace, word } from '../fields.ts'
import { actorOf, type TraceRecord } from '../record.ts'
import { type Answer, type BatchFlush, emit, missing, mmOf, type Scene, taskOf } from '../scene.ts'
import { type Format, format } from './format.ts'

const MM = key('mm')
const FREED = key('freed_tables')
const FROM = key('from_cpu')
const GEN = key('gen')
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
    const batch = s.cast.batchFlushes.has(r.line) ? beginBatchFlush(r, s) : null
    if (batch !== null) s.generations.set(s.events.length, batch.number)
    const to = cpusOf(mask).filter(cpu => cpu !== r.cpu)
    emit(s, r, batch?.mm ?? flushMm(r, s), { type: 'ipi-sent', to, skipped: [] })
  }),
  format('flush_tlb_func', (r, s) => {
    const pages = range(r.args)
    if (pages === null) return missing(s, r, 'start= and end=')
    const from = decimal(r.args, FROM) ?? r.cpu
    const answering = s.answering.get(actorOf(r))
    if (answering !== undefined) answering.probed = true
    else if (from !== r.cpu) answer(r, s, true)
    const before = s.events.length
    const named = pointer(r.args, MM)
    const batch = named === null && word(r.args, MM) !== null ? batchFlushOn(r, s, from) : null
    emit(s, r, batch?.mm ?? named, {
      type: 'cpu-tlb-flushed',
      cpu: r.cpu,
      from,
      range: wholeSpace(pages) ? 'all' : pages,
    })
    const generation = batch?.number ?? decimal(r.args, GEN)
    if (generation !== null && s.events.length > before) s.generations.set(before, generation)
  }),
  // include/trace/events/tlb.h: where flush_tlb_func() of a CPU that was asked ends, unless there was nothing left to flush
  format('tlb_flush', (r, s) => {
    if (!r.args.includes('remote shootdown')) return
    if (!s.answering.has(actorOf(r))) answer(r, s, false)
    s.answering.delete(actorOf(r))
  }),
  // arch/x86/include/asm/trace/irq_vectors.h: the interrupt with which another CPU asks for something, a flush for one
  ...['call_function_single_entry', 'call_function_entry'].map(name => format(name, (r, s) => answer(r, s, false))),
]

/** arch_tlbbatch_flush() begins: it has no probe of its own, and is told from the CPUs that flush for nobody in particular. */
function beginBatchFlush(r: TraceRecord, s: Scene): BatchFlush | null {
  const mm = mmOf(s, r) ?? taskOf(s, r).worked
  if (mm === null || !s.cast.followed.has(mm)) return null
  const batch: BatchFlush = { mm, number: -1 - s.batchFlushes.size, done: false }
  s.batchFlushes.add(s.events.length)
  s.batchFlushing.set(r.cpu, batch)
  emit(s, r, mm, { type: 'cpu-flush-started', range: 'all', freedTables: false })
  return batch
}

/** The one that this CPU was asked for by `from`: its flush_tlb_info names no mm. On its own CPU it begins here if no other was asked. */
function batchFlushOn(r: TraceRecord, s: Scene, from: number): BatchFlush | null {
  const known = s.batchFlushing.get(from) ?? null
  if (from !== r.cpu) return known
  const batch = known === null || known.done ? beginBatchFlush(r, s) : known
  if (batch !== null) batch.done = true
  return batch
}

/** A probe misses where its CPU is in the handler of another one: then only what is around it tells of the flush. */
function answer(r: TraceRecord, s: Scene, probed: boolean): void {
  const a: Answer = { at: s.events.length, cpu: r.cpu, probed }
  s.answers.push(a)
  s.answering.set(actorOf(r), a)
}

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
