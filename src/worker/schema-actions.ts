import * as v from 'valibot'
import { flag, inRegion, oneOf, page, text } from './schema-parts.ts'

export const cpuAction = v.variant('do', [
  v.strictObject({
    do: oneOf('Unmap pages. brk is munmap by another name.', ['munmap', 'brk']),
    ...inRegion,
    through: v.exactOptional(
      text('Region with which the range ends, where more than one goes. What lies between goes too.', 32),
    ),
  }),
  v.strictObject({ do: oneOf('Drop the pages, keep the mapping.', ['madvise-dontneed']), ...inRegion }),
  v.strictObject({ do: oneOf('Map a region that is not there yet.', ['mmap']), region: inRegion.region }),
  v.strictObject({
    do: oneOf('Move the pages to another address.', ['mremap']),
    region: inRegion.region,
    to: text('A region that is not there yet, of the same size.', 32),
    wholeTables: flag(
      'The pages stand for all 512 of their page tables: where the kernel moves tables whole, these are.',
    ),
  }),
  v.strictObject({
    do: oneOf('The pages may be dropped, unless they are written again: MADV_FREE.', ['madvise-free']),
    ...inRegion,
  }),
  v.strictObject({
    do: oneOf('Change what the pages allow.', ['mprotect']),
    ...inRegion,
    to: oneOf('Read, read and write, or nothing.', ['r', 'rw', 'none']),
  }),
  v.strictObject({
    do: oneOf('NUMA balancing: each page faults once more, to see who uses it.', ['numa-hint']),
    ...inRegion,
  }),
  v.strictObject({ do: oneOf('The OOM reaper frees the app’s anonymous memory.', ['oom-reap']) }),
  v.strictObject({
    do: oneOf('Write-protect all pages of the app, to see which are written: /proc/pid/clear_refs.', ['clear-refs']),
  }),
  v.strictObject({ do: oneOf('Cut pages out of a file, wherever they are mapped.', ['truncate']), ...inRegion }),
  v.strictObject({
    do: oneOf('The kernel frees memory of its own, with its page table.', ['vfree']),
    region: inRegion.region,
  }),
  v.strictObject({
    do: oneOf('A driver unmaps its frames everywhere and frees them.', ['driver-free']),
    region: inRegion.region,
  }),
  v.strictObject({
    do: oneOf('Unmap pages wherever they are mapped, write them out and free them.', ['reclaim']),
    ...inRegion,
  }),
  v.strictObject({
    do: oneOf('Write-protect pages of a file wherever they are mapped, and write them out.', ['writeback']),
    ...inRegion,
  }),
  v.strictObject({
    do: oneOf('Look at Accessed bits wherever pages are mapped, and clear them, as kswapd does before it reclaims.', [
      'age',
    ]),
    ...inRegion,
    idle: flag('By page_idle: nothing is flushed.'),
  }),
  v.strictObject({ do: oneOf('Give the page another frame.', ['migrate']), page: page('A page: buf[0].') }),
  v.strictObject({
    do: oneOf(
      'collapse: small pages become one huge page, mapped by one entry. thp-split: a huge page is mapped page by page again.',
      ['collapse', 'thp-split'],
    ),
    region: inRegion.region,
  }),
  v.strictObject({
    do: oneOf('Take out the page tables of everyone who maps the file there: the end of a collapse.', ['retract']),
    region: inRegion.region,
  }),
  v.strictObject({
    do: oneOf('Walk the page table in software, without a lock, and take a reference: get_user_pages_fast().', [
      'gup-fast',
    ]),
    page: page('A page: buf[0].'),
    write: flag('To write to it.'),
    pin: flag('For a device that accesses the frame by its physical address: pin_user_pages_fast().'),
  }),
  v.strictObject({
    do: oneOf('The CPU runs something else and comes back to the process.', ['switch-mm']),
    to: oneOf('Another process, or a kernel thread, which keeps the mm lazily.', ['process', 'kernel-thread']),
  }),
  v.strictObject({ do: oneOf('Access one page.', ['read', 'write']), page: page('A page: buf[0].') }),
  v.strictObject({
    do: oneOf('A userfaultfd lifts the protection of pages: their write bits go, and the flush comes later.', [
      'uffd-unprotect',
    ]),
    ...inRegion,
  }),
  v.strictObject({
    do: oneOf('Read one page until somebody has written it.', ['await']),
    page: page('A page: buf[0].'),
  }),
  v.strictObject({
    do: oneOf('The processor walks for a page on speculation: no fault, no access.', ['speculate']),
    page: page('A page: buf[0].'),
  }),
  v.strictObject({
    do: oneOf('The other process takes a free frame and fills it.', ['allocate']),
    as: oneOf('With its data, or with bytes that a walker would take for PTEs.', ['data', 'pte-bytes']),
  }),
  v.strictObject({
    do: oneOf('ksmd merges two pages with the same contents. For the task kernel.', ['ksm-merge']),
    page: page('The page whose frame stays: buf[0].'),
    with: page('The page that gets it too: buf[1].'),
  }),
  v.strictObject({
    do: oneOf('UFFDIO_MOVE: the pages of an anonymous region move to another, where nothing is mapped.', ['uffd-move']),
    region: text('The region that they leave.', 32),
    to: text('The region that they come to, of the same size.', 32),
  }),
  v.strictObject({
    do: oneOf('uprobes set a breakpoint: the app gets a copy of a page of a file that it may only read.', ['uprobe']),
    page: page('The page that gets it: code[0].'),
  }),
  v.strictObject({
    do: oneOf('KVM_SET_USER_MEMORY_REGION: a memslot of a VM goes, or one that is absent comes.', ['memslot']),
    vm: text('Name of the VM.', 24),
    region: text('Region of the memslot.', 32),
    change: oneOf('What becomes of it.', ['delete', 'create']),
  }),
  v.strictObject({
    do: oneOf('Copies pages for faults of devices and guests, as long as there are any. For the task kernel.', [
      'serve-faults',
    ]),
  }),
  v.strictObject({
    do: oneOf(
      'A VM, or a GPU of user pointers, subscribes to the mm (mmu_notifier_register); or is given up, and freed at once or after a grace period.',
      ['register', 'unregister', 'put'],
    ),
    subscriber: text('Name of the consumer.', 24),
  }),
  v.strictObject({ do: oneOf('The process gets a child, which shares its pages.', ['fork']) }),
  v.strictObject({
    do: oneOf(
      'sva-unbind: the process gives its PASID up. sva-bind: it gets its PASID, once nobody else has the number.',
      ['sva-unbind', 'sva-bind'],
    ),
  }),
  v.strictObject({ do: oneOf('The process ends. Must come last.', ['exit']) }),
])
