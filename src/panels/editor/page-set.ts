/** Whole numbers as a person writes them: `0-3, 7`. Runs of at least three are written as one; order and repeats stay. */
export function rangesText(numbers: readonly number[]): string {
  const parts: string[] = []
  for (let i = 0; i < numbers.length; ) {
    let end = i
    while (numbers[end + 1] === (numbers[end] as number) + 1) end++
    const run = end - i >= 2
    parts.push(run ? `${numbers[i]}-${numbers[end]}` : `${numbers[i]}`)
    i = run ? end + 1 : i + 1
  }
  return parts.join(', ')
}

/** More than this nobody means. */
const LONGEST = 1024

/** What `0-3, 7` names, in its order; null when it is not written so. Nothing at all names no pages. */
export function readRanges(text: string): readonly number[] | null {
  const numbers: number[] = []
  for (const part of text.split(/[\s,]+/)) {
    if (part === '') continue
    const [, from, to] = /^(\d{1,6})(?:[-–](\d{1,6}))?$/.exec(part) ?? []
    if (from === undefined) return null
    const last = Number(to ?? from)
    for (let n = Number(from); n <= last && numbers.length <= LONGEST; n++) numbers.push(n)
    if (last < Number(from)) return null
  }
  return numbers.length > LONGEST ? null : numbers
}
