/**
 * Other names of what we read. Compilers split functions and say so in the symbol (unmap_page_range.isra.0); probes that were given no
 * name of their own get one made of the symbol; and functions have been renamed.
 */

/** What GCC and Clang append to a function they have split, cloned or specialised; in the name of a probe `.` becomes `_`. */
const SPLIT = /(?:[._](?:isra|part|constprop|cold|llvm|lto_priv)(?:[._]\d+)?)+$/
/** trace_kprobe.c: `p_SYMBOL_OFFSET`, `r_SYMBOL_OFFSET`; trace_fprobe.c: `SYMBOL__entry`, `SYMBOL__exit`. */
const PROBE = /^([pr])_(\w+?)_(\d+)$/
const FPROBE = /^(\w+?)__(entry|exit)$/

/** Today’s name of functions that had another one; what they do here has not changed. */
const RENAMED: Readonly<Record<string, string>> = {
  // One page of the usual size; up to 6.0 a macro’s function
  __tlb_remove_page: '__tlb_remove_page_size',
  // mm/swap_state.c: 6.16
  free_pages_and_caches: 'free_pages_and_swap_cache',
  // arch/x86/mm/tlb.c: before 5.13. (The paravirtual ones call it: they would count twice.)
  native_flush_tlb_others: 'native_flush_tlb_multi',
  // arch/x86/mm/tlb.c: before 5.13
  flush_tlb_func_remote: 'flush_tlb_func',
  flush_tlb_func_local: 'flush_tlb_func',
  // mm/page_io.c: 6.16
  swap_writeout: 'swap_writepage',
}

/** The name under which an event is read; the name itself where it has no other. */
export function nameRead(name: string): string {
  const probe = PROBE.exec(name)
  if (probe !== null) return nameRead(probe[1] === 'r' ? `${probe[2]}_ret` : (probe[2] ?? name))
  const fprobe = FPROBE.exec(name)
  if (fprobe !== null) return nameRead(fprobe[2] === 'exit' ? `${fprobe[1]}_ret` : (fprobe[1] ?? name))
  const returns = name.endsWith('_ret')
  const whole = (returns ? name.slice(0, -'_ret'.length) : name).replace(SPLIT, '')
  const now = RENAMED[whole] ?? whole
  return returns ? `${now}_ret` : now
}
