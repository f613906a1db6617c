/**
 * Phases as the tables of contents write them: `zap > unmap+gather x4 > end`. Only runs of one phase are folded here.
 */
export function foldPhases(names: readonly string[]): string {
  const parts: string[] = []
  for (let i = 0; i < names.length; ) {
    let n = 1
    while (names[i + n] === names[i]) n++
    parts.push(n === 1 ? `${names[i]}` : `${names[i]} x${n}`)
    i += n
  }
  return parts.join(' > ')
}

/**
 * The phases a folded order stands for: `x4` repeats a phase, `(a > b) x3` a group. Phase names have parentheses of
 * their own, `start(UNMAP)`; a group is one that begins a part and is followed by ` x` and a number.
 */
export function expandPhases(order: string): string[] {
  const parts = splitParts(order)
  return parts.flatMap(part => {
    const group = /^\((.*)\) x(\d+)$/s.exec(part)
    if (group !== null) return repeat(expandPhases(group[1] ?? ''), Number(group[2]))
    const run = /^(.*) x(\d+)$/s.exec(part)
    return run === null ? [part] : repeat([run[1] ?? ''], Number(run[2]))
  })
}

/** Splits at ` > ` outside parentheses. */
function splitParts(order: string): string[] {
  const parts: string[] = []
  let depth = 0
  let from = 0
  for (let i = 0; i < order.length; i++) {
    const c = order[i]
    if (c === '(') depth++
    else if (c === ')') depth--
    else if (c === '>' && depth === 0 && order[i - 1] === ' ') {
      parts.push(order.slice(from, i - 1))
      from = i + 2
    }
  }
  const last = order.slice(from)
  return last === '' ? parts : [...parts, last]
}

const repeat = <T>(items: readonly T[], times: number): T[] => Array.from({ length: times }, () => items).flat()
