/*
 * Makes recordings that nobody made out of those that were: other addresses, other processes, other probes. What is changed
 * is changed everywhere, so that the text stays one that a kernel could have written.
 */

/** A text of a recording in, another out. */
export type Transform = (text: string) => string

export const lines =
  (change: (line: string, i: number) => string | null): Transform =>
  text =>
    text
      .split('\n')
      .flatMap((line, i) => change(line, i) ?? [])
      .join('\n')

export const without = (pattern: RegExp): Transform => lines(line => (pattern.test(line) ? null : line))

/** The workload's mappings, which all lie at 16 TiB, a few GiB further up: page tables stay where they end. */
export const otherAddresses: Transform = text => text.replace(/\b(0x)?1000(?=[0-9a-f]{8}\b)/g, '$12a60')

export const otherPids: Transform = text =>
  text.replace(/^( *\S+)-(\d+)( +\[)/gm, (_, task, pid, rest) => `${task}-${Number(pid) + 70_000}${rest}`)

/** CPU 0 becomes 5, CPU 1 becomes 2. */
export function otherCpus(text: string): string {
  const cpu = (n: string): number => [5, 2][Number(n)] ?? Number(n)
  const mask = (hex: string): string =>
    `0x${[0, 1].reduce((m, n) => m | (((Number.parseInt(hex, 16) >> n) & 1) << cpu(`${n}`)), 0).toString(16)}`
  return text
    .replace(/ \[00(\d)\] /g, (_, n) => ` [00${cpu(n)}] `)
    .replace(/from_cpu=(\d)/g, (_, n) => `from_cpu=${cpu(n)}`)
    .replace(/cpumask=0x([0-9a-f]+)/g, (_, m) => `cpumask=${mask(m)}`)
}

/** Every frame 1 GiB further up. Probes print frames in decimal, tracepoints in hex, table pages by address. */
export function otherFrames(text: string): string {
  const up = 0x40000
  return text
    .replace(/\b(pfn|was|now)=0x([0-9a-f]+)/g, (all, k, n) =>
      /^0+$/.test(n) ? all : `${k}=0x${(Number.parseInt(n, 16) + up).toString(16)}`,
    )
    .replace(/\bpfn=(\d+)(?![0-9a-fx])/g, (_, n) => `pfn=${Number(n) + up}`)
    .replace(
      /_table=0xffff8880([0-9a-f]{8})/g,
      (_, n) => `_table=0xffff8880${(Number.parseInt(n, 16) + up * 4096).toString(16).padStart(8, '0')}`,
    )
}

export const otherTask: Transform = text => text.replace(/mnwl-/g, 'a b [1] c-')
export const carriageReturns: Transform = text => text.replaceAll('\n', '\r\n')
/** As with another trace clock: nanoseconds, or a mere counter. */
export const nanoseconds: Transform = text => text.replace(/ (\d+\.\d{6}): /g, ' $1321: ')
export const counter: Transform = text => text.replace(/ (\d+)\.(\d{6}): /g, ' $1$2: ')

export const withoutSteps = without(/tracing_mark_write: (STEP|BEGIN|END)/)
export const withoutPageProbes = without(/ (page_remove_rmap|folio_remove_rmap_\w+|__tlb_remove_\w+): /)
export const withoutMeasurements = without(/ mn_(page|table|summary): /)
export const withoutKmem = without(/ mm_page_(alloc|free|free_batched): /)
export const withoutModule = without(/ mn_\w+: /)

/** The split that mprotect() asked for, as munmap() of a part of the huge page asks for it; the mprotect is left out. */
export function splitByMunmap(text: string): string {
  const all = text.split('\n')
  const called = all.findIndex(line => / sys_mprotect\(/.test(line))
  const returned = all.findIndex(line => / sys_mprotect -> /.test(line))
  const from = all.findIndex(line => / __split_huge_pmd: /.test(line))
  const split = all.slice(
    from,
    all.findIndex((line, i) => i > from && / change_protection: /.test(line)),
  )
  const rest = all.toSpliced(called, returned + 1 - called)
  const locked = rest.findIndex(
    (line, i) => / sys_munmap\(/.test(rest[i - 1] ?? '') && / mmap_lock_acquire_returned/.test(line),
  )
  const time = /\d+\.\d{6}: /.exec(rest[locked] ?? '')?.[0] ?? ''
  return rest.toSpliced(locked + 1, 0, ...split.map(line => line.replace(/\d+\.\d{6}: /, time))).join('\n')
}

/** Moves a line that comes too late for it to just before the first line that matches `before`. */
export const moved =
  (what: RegExp, before: RegExp): Transform =>
  text => {
    const all = text.split('\n')
    const to = all.findIndex(line => before.test(line))
    const from = all.findIndex((line, i) => i > to && what.test(line))
    if (to < 0 || from < 0) return text
    const [line = ''] = all.splice(from, 1)
    all.splice(to, 0, line)
    return all.join('\n')
  }
