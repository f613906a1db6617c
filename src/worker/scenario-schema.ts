import * as v from 'valibot'
import type { Switch } from '../core/policy/cards/card.ts'
import type { SwitchId } from '../core/policy/policy.ts'
import { SWITCHES } from '../core/policy/switches.ts'
import { DRIVER_KINDS, KERNEL_IDS } from '../core/runs/settings.ts'
import { LIMITS, type Scenario } from '../core/scenarios/scenario.ts'

/*
 * The shape of a scenario file, field by field, with the sentence that an editor shows beside it. public/scenario.schema.json is
 * made from this; what the parts mean to each other is the business of core/scenarios/check.ts.
 */

const whole = (what: string, least: number, most: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most), v.description(what))

const text = (what: string, most: number = LIMITS.textLength) =>
  v.pipe(v.string(), v.minLength(1), v.maxLength(most), v.description(what))

const list = <Item extends v.GenericSchema>(what: string, item: Item, most: number, least = 0) =>
  v.pipe(v.array(item), v.minLength(least), v.maxLength(most), v.description(what))

const oneOf = <const Words extends readonly string[]>(what: string, words: Words) =>
  v.pipe(v.picklist(words), v.description(what))

const flag = (what: string) => v.exactOptional(v.pipe(v.boolean(), v.description(what)))

/** A switch that takes part: its own values only, with what they mean. */
const switchValue = (card: Switch) => {
  const words = card.values.map(x => `${x.value}: ${x.label}`).join('; ')
  const what = `${card.label}. ${card.what} ${words}.`
  const names = card.values.flatMap(x => (typeof x.value === 'string' ? [x.value] : []))
  return v.exactOptional(
    names.length === 0 ? v.pipe(v.boolean(), v.description(what)) : v.pipe(v.picklist(names), v.description(what)),
  )
}

const switches = (what: string) =>
  v.pipe(
    v.strictObject(
      Object.fromEntries(SWITCHES.map(card => [card.id, switchValue(card)])) as Record<
        SwitchId,
        ReturnType<typeof switchValue>
      >,
    ),
    v.description(what),
  )

const pageNumber = (what: string) => whole(what, 0, LIMITS.pagesPerRegion - 1)

const region = v.strictObject({
  name: text('Short name, as scripts use it: buf.', 32),
  at: v.pipe(
    v.string(),
    v.regex(/^0x[0-9a-fA-F]{1,16}$/, 'Write it in hexadecimal: "0x100000000000".'),
    v.description('Address of the first page, hexadecimal, page-aligned: 0x100000000000.'),
  ),
  pages: whole('Pages of 4 KiB.', 1, LIMITS.pagesPerRegion),
  kind: oneOf(
    'Anonymous memory, pages of a file in the page cache, frames that a driver maps by number, or memory of the kernel itself.',
    ['anon', 'file', 'pfnmap', 'kernel'],
  ),
  protection: oneOf('Whether it may be written.', ['rw', 'r']),
  present: v.pipe(
    v.union([v.picklist(['all', 'none']), list('Page numbers.', pageNumber('A page.'), LIMITS.pagesPerRegion)]),
    v.description(
      'Pages that are mapped when the run starts: "all", "none", or their numbers. The others were never touched.',
    ),
  ),
  unmapped: flag('Not there yet: an mmap of a script makes it.'),
  uncounted: flag('Of kind pfnmap: frames inside a larger block, in use though their own reference count is 0.'),
  growsDown: flag('A stack. It can grow down, so munmap below it keeps the write lock on some kernels.'),
  pinned: v.exactOptional(
    list(
      'Pages that something else holds a reference to: unmapped, they stay allocated.',
      pageNumber('A page.'),
      LIMITS.pagesPerRegion,
    ),
  ),
  huge: flag(
    'One entry of a PMD table maps all of it from the start: a huge page. It begins at a multiple of 2 MiB and has that stretch for itself.',
  ),
  mm: v.exactOptional(oneOf('The address space that it lies in. Without it, the app’s.', ['child'])),
  sharesTable: v.exactOptional(text('hugetlb: region of the app whose page table this one, in the child, shares.', 32)),
  sharesWith: v.exactOptional(
    text('Region whose pages these are too: the same file, or after fork() the same anonymous pages.', 32),
  ),
})

const inRegion = {
  region: text('Name of a region.', 32),
  first: v.exactOptional(pageNumber('First page, counted from the start of the region. Without it, 0.')),
  pages: v.exactOptional(whole('How many pages. Without it, to the end of the region.', 1, LIMITS.pagesPerRegion)),
}
const page = (what: string) => text(what, 48)

const cpuAction = v.variant('do', [
  v.strictObject({ do: oneOf('Unmap pages. brk is munmap by another name.', ['munmap', 'brk']), ...inRegion }),
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

const cpu = v.strictObject({
  task: oneOf(
    'app: shares its page table with the devices. child: a second process with a page table of its own. kernel: a kernel thread. other: a process that only takes frames.',
    ['app', 'child', 'kernel', 'other'],
  ),
  tlb: whole('Entries of its TLB.', 0, LIMITS.tlb),
  walkCache: whole('Entries of its paging-structure cache.', 0, LIMITS.walkCache),
  lazy: flag('In lazy TLB mode: flushes skip it unless page tables are freed.'),
  script: list('What it does, in order.', cpuAction, LIMITS.scriptLength),
})

const device = v.strictObject({
  name: text('How it is called: GPU 0.', 24),
  ats: v.exactOptional(
    v.pipe(
      v.strictObject({ atc: whole('Entries of its ATC (Dev-TLB).', 1, LIMITS.tlb) }),
      v.description('It keeps translations in a cache of its own: PCIe ATS.'),
    ),
  ),
  asksFor: v.exactOptional(
    whole(
      'Pages that it asks for at once when it misses one: page requests of one group. Without it, the one page.',
      1,
      LIMITS.asksFor,
    ),
  ),
  script: list(
    'What it does, in order.',
    v.strictObject({
      do: oneOf('Access one page.', ['read', 'write']),
      page: page('A page: buf[0], or buf[any]: any page of the region, chosen when the access starts.'),
    }),
    LIMITS.scriptLength,
  ),
})

const reads = oneOf('Access one page.', ['read', 'write'])

const consumer = v.variant('kind', [
  v.strictObject({
    kind: oneOf('hmm, odp: a driver that mirrors pages of the app in a page table of its device.', ['hmm', 'odp']),
    name: text('How it is called: GPU 0.', 24),
    ...inRegion,
    script: list(
      'What the device does, in order.',
      v.variant('do', [
        v.strictObject({ do: reads, page: page('A page that is mirrored: buf[0].') }),
        v.strictObject({
          do: oneOf('The driver begins to mirror, first of all; or gives the mirror up, last of all.', [
            'insert',
            'remove',
          ]),
        }),
      ]),
      LIMITS.scriptLength,
    ),
  }),
  v.strictObject({
    kind: oneOf('gpu: a GPU whose driver holds pages by reference, and gives them back itself.', ['gpu']),
    name: text('How it is called: GPU 0.', 24),
    userptr: flag('Its driver has subscribed to the mm: start() unbinds pages and gives them back.'),
    driver: list(
      'What its driver does, in order.',
      v.strictObject({
        do: oneOf('Pin and map one page, or unmap it and give it back.', ['bind', 'release']),
        page: page('A page of the app: buf[0].'),
      }),
      LIMITS.scriptLength,
    ),
    script: list(
      'What the GPU does, in order.',
      v.strictObject({ do: reads, page: page('A page of the app: buf[0].') }),
      LIMITS.scriptLength,
    ),
  }),
  v.strictObject({
    kind: oneOf('kvm: a VM whose memory is the app’s.', ['kvm']),
    name: text('How it is called: VM 0.', 24),
    memslots: list(
      'Which pages of the app are guest memory.',
      v.strictObject({
        gfn: whole('Number of the first guest page.', 0, 2 ** 20 - 1),
        ...inRegion,
        absent: flag('Not there yet: the action memslot creates it.'),
      }),
      LIMITS.memslots,
    ),
    vcpus: list(
      'Its vCPUs: what the guest does on each.',
      v.strictObject({
        script: list(
          'What it does, in order.',
          v.strictObject({ do: reads, page: page('A page of a memslot, or the APIC page: buf[0].') }),
          LIMITS.scriptLength,
        ),
      }),
      LIMITS.vcpus,
    ),
    pfnCache: v.exactOptional(
      v.pipe(
        v.strictObject({
          page: page('A page of a memslot: buf[0].'),
          script: list('What KVM does with it, in order.', v.strictObject({ do: reads }), LIMITS.scriptLength),
        }),
        v.description('A guest page that KVM uses by its frame number.'),
      ),
    ),
    apicPage: v.exactOptional(
      page('Page behind the guest’s APIC-access page: the processor has its physical address from the VMCS.'),
    ),
  }),
])

const experiment = v.strictObject({
  what: text('What happens then.'),
  kernel: oneOf('The kernel to try it with.', KERNEL_IDS),
  driver: oneOf('What the IOMMU driver does in its callbacks.', DRIVER_KINDS),
  switches: v.exactOptional(switches('Switches to flip besides.')),
  schedule: v.exactOptional(
    text('Steps that lead to the moment, one base-36 digit an actor: 000322*5.', LIMITS.scheduleLength),
  ),
})

export const scenarioSchema = v.pipe(
  v.strictObject({
    $schema: v.exactOptional(text('Where an editor finds this schema.')),
    format: v.pipe(v.literal(1), v.description('Version of this format.')),
    id: v.pipe(
      v.string(),
      v.maxLength(64),
      v.regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'Write words of a to z and 0 to 9, with dashes between them.'),
      v.description('Name in links: munmap-plain.'),
    ),
    title: text('Headline.', 120),
    purpose: text('What the scenario shows, in a sentence or two.'),
    lookFor: text('What to watch while it runs.'),
    bugs: list(
      'Numbers of the bugs it tells of: B01.',
      v.pipe(v.string(), v.regex(/^B\d{2}$/, 'Write B and two digits: "B01".')),
      16,
    ),
    memory: v.pipe(
      v.strictObject({
        frames: whole('Physical frames, all of them.', 2, LIMITS.frames),
        regions: list('The VMAs.', region, LIMITS.regions, 1),
        zeroPage: flag(
          'Anonymous pages that were only read are the zero page, one frame for all of them. It takes a frame.',
        ),
      }),
      v.description('The memory of the machine and of the process.'),
    ),
    cpus: list('CPUs and what runs on them.', cpu, LIMITS.cpus, 1),
    devices: list(
      'Devices that share the page table of the app. None: there is no IOMMU either.',
      device,
      LIMITS.devices,
    ),
    iommu: v.pipe(
      v.strictObject({
        iotlb: whole('Entries of the IOTLB.', 0, LIMITS.tlb),
        walkCache: whole('Entries of its paging-structure cache.', 0, LIMITS.walkCache),
        queue: whole('Commands that the invalidation queue holds.', 1, LIMITS.queue),
        pageRequests: v.exactOptional(
          v.pipe(
            v.strictObject({
              queue: whole('Page requests that it holds.', 1, LIMITS.pageRequests),
              mayFail: flag('There may be no memory for a group of requests: it is answered Response Failure.'),
            }),
            v.description('The page request queue. Without it, each device has one request, which is never lost.'),
          ),
        ),
        pasids: v.exactOptional(
          v.pipe(
            v.strictObject({
              app: whole('PASID of the app.', 1, LIMITS.pasid),
              child: whole(
                'PASID of the child. The same number: it gets it when the app has given it up.',
                1,
                LIMITS.pasid,
              ),
            }),
            v.description(
              'Devices know the child too, by a PASID of its own or after the app. Without it, the app only.',
            ),
          ),
        ),
      }),
      v.description('The IOMMU.'),
    ),
    consumers: v.exactOptional(
      list('Who else has subscribed to notifiers of the app’s mm.', consumer, LIMITS.consumers),
    ),
    batchSize: whole('Pages that a gather holds before it must flush and free.', 1, LIMITS.batchSize),
    tableBatch: v.exactOptional(
      whole('Page tables that a gather collects before it hands them to RCU. Without it, all of them.', 1, 512),
    ),
    accounts: v.exactOptional(
      list(
        'What is kept count of besides, for rules that need it.',
        oneOf(
          'promises: which access is over (I6). contents: which bytes were taken (I8). order: who has seen which write (I7). generations: which flushes each CPU has made (I16). accessed: which entries, and which frames, walkers have written (I2).',
          ['promises', 'contents', 'order', 'generations', 'accessed'],
        ),
        5,
      ),
    ),
    switches: switches('Switches that the scenario sets, whatever the kernel.'),
    breaks: list('Things to try, with what happens then.', experiment, 16),
  }),
  v.title('MMU Notifier Lab scenario'),
  v.description('An experiment: who runs, on what memory.'),
)

/** Compiles only while the schema lets through nothing that a scenario could not be. */
export const asScenario = ({ $schema: _, ...scenario }: v.InferOutput<typeof scenarioSchema>): Scenario => scenario

export const judge = (value: unknown) => v.safeParse(scenarioSchema, value, { abortPipeEarly: true })
export type Issue = v.BaseIssue<unknown>
