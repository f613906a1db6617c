import * as v from 'valibot'
import { DRIVER_KINDS, KERNEL_IDS } from '../core/runs/settings.ts'
import { LIMITS, type Scenario } from '../core/scenarios/scenario.ts'
import { cpuAction } from './schema-actions.ts'
import { consumer } from './schema-consumers.ts'
import { flag, list, oneOf, page, pageNumber, switches, text, whole } from './schema-parts.ts'

/*
 * The shape of a scenario file, field by field, with the sentence that an editor shows beside it. public/scenario.schema.json is
 * made from this; what the parts mean to each other is the business of core/scenarios/check.ts.
 */

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
      v.strictObject({
        atc: whole('Entries of its ATC (Dev-TLB).', 1, LIMITS.tlb),
        timesOut: flag('It may leave an Invalidate Request unanswered, until the IOMMU gives up.'),
      }),
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
