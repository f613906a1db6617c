import { asVpn, type PageRange, type Vpn } from '../../units.ts'
import { homeOf } from '../cast.ts'
import { argument, hex, type Key, key, page, pointer, says } from '../fields.ts'
import { actorOf, type TraceRecord } from '../record.ts'
import { emit, missing, mmOf, type Scene, taskOf } from '../scene.ts'
import type { RecordedCall } from '../timed.ts'
import { type Format, format } from './format.ts'

const MM = key('mm')
const WRITE = key('write')
const SUCCESS = key('success')
const ADDRESS = key('address')
const ERROR = key('error_code')
/** First argument and length of the calls that take a range. */
const RANGES: ReadonlyMap<string, readonly [Key, Key]> = new Map([
  ['sys_munmap', [argument('addr'), argument('len')]],
  ['sys_madvise', [argument('start'), argument('len_in')]],
  ['sys_mprotect', [argument('start'), argument('len')]],
  ['sys_pkey_mprotect', [argument('start'), argument('len')]],
  ['sys_mremap', [argument('addr'), argument('old_len')]],
  ['sys_mmap', [argument('addr'), argument('len')]],
])
const BEHAVIOR = argument('behavior')
const PROT = argument('prot')
const BRK = argument('brk')

/** syscalls:sys_enter_*: `sys_munmap(addr: 100000000000, len: 4000)`. kernel/trace/trace_syscalls.c */
export function syscall(r: TraceRecord, s: Scene): void {
  const home = homeOf(s.cast, actorOf(r), r.line)
  const name = r.name.slice('sys_'.length)
  const t = taskOf(s, r)
  // A call begins and ends with nothing held open: what a truncated or filtered recording left open is forgotten.
  t.pairs.length = 0
  t.gathers.length = 0
  t.freeing = false
  t.flushing = null
  t.unlinked = null
  t.caller = null
  if (r.kind === 'syscall-entry') entered(r, s, home, name)
  else returned(r, s, home, name)
}

function entered(r: TraceRecord, s: Scene, mm: string | null, name: string): void {
  const range = argumentRange(r)
  if (range === null && RANGES.has(r.name)) missing(s, r, 'address and length')
  emit(s, r, mm, { type: 'syscall-entered', name, range })
  if (mm === null || !s.cast.followed.has(mm)) return
  const call: RecordedCall = {
    name,
    from: s.events.length - 1,
    to: null,
    who: actorOf(r),
    cpu: r.cpu,
    mm,
    range,
    advice: hex(r.args, BEHAVIOR),
    protection: name.endsWith('mprotect') ? hex(r.args, PROT) : null,
    heapEnd: name === 'brk' ? brkEnd(r.args) : null,
    result: null,
  }
  // Another process may have its mm_struct where one was that is gone.
  s.released.delete(mm)
  s.calls.push(call)
  taskOf(s, r).call = call
}

function returned(r: TraceRecord, s: Scene, mm: string | null, name: string): void {
  emit(s, r, mm, { type: 'syscall-returned', name })
  const t = taskOf(s, r)
  const call = t.call
  t.call = null
  if (mm === null || call === null || call.name !== name) return
  call.to = s.events.length - 1
  const value = /^(?:0x)?([0-9a-f]{1,13})$/.exec(r.args)
  if (value !== null) call.result = asVpn(Math.ceil(Number.parseInt(value[1] ?? '0', 16) / 4096))
}

/** The pages a system call names, or null: brk names only their new end. */
export function argumentRange(r: TraceRecord): PageRange | null {
  const names = RANGES.get(r.name)
  if (names === undefined) return null
  const start = page(r.args, names[0])
  const length = hex(r.args, names[1])
  return start === null || length === null ? null : { start, end: asVpn(start + Math.ceil(length / 4096)) }
}

/** The page up to which `brk` is asked to move the heap's end, rounded up as PAGE_ALIGN() does. */
export function brkEnd(args: string): Vpn | null {
  const address = hex(args, BRK)
  return address === null ? null : asVpn(Math.ceil(address / 4096))
}

export const callFormats: readonly Format[] = [
  // include/trace/events/mmap_lock.h
  format('mmap_lock_acquire_returned', (r, s) => {
    const mm = pointer(r.args, MM)
    const write = says(r.args, WRITE, 'true')
    if (mm === null || !(write || says(r.args, WRITE, 'false'))) return missing(s, r, 'mm= and write=')
    if (says(r.args, SUCCESS, 'false')) return
    const t = taskOf(s, r)
    const mode = write ? 'write' : 'read'
    // mmap_write_downgrade() has no event of its own: the lock is acquired again, for reading, without being released.
    const downgraded = mode === 'read' && t.locks.get(mm) === 'write'
    t.locks.set(mm, mode)
    emit(s, r, mm, downgraded ? { type: 'mmap-lock-downgraded' } : { type: 'mmap-lock-taken', mode })
  }),
  format('mmap_lock_released', (r, s) => {
    const mm = pointer(r.args, MM)
    if (mm === null) return missing(s, r, 'mm=')
    taskOf(s, r).locks.delete(mm)
    emit(s, r, mm, { type: 'mmap-lock-released' })
  }),
  // arch/x86/include/asm/trace/exceptions.h; bit 1 of the error code is a write
  format('page_fault_user', (r, s) => {
    const vpn = page(r.args, ADDRESS)
    if (vpn === null) return missing(s, r, 'address=')
    const t = taskOf(s, r)
    t.fault = vpn
    t.pairs.length = 0
    t.gathers.length = 0
    const write = ((hex(r.args, ERROR) ?? 0) & 2) !== 0
    emit(s, r, mmOf(s, r), { type: 'fault-taken', vpn, write, by: 'cpu' })
  }),
  // exit_group() does not return; exit_mmap() comes from the last mmput()
  format('exit_mmap', (r, s) => {
    emit(s, r, pointer(r.args, MM), { type: 'kernel-function-entered', name: r.name })
  }),
  // Functions whose entering is all we need to know, on whatever their task is at work on
  ...[
    'do_wp_page',
    'wp_page_copy',
    'do_swap_page',
    'swap_writepage',
    'ptep_clear_flush',
    'pmdp_invalidate',
    'pmdp_huge_clear_flush',
    'pmdp_collapse_flush',
    'move_page_tables',
    'change_protection',
    'copy_page_range',
    '__split_huge_pmd',
    'try_to_unmap',
    'try_to_migrate',
    'set_migration_pte',
    'remove_migration_pte',
  ].map(name => format(name, (r, s) => emit(s, r, mmOf(s, r), { type: 'kernel-function-entered', name }))),
]
