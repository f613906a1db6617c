import { at2627, type Changes } from './change.ts'

/** The history of switches: who is told, and when. */
export const NOTIFIER_HISTORY = {
  configMmuNotifier: [at2627(true, 'Every kernel here is built with it; it can be left out.')],
  rangeCallback: [
    at2627(false, 'start and end, and single pages: nothing between unmapping and freeing.'),
    {
      since: '3.19',
      value: true,
      commit: null,
      note: 'invalidate_range, third patch of the series; its id is not verified.',
    },
  ],
  gatherFlushNotifies: [
    at2627(false, 'The gather’s flush is for CPUs only.'),
    {
      since: '3.19-2of3',
      value: true,
      commit: '34ee645e83b6 [c]',
      note: 'It calls the notifier, which is still empty.',
    },
  ],
  tableFreeNotifies: [
    at2627(false, 'No callback at all between end() and the free of page tables.'),
    { since: '3.19-2of3', value: true, commit: '34ee645e83b6 [c]', note: 'The last flush covers page tables too.' },
  ],
  endImpliesInvalidate: [
    at2627(false, 'There is nothing that end() could call.'),
    { since: '3.19', value: true, commit: null, note: 'Third patch of the series; its id is not verified.' },
    {
      since: '6.6',
      value: false,
      commit: 'ec8832d007cb [id]',
      note: 'end() calls its own callbacks only; 6.12 source agrees.',
    },
  ],
  onlyEnd: [
    at2627(false, 'There is one kind of end().'),
    {
      since: '4.15',
      value: true,
      commit: '4645b9fe84bf [id]',
      note: 'Copy on write and the split of a huge page do not tell twice; 6.1 source agrees.',
    },
    {
      since: '6.6',
      value: false,
      commit: 'ec8832d007cb [id]',
      note: 'Gone, as no end() tells secondary TLBs any more; 6.12 source agrees.',
    },
  ],
  clearFlushNotifies: [
    at2627(
      false,
      'Nobody has invalidate_range. In 2.6.27 invalidate_page is called there, from 2.6.32 on change_pte alone.',
    ),
    {
      since: '3.19',
      value: true,
      commit: null,
      note: 'ptep_clear_flush_notify() calls invalidate_range; third patch of the series, its id is not verified.',
    },
    {
      since: '6.6',
      value: false,
      commit: 'ec8832d007cb [id]',
      note: 'The macro is gone: ptep_clear_flush() notifies, as every flush of the architectures does; 6.12 source agrees.',
    },
  ],
  changePte: [
    at2627(false, 'There is no such callback.'),
    {
      since: '3.7',
      value: true,
      commit: null,
      note: '2.6.32, for KVM and KSM; the number and its commit are not verified. The source before 3.7 has it.',
    },
    {
      since: '6.6',
      value: false,
      commit: '997308f9ae72 [id]',
      note: '6.10, with f7842747d13d: set_pte_at_notify() is set_pte_at(). This kernel stands for 6.12, as recorded.',
    },
  ],
  archFlushNotifies: [
    at2627(false, 'The architectures know nothing of secondary TLBs.'),
    {
      since: '6.6',
      value: true,
      commit: '6bbd42e2df8f [id]',
      note: 'Their TLB flushes call the notifier; 6.12 source agrees.',
    },
  ],
  endVmaFlushNotifies: [
    at2627(
      false,
      'Up to 4.18 the generic tlb_end_vma() flushed and forgot the range. Mechanism not verified in source.',
    ),
    { since: '4.19', value: true, commit: 'fd1102f0aade [id]', note: 'The range is kept for the notifier.' },
  ],
  collapseNotifies: [
    at2627(
      false,
      'Files are collapsed since 4.8 (f3f0e1d2150b), with a flush of the CPUs and no word to anybody else. Older kernels collapse none.',
    ),
    { since: '6.1', value: true, commit: 'f268f6cf875f [id]', note: 'start and end around it; 6.1 source agrees.' },
  ],
  invalidatePagePlacement: [
    at2627('under-ptl', 'ptep_clear_flush_notify(): callbacks must not sleep.'),
    {
      since: '3.7',
      value: 'after-ptl',
      commit: null,
      note: 'Callbacks may sleep: 2ec74c3 [id]. Under the lock again in 4.11 and 4.12: c7ab0d2fdc84 [id].',
    },
    {
      since: '4.13',
      value: 'none',
      commit: '5f32b265400d [id]',
      note: 'invalidate_page is removed, merge ea25c4317946; its users have start and end.',
    },
  ],
  rmapRangeCall: [
    at2627('every-page', 'Up to 4.12 by invalidate_page, in 4.13 and 4.14 by invalidate_range.'),
    {
      since: '4.15',
      value: 'anon-only',
      commit: '0f10851ea475 [c]',
      note: 'Pages of files are left to end(); 6.1 source agrees.',
    },
    {
      since: '6.6',
      value: 'every-page',
      commit: '6bbd42e2df8f [id]',
      note: 'By the flush, or by what puts it off; 6.12 source agrees.',
    },
  ],
  pasidDrain: [
    at2627(
      'entries',
      'VT-d from 4.4 on: entries are flushed, and no page fault may be outstanding. Others: not verified.',
    ),
    {
      since: '6.1',
      value: 'full',
      commit: '66ac4db36f4c [id]',
      note: '5.8, as intel_svm_drain_prq(); 6.12 source agrees, intel_iommu_drain_pasid_prq().',
    },
  ],
  upgradeNotifies: [
    at2627(false, 'The flush in ptep_set_access_flags() is for CPUs only.'),
    {
      since: '6.6',
      value: true,
      commit: '6bbd42e2df8f [id]',
      note: 'The flush tells secondary TLBs, as all flushes do; arch/arm64/mm/fault.c of 6.12 agrees.',
    },
  ],
  oomReaperTells: [
    at2627(
      'left-alone',
      '4.14 to 4.18, unless all subscribers never block: not verified. What 4.6 to 4.13 did is not either.',
    ),
    {
      since: '4.19',
      value: 'told',
      commit: '93065ac753e4 [id]',
      note: 'start() may answer -EAGAIN; 6.12 source agrees.',
    },
  ],
  endOnFailedStart: [
    at2627(false, 'From 4.19 on start() may be refused where it must not block, and nobody gets an end() then.'),
    {
      since: '6.1',
      value: true,
      commit: 'c2655835fd8c [c]',
      note: '5.12: all that have an end() get it, and whoever may refuse must have none. The patch was read.',
    },
  ],
} satisfies Changes
