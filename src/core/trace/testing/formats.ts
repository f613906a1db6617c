import { lines, type Transform } from './transform.ts'

/*
 * The same recordings as other tools and other settings of ftrace print them. Each changes only how things are written, so that a
 * reader who knows the format reads the same.
 */

const HEAD = /^( *)(.+)-(\d+)( +)\[(\d+)\] (\S+) +(\d+)\.(\d{6}): (.*)$/s

interface Parts {
  readonly task: string
  readonly pid: string
  readonly cpu: number
  readonly flags: string
  /** Microseconds. */
  readonly time: number
  readonly rest: string
}

/** Writes every event anew. */
const written = (write: (p: Parts) => string): Transform =>
  lines(line => {
    const m = HEAD.exec(line)
    if (m === null) return line
    const [, , task = '', pid = '', , cpu = '', flags = '', seconds = '', micros = '', rest = ''] = m
    return write({ task, pid, cpu: Number(cpu), flags, time: Number(seconds) * 1e6 + Number(micros), rest })
  })

const stamp = (time: number): string => `${Math.floor(time / 1e6)}.${String(time % 1e6).padStart(6, '0')}`

/** trace-cmd report: no flags, no head but `cpus=2`, tracepoints of system calls, `print:`, addresses of probes as numbers. */
export const traceCmd: Transform = text =>
  `cpus=2\n${written(({ task, pid, cpu, time, rest }) => {
    const said = rest
      .replace(/^sys_(\w+)\((.*)\)$/, (_, name, args) => `sys_enter_${name}: ${args.replace(/: (\w)/g, ': 0x$1')}`)
      .replace(/^sys_(\w+) -> /, 'sys_exit_$1: ')
      .replace(/^tracing_mark_write: /, 'print: tracing_mark_write: ')
      .replace(/\([\w.]+\+0x0\/0x[0-9a-f]+\)/, '(ffffffff81234560)')
      .replace(/^(\w+): /, (name: string) => (name === 'print: ' ? name : name.padEnd(22)))
    return `${task.padStart(16)}-${pid.padEnd(5)} [${String(cpu).padStart(3, '0')}] ${stamp(time).padStart(12)}: ${said}`
  })(text.replace(/^#.*\n/gm, ''))}`

/** The option latency-format: CPU and flags in one word, whole microseconds since the first event, eight characters of the command. */
export const latencyFormat: Transform = text => {
  let first = -1
  return written(({ task, pid, cpu, flags, time, rest }) => {
    if (first < 0) first = time
    return `${task.slice(0, 8).padStart(8)}-${pid.padEnd(7)} ${String(cpu).padStart(3)}${flags} ${String(time - first).padStart(7)}us${time % 3 === 0 ? '+' : ' '}: ${rest}`
  })(text)
}

/** trace-cmd report -l: the same, with seconds. */
export const traceCmdLatency: Transform = written(
  ({ task, pid, cpu, flags, time, rest }) =>
    `${task.slice(0, 8).padStart(8)}-${pid.padEnd(5)} ${String(cpu).padStart(3)}${flags} ${stamp(time).padStart(12)}: ${rest}`,
)

/** The files of single CPUs, one after another. */
export const perCpuFiles: Transform = text =>
  ['[000]', '[001]']
    .map(cpu =>
      text
        .split('\n')
        .filter(line => line.includes(` ${cpu} `))
        .join('\n'),
    )
    .join('\n')

/** x86-tsc: cycles since the machine was switched on. */
export const cycles: Transform = written(
  ({ task, pid, cpu, flags, time, rest }) =>
    `${task}-${pid} [${String(cpu).padStart(3, '0')}] ${flags} ${Math.round(time * 2_400) + 8e15}: ${rest}`,
)

const PROBED = /: (unmap_page_range|flush_tlb_func|free_pgtables|page_remove_rmap|tlb_finish_mmu|change_protection): /
/** Functions that the compiler has split. */
export const splitFunctions: Transform = lines(line =>
  line.replace(
    PROBED,
    (_, name: string) => `: ${name}${['.isra.0', '.part.0', '.constprop.0.isra.0', '.cold'][name.length % 4]}: `,
  ),
)
/** Probes to which nobody gave a name. */
export const unnamedProbes: Transform = lines(line => line.replace(PROBED, ': p_$1_0: '))
/** With the system before each name. */
export const withSystems: Transform = lines(line =>
  line
    .replace(/: (unmap_page_range|tlb_\w+|flush_tlb_\w+): /, ': kprobes:$1: ')
    .replace(/: (mm_page_\w+): /, ': kmem:$1: ')
    .replace(/: (mn_\w+): /, ': mnlab:$1: '),
)
/** Four flags, as before migrate-disable was shown. */
export const fourFlags: Transform = lines(line => line.replace(/(\] )(\S{4})\S( +\d+\.\d{6}: )/, '$1$2$3'))
/** The option irq-info switched off. */
export const noFlags: Transform = lines(line => line.replace(/(\] )\S{5}( +\d+\.\d{6}: )/, '$1$2'))
