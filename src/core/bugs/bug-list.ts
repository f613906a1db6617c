import { B01 } from './b01-refill-between-start-and-clear.ts'
import { B02 } from './b02-page-tables-freed-outside-the-pair.ts'
import { B03 } from './b03-first-end-restores-the-table.ts'
import { B04 } from './b04-fault-storm.ts'
import { B05 } from './b05-end-vma-forgets-the-notifier.ts'
import { B06 } from './b06-tables-queued-before-the-flush.ts'
import { B07 } from './b07-mremap-drops-locks-before-the-flush.ts'
import { B08 } from './b08-mremap-tells-devices-at-the-end.ts'
import { B09 } from './b09-nested-gather-tells-an-empty-range.ts'
import { B10 } from './b10-collapse-tells-nobody.ts'
import { B11 } from './b11-collapse-frees-under-gup-fast.ts'
import { B12 } from './b12-replaced-page-told-at-the-end.ts'
import { B13 } from './b13-raised-permission.ts'
import { B15 } from './b15-kernel-table-freed-under-the-iommu.ts'
import { B16 } from './b16-apic-page-stays-in-the-vmcs.ts'
import { B17 } from './b17-vma-read-before-the-sequence.ts'
import { B18 } from './b18-pfn-cache-refreshed-in-between.ts'
import { B19 } from './b19-frames-without-a-count.ts'
import { B20 } from './b20-refused-start-without-an-end.ts'
import { B21 } from './b21-removed-before-the-end.ts'
import { B22 } from './b22-mapping-forgotten-before-the-flush.ts'
import { B23 } from './b23-reclaim-defers-its-flush.ts'
import { B24 } from './b24-parallel-zaps.ts'
import { B25 } from './b25-barrier-for-anothers-tlbi.ts'
import { B26 } from './b26-one-gather-for-all-vmas.ts'
import { B27 } from './b27-stack-grows-into-the-hole.ts'
import { B28 } from './b28-unshared-without-a-flush.ts'
import { B29 } from './b29-moved-table-that-was-freed.ts'
import { B30 } from './b30-lazy-cpus-keep-the-table.ts'
import { B31 } from './b31-copied-before-the-flush.ts'
import { B32 } from './b32-given-back-before-the-flush.ts'
import { B33 } from './b33-atc-flushed-before-the-iotlb.ts'
import { B34 } from './b34-sleeps-under-the-lock.ts'
import { B35 } from './b35-flush-missed-while-switching.ts'
import type { Bug } from './bug.ts'

/** The shelf, by number. To add one: a file, its import, its line. See docs/bugs.md. */
export const BUGS: readonly Bug[] = [
  B01,
  B02,
  B03,
  B04,
  B05,
  B06,
  B07,
  B08,
  B09,
  B10,
  B11,
  B12,
  B13,
  B15,
  B16,
  B17,
  B18,
  B19,
  B20,
  B21,
  B22,
  B23,
  B24,
  B25,
  B26,
  B27,
  B28,
  B29,
  B30,
  B31,
  B32,
  B33,
  B34,
  B35,
]

export const bugById = (id: string): Bug | undefined => BUGS.find(bug => bug.id === id.toUpperCase())
