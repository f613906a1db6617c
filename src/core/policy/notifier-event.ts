import type { NotifierReason } from '../machine/event.ts'
import { KERNEL_IDS } from '../runs/settings.ts'
import type { Policy } from './policy.ts'

/** The first kernel here whose ranges name an event: they came in 5.2 (6f4f13e8d9e2). */
const FIRST = KERNEL_IDS.indexOf('5.5')

/** A sentence on enum mmu_notifier_event of include/linux/mmu_notifier.h, with a space before it; nothing where ranges name none. */
export const eventSentence = ({ kernel }: Policy, reason: NotifierReason): string =>
  KERNEL_IDS.indexOf(kernel) >= FIRST ? ` The range says why: MMU_NOTIFY_${reason}.` : ''
