import type { Bug } from './bug.ts'
import { movedFile } from './scenarios/moved-file.ts'

export const B07: Bug = {
  id: 'B07',
  title: 'mremap() drops the page-table locks before the TLB flush',
  wrong:
    'The moved page is reachable at its new place before the old translation is flushed. Whoever truncates or unmaps the new place flushes that address only, and frees the frame while another CPU still uses the old one. From 4.9 on a dirty page was flushed under the locks; a clean one, as here, was not.',
  affected: { from: '3.2', until: '4.19', evidence: ['id'] },
  introducedBy: [{ id: '7b6efc2bc4f1', what: 'moves the flush out of the locks', release: '3.2', evidence: ['id'] }],
  fixedBy: [
    { id: 'eb66ae030829', what: 'flushes before the locks are dropped', release: '4.19', evidence: ['id'] },
    { id: '5d1904204c99', what: 'had done so for dirty pages alone', release: '4.9', evidence: ['id'] },
  ],
  cves: [{ id: 'CVE-2018-18281', evidence: ['id'] }],
  tags: { consumers: ['CPU'], hardware: ['CPU TLB'], operations: ['mremap', 'truncate'] },
  invariants: ['I1', 'I4'],
  actors:
    'One CPU that moves a page of a file, one that truncates the file, and a thread with the old translation in its TLB',
  rule: 'I1',
  present: { kernel: '4.15', arch: 'x86', driver: 'notifier', switches: {} },
  fixed: { kernel: '4.19', arch: 'x86', driver: 'notifier', switches: {} },
  toggle: { field: 'mremapFlush', value: 'after-unlock' },
  scenario: movedFile({
    id: 'mremap-against-truncate',
    title: 'A page moves while its file is truncated',
    purpose:
      'mremap() moves a PTE. Until the old address is flushed the page has two addresses, and only one of them is in the page table.',
    lookFor: 'Which locks are held when the old address is flushed?',
    bugs: ['B07'],
    devices: [],
    clean: true,
  }),
  run: [
    {
      says: 'CPU 2 reads the page at its old address: the translation is in its TLB.',
      moves: [['CPU 2', 'through', 'cpu-accessed']],
    },
    {
      says: 'CPU 0 moves the PTE to the new address and drops both page-table locks. The flush is still to come.',
      moves: [['CPU 0', 'through', 'pte_unmap_unlock']],
    },
    {
      says: 'CPU 1 truncates the file: it finds the page at its new address, unmaps it, flushes that address, and frees the frame.',
      moves: [['CPU 1', 'through', 'page-freed']],
    },
    {
      says: 'CPU 2 reads through the old translation, from a free frame. CPU 0 flushes the old address only now.',
      moves: [['CPU 2', 'through', 'used-after-free']],
    },
  ],
}
