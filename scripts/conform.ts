import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { problemLine } from '../src/core/base/problem.ts'
import { conform } from '../src/core/conformance/conform.ts'
import type { ConformanceReport, OperationReport, StepReport } from '../src/core/conformance/report.ts'
import { simulate } from '../src/core/conformance/simulate.ts'
import { recordingReader, understand } from '../src/core/trace/import.ts'
import type { RecordedKernel } from '../src/core/trace/kernel.ts'

const HELP = `Holds recordings of real kernels against the simulation.

  npm run --silent conform -- FILE… [--json] [--kernel=6.1|6.12]

FILE      a text of ftrace, plain or gzip-compressed; - reads from the standard input
--json    an array with one object a file, for one file too:
          {file, kernel, steps, counts, ignored, problems}, or {file, error} for one that is unreadable. A step is
          {step, operation, observed, simulated, verdict, differences, reason, operations}
            operation    munmap, brk, madvise (MADV_DONTNEED), madvise-free, madvise-pageout, mprotect, mremap, fork, cow,
                         clear-refs, migrate, reclaim, thp-split, collapse, exit, other; null when the step has none;
                         several: “munmap, madvise”
            observed     phases of everything in the step, in order of time
            simulated    phases of the simulation of its operations, one after another
            verdict      same; in-part: those simulated are the same, others were not simulated; differs; not-modelled.
                         Of the operations alone, whatever else is in the step; of one operation never in-part
            differences  sentences
            reason       what of the step is compared with nothing, and why; else null
            operations   for each operation of its own: name, verdict, differences, reason, notCompared (what the
                         recording does not show), meant (ids of differences that are meant: docs/conformance.md), observed, simulated, what was measured at each notifier callback
                         beside the simulation, and three claims tried on both
--kernel  whose recording it is; else it is concluded from the names of the events, then from that of the file

Exit status: 0 nothing differs (steps that are not modelled do not count), 1 something differs, 2 a file is unreadable.`

const CHUNK = 1 << 20

/** A file's report, or why there is none. */
type Outcome = { readonly report: ConformanceReport } | { readonly file: string; readonly error: string }

function read(file: string, kernel: RecordedKernel | undefined): Outcome {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(file === '-' ? 0 : file)
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) bytes = gunzipSync(bytes)
  } catch (e) {
    return { file, error: e instanceof Error ? e.message : String(e) }
  }
  const reader = recordingReader()
  const decoder = new TextDecoder()
  for (let i = 0; i < bytes.length; i += CHUNK)
    reader.feed(decoder.decode(bytes.subarray(i, i + CHUNK), { stream: true }))
  reader.feed(decoder.decode())
  const recording = understand(reader.end())
  const { counts, problems } = recording
  if (counts.records + counts.ignored === 0) {
    return { file, error: problems[0] === undefined ? 'no events' : problemLine(problems[0]) }
  }
  return { report: conform(recording, simulate, { file, ...(kernel === undefined ? {} : { kernel }) }) }
}

function asJson(outcome: Outcome): object {
  if ('error' in outcome) return outcome
  const { report } = outcome
  return {
    file: report.file,
    kernel: report.kernel,
    steps: report.steps.map(s => ({
      step: s.step,
      operation: operationOf(s),
      observed: s.observed,
      simulated: s.simulated,
      verdict: s.verdict,
      differences: s.differences,
      reason: s.reason,
      operations: s.operations.map(o => ({
        name: o.name,
        verdict: o.verdict,
        differences: o.differences,
        reason: o.reason,
        notCompared: o.notCompared,
        meant: o.meant.map(d => d.id),
        observed: o.observed,
        simulated: o.simulated,
        callbacks: o.callbacks,
        claims: o.claims,
      })),
    })),
    counts: report.counts,
    ignored: Object.fromEntries(report.ignored.map(i => [i.name, i.lines])),
    problems: report.problems,
  }
}

const operationOf = (s: StepReport): string | null =>
  s.operations.length === 0 ? null : s.operations.map(o => o.name).join(', ')

function asText({ report }: { readonly report: ConformanceReport }): string {
  const lines = [`${report.file}  (kernel ${report.kernel ?? 'unknown'}, ${report.counts.lines} lines)`]
  for (const s of report.steps) {
    lines.push('', `  ${s.step}: ${s.verdict}${s.operations.length > 1 ? ` (${s.operations.length} operations)` : ''}`)
    if (s.reason !== null) lines.push(`    ${s.reason}`)
    if (s.operations.length === 0) lines.push(...columns(s.observed))
    for (const o of s.operations) lines.push(...operationText(o))
  }
  const ignored = report.ignored.map(i => `${i.name} × ${i.lines}`)
  if (ignored.length > 0) lines.push('', `  ignored: ${ignored.join(', ')}`)
  for (const p of report.problems) lines.push(`  ${problemLine(p)}`)
  if (report.moreProblems > 0) lines.push(`  and ${report.moreProblems} further problems`)
  return lines.join('\n')
}

function operationText(o: OperationReport): string[] {
  const rows = o.rows.map(
    r => [run(r.observed), run(r.simulated), r.same || o.verdict === 'not-modelled' ? ' ' : '≠'] as const,
  )
  const lines = table([['recorded', o.verdict === 'not-modelled' ? 'not modelled' : 'simulated', ' '], ...rows])
  for (const d of o.differences) lines.push(`    ${d}`)
  for (const what of o.notCompared) lines.push(`    Not compared: ${what}.`)
  for (const d of o.meant) lines.push(`    Meant (${d.id}): ${d.what}`)
  for (const c of o.claims)
    lines.push(
      `    ${c.sentence} Measured: ${c.measured}. Simulated: ${c.simulated}.${c.where === null ? '' : ` ${c.where}.`}`,
    )
  return lines
}

const run = (r: { readonly phase: string; readonly count: number } | null): string =>
  r === null ? '' : r.count === 1 ? r.phase : `${r.phase} x${r.count}`

function columns(observed: readonly string[]): string[] {
  const runs = foldRuns(observed)
  return runs.length === 0 ? [] : table([['recorded', 'not modelled', ' '], ...runs.map(r => [r, '', ' '] as const)])
}

function foldRuns(phases: readonly string[]): string[] {
  const runs: { phase: string; count: number }[] = []
  for (const phase of phases) {
    const last = runs.at(-1)
    if (last?.phase === phase) last.count++
    else runs.push({ phase, count: 1 })
  }
  return runs.map(run)
}

function table(rows: readonly (readonly [string, string, string])[]): string[] {
  const width = Math.max(...rows.map(r => r[0].length))
  return rows.map(([left, right, mark]) => `   ${mark} ${left.padEnd(width)}  ${right}`.trimEnd())
}

function main(args: readonly string[]): number {
  const files = args.filter(a => a === '-' || !a.startsWith('-'))
  const options = args.filter(a => a !== '-' && a.startsWith('-'))
  const chosen = options.find(o => o.startsWith('--kernel='))?.slice('--kernel='.length)
  const unknown = options.find(o => !['--json', '--help', '-h'].includes(o) && !/^--kernel=6\.(1|12)$/.test(o))
  if (options.includes('--help') || options.includes('-h')) {
    console.log(HELP)
    return 0
  }
  if (files.length === 0 || unknown !== undefined) {
    console.error(unknown === undefined ? 'No file given.' : `No such option: ${unknown}`)
    console.error(HELP)
    return 2
  }
  const outcomes = files.map(f => read(f, chosen as RecordedKernel | undefined))
  const reports = outcomes.flatMap(o => ('report' in o ? [o] : []))
  for (const o of outcomes) if ('error' in o) console.error(`${o.file}: ${o.error}`)
  if (options.includes('--json')) console.log(JSON.stringify(outcomes.map(asJson), null, 1))
  else console.log(reports.map(asText).join('\n\n'))
  if (reports.length < outcomes.length) return 2
  return reports.some(o => o.report.steps.some(s => s.verdict === 'differs')) ? 1 : 0
}

process.exitCode = main(process.argv.slice(2))
