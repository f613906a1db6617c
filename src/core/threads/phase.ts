/** A phase of the operation that the ribbon follows, in this kernel's true order. */
export interface PhaseView {
  readonly id: string
  /** Kernel name: `invalidate_range_start`, `zap_pte_range`. */
  readonly title: string
  readonly note: string
  /** work: the kernel does something. call: a notifier callback. hole: other kernels call a notifier here, this one does not. empty: called, and the function is empty. */
  readonly kind: 'work' | 'call' | 'hole' | 'empty'
  /** Pages are unmapped and not yet freed here. */
  readonly amber: boolean
}
