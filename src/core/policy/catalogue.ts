import type { Arch, DriverKind, KernelId } from '../runs/settings.ts'

/** A choice that a reader has, with what it means in one sentence. */
export interface Option<Id extends string> {
  readonly id: Id
  readonly label: string
  readonly what: string
}

/** Oldest first: the order of the slider. */
export const KERNELS: readonly Option<KernelId>[] = [
  {
    id: '2.6.27',
    label: '2.6.27',
    what: 'The first notifiers: start, end and single pages. Callbacks run under rcu_read_lock() and must not sleep.',
  },
  {
    id: '3.7',
    label: '3.7',
    what: 'Callbacks may sleep. All are made outside the page-table lock, that for a single page after it is dropped.',
  },
  {
    id: '3.18',
    label: '3.18',
    what: 'Of ranges only start and end: nothing is called between unmapping and freeing, and nothing at all for page tables.',
  },
  {
    id: '3.19-1of3',
    label: '3.19 1/3',
    what: 'First patch of the series alone: an empty inline function that nobody calls. No run changes.',
  },
  {
    id: '3.19-2of3',
    label: '3.19 2/3',
    what: 'Second patch: the function is called where TLBs are flushed and tables freed, and is still empty. No run changes.',
  },
  {
    id: '3.19',
    label: '3.19',
    what: 'Third patch: drivers can subscribe to invalidate_range. It comes after the unmap and before the free.',
  },
  {
    id: '4.13',
    label: '4.13',
    what: 'A second zap at work on the same mm makes tlb_finish_mmu() flush everything. invalidate_page is gone.',
  },
  {
    id: '4.15',
    label: '4.15',
    what: 'Calls of invalidate_range are dropped where end() is enough, and an end() without it is there for some paths.',
  },
  {
    id: '4.19',
    label: '4.19',
    what: 'The flush at the end of a VMA tells secondary TLBs too. start() may refuse where it must not block.',
  },
  {
    id: '5.5',
    label: '5.5',
    what: 'munmap unmaps under the read lock (4.20). A flush forced by a second zap tells drivers of an empty range (5.2).',
  },
  {
    id: '6.1',
    label: '6.1',
    what: 'munmap keeps the write lock below a stack (5.8). end() still calls invalidate_range, before the CPUs are flushed.',
  },
  {
    id: '6.6',
    label: '6.6',
    what: 'The architecture’s TLB flush itself calls arch_invalidate_secondary_tlbs; end() does not any more.',
  },
  {
    id: '6.14',
    label: '6.14',
    what: 'x86 too frees the page tables of processes by RCU, as other architectures did before.',
  },
  { id: '6.19', label: '6.19', what: 'Page tables of the kernel itself are freed later, and IOMMUs are told before.' },
]

export const DRIVERS: readonly Option<DriverKind>[] = [
  {
    id: 'naive',
    label: 'naive',
    what: 'Flushes its TLB in start and in end: what a driver could do before 3.19 that left the page table in place.',
  },
  {
    id: 'empty-table',
    label: 'empty table',
    what: 'AMD IOMMUv2 before 3.19: from start to end the PASID points at an empty page table.',
  },
  {
    id: 'notifier',
    label: 'notifier',
    what: 'Flushes in invalidate_range, arch_invalidate_secondary_tlbs from 6.6. Does nothing in start and end.',
  },
]

export const ARCHITECTURES: readonly Option<Arch>[] = [
  {
    id: 'x86',
    label: 'x86',
    what: 'TLB shootdown by IPI; one flush for all VMAs; page tables freed with the pages, by RCU from 6.14 on.',
  },
  {
    id: 'arm64',
    label: 'arm64',
    what: 'TLBI broadcast; a flush at the end of each VMA; page tables freed by RCU since 3.18.',
  },
]

/** What this model leaves out, where a reader may otherwise believe that it is there. docs/kernel-map.md says more. */
export const LEFT_OUT: readonly string[] = [
  'One step at a time: memory is sequentially consistent, there are no store buffers and no relaxed orders.',
  'Anonymous read faults get a page of their own, and the shared zero page only where a scenario asks for it.',
  'A page that a device’s or guest’s write must copy is copied by a CPU that the scenario names for it; drivers of GPUs do not copy. One reference decides whether a page is copied.',
  'A device that hits the IOTLB accesses memory in the same step, so no DMA is in flight behind a translation. With ATS the same holds of a translated request, so an Invalidate Completion never waits for one.',
  'One IOMMU, one invalidation queue; a wait command takes no place in it and is executed in one step with the last command before it. One PASID, or two where the scenario says so; unless it says otherwise, one page request a device that waits in no queue.',
  'Where page requests wait in a queue, one is there as soon as it is sent, and its place free as soon as it is read; who reads it, and what an unbind does, have the names of VT-d’s driver, whoever’s commands are sent. A device has one group under way; an unbind is one for all devices.',
  'A CPU leaves its mm only where its script says so, and comes back, to the one ASID that it has. Else lazy TLB mode is a property of a CPU. Flushes have generations (tlb_gen) where a CPU switches, or where they are among the accounts; elsewhere a CPU drops what each request names.',
  'The allocator has one list of free frames, most recently freed first, for all CPUs. A second process that only allocates has no page table.',
  'The mmap lock is not fair, and there are no per-VMA locks. Faults run under one step of the page-table lock; the PMD lock is there for huge pages and moved tables.',
  'Unlinking VMAs from the reverse maps is one step; rmap removal is part of clearing the PTE. Who searches them takes no lock, but for that of a file while khugepaged takes page tables out through it.',
  'Reclaim and migration name their pages. Writing out and reading from swap are one step each; pages of files stay in the page cache; who faults on a page under migration keeps the mmap lock while it waits.',
  'KVM: an SPTE and what the guest’s TLB has of it are one; mmu_lock keeps everyone out, memslots come and go but do not move, pages are 4 KiB. A guest access that the process refuses is left undone.',
  'Mirrors of HMM and ODP: the device and the driver’s fault handler are one thread. What drivers do when the process exits is left out. The IOMMU driver subscribes before the run begins and stays; a grace period of SRCU waits for those too who began after it.',
  'An RCU grace period waits for every CPU with interrupts disabled, also one that disabled them after it began. GUP-fast is the only walk without locks, and returns empty-handed where the kernel would go the slow way.',
  'A huge page has as many frames as the scenario has pages in its 2 MiB, each counted by itself. It goes whole; faults on anonymous memory get small pages, and khugepaged is the only one to make it huge.',
  'Accessed bits are kept where they are among the accounts, of PTEs and not of entries above them. A walker sets Accessed and Dirty in the same step that reads the entry.',
  'Processors walk on speculation only where a script says so, and IOMMUs never.',
  'Stacks have no guard gap and no limit. Page tables that two processes share are tables of PTEs here, and shared by two regions for good.',
]
