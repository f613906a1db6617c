/** A number as it is written: `1.36` and `9` stand for 1.36 × 10⁹; a power of null stands for no power. */
export interface Written {
  readonly digits: string
  readonly power: number | null
}

/** Smaller percentages than this are written with a power of ten. */
const SMALL = 0.001
/** Larger counts than this too. */
const LARGE = 1e6

/** A share of 0 to 1 as a percentage of three digits. What is not all is never written as 100, and what is not nothing not as 0. */
export function percentOf(share: number): Written {
  const percent = 100 * share
  // Sums of many shares miss 1 by a little.
  if (percent > 100 - 1e-9) return { digits: '100', power: null }
  if (percent >= 99.95) return { digits: '>99.9', power: null }
  if (percent === 0 || percent >= SMALL) return { digits: `${Number(percent.toPrecision(3))}`, power: null }
  return scientific(Math.log10(percent))
}

/** The same in a narrow place: two digits at most, or that it is less than a tenth. */
export function shortPercentOf(share: number): string {
  const percent = 100 * share
  if (percent === 0) return '0'
  if (percent > 100 - 1e-9) return '100'
  if (percent < 0.1) return '<0.1'
  if (percent > 99) return '>99'
  return percent < 9.95 ? percent.toFixed(1) : percent.toFixed(0)
}

/** A count, given by its base-2 logarithm: exact up to a million. */
export function countOf(log2: number, count: (n: number) => string): Written {
  const n = 2 ** log2
  return n < LARGE ? { digits: count(Math.round(n)), power: null } : scientific(log2 * Math.log10(2))
}

function scientific(log10: number): Written {
  const power = Math.floor(log10)
  const digits = (10 ** (log10 - power)).toFixed(2)
  return digits === '10.00' ? { digits: '1.00', power: power + 1 } : { digits, power }
}
