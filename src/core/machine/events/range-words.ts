import type { PageRange, Vpn } from '../../units.ts'
import type { Names } from '../caption.ts'

/** `buf[0] to buf[3]`, `buf[0]`, `everything`. */
export function rangeWords(r: PageRange | 'all', n: Names): string {
  if (r === 'all') return 'everything'
  if (r.end - r.start <= 1) return n.page(r.start)
  return `${n.page(r.start)} to ${n.page((r.end - 1) as Vpn)}`
}
