import { first, type Names, withFile } from './name.ts'

/** Flushes of the CPUs and switches of the mm: IPIs of their own vector up to 3.5, generations since 4.14. */
export const CPU_NAMES: Names = {
  flush_tlb_mm_range: first('flush_tlb_mm', ['3.7', 'flush_tlb_mm_range']),
  smp_call_function_many_cond: withFile(
    'native_flush_tlb_others',
    'arch/x86/kernel/tlb_64.c',
    ['3.7', 'smp_call_function_many'],
    ['6.1', 'smp_call_function_many_cond'],
  ),
  flush_tlb_func: first(
    'smp_invalidate_interrupt',
    ['3.7', 'flush_tlb_func'],
    ['4.15', 'flush_tlb_func_remote'],
    ['6.1', 'flush_tlb_func'],
  ),
  switch_mm_irqs_off: withFile('switch_mm', 'arch/x86/include/asm/mmu_context.h', ['4.13', 'switch_mm_irqs_off']),
  load_new_mm_cr3: first('load_cr3', ['4.15', 'load_new_mm_cr3']),
}

/** Functions of an architecture that our programs name by x86’s. */
export const X86_NAMES: Names = { exc_page_fault: first('do_page_fault', ['6.1', 'exc_page_fault']) }
export const ARM64_NAMES: Names = { exc_page_fault: first('do_page_fault') }
