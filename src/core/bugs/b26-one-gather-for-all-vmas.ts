import type { Bug } from './bug.ts'
import { reapedProcess } from './scenarios/reaped-process.ts'

export const B26: Bug = {
  id: 'B26',
  title: 'The OOM reaper uses one gather for all VMAs',
  wrong:
    'The gather took “the whole range” for “the mm is dying” and left out the flush, on arm64. Other threads of the process were still running and wrote into freed pages.',
  affected: { from: '4.6', until: '4.15', evidence: ['id'] },
  introducedBy: [{ id: 'aac453635549', what: 'adds the OOM reaper', release: '4.6', evidence: ['id'] }],
  fixedBy: [{ id: '687cb0884a71', what: 'gives each VMA a gather of its own', release: '4.15', evidence: ['id'] }],
  cves: [{ id: 'CVE-2017-18202', evidence: ['id'] }],
  tags: { consumers: ['CPU'], hardware: ['CPU TLB'], operations: ['OOM reaper'] },
  invariants: ['I1'],
  actors: 'The OOM reaper, a thread of its victim, and somebody who gets the freed frame',
  rule: 'I1',
  present: { kernel: '4.13', arch: 'arm64', driver: 'notifier', switches: {} },
  fixed: { kernel: '4.15', arch: 'arm64', driver: 'notifier', switches: {} },
  toggle: { field: 'oomReaperGather', value: 'one-for-all' },
  scenario: reapedProcess,
  run: [
    { says: 'A thread writes heap[0]: the translation is in its TLB.', moves: [['CPU 1', 'through', 'cpu-accessed']] },
    {
      says: 'The OOM reaper clears the PTE. Its gather takes the mm for dead, flushes nothing, and frees the page.',
      moves: [['CPU 0', 'through', 'page-freed']],
    },
    { says: 'Another process gets the frame.', moves: [['CPU 2', 'through', 'alloc_pages']] },
    {
      says: 'The thread has not noticed that it is being killed. It writes heap[0] through its TLB, into another’s frame.',
      moves: [['CPU 1', 'through', 'used-after-free']],
    },
  ],
}
