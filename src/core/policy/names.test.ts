import { describe, expect, it } from 'vitest'
import { BUGS } from '../bugs/bug-list.ts'
import { ARCHS, type Arch, KERNEL_IDS, type KernelId } from '../runs/settings.ts'
import { buildLab, type Lab } from '../scenarios/build.ts'
import type { CpuAction, Scenario } from '../scenarios/scenario.ts'
import { SCENARIOS } from '../scenarios/scenario-list.ts'
import { fnOf, runAlone } from '../testing/films.ts'
import { app, buf, gpu, scenarioOf } from '../testing/labs.ts'
import { type CodePlace, placeIn, RENAMED } from './names.ts'
import { presetOf, usualDriver } from './presets.ts'

const alone = (
  action: CpuAction,
  task: 'app' | 'kernel' = 'app',
  region: Partial<ReturnType<typeof buf>> = {},
  parts: Pick<Partial<Scenario>, 'accounts'> = {},
): Scenario =>
  scenarioOf({ frames: 16, regions: [buf({ pages: 2, ...region })], cpus: [{ ...app(action), task }, app()], ...parts })

/** What no shipped scenario and no bug does. */
const others: readonly Scenario[] = [
  alone({ do: 'exit' }),
  alone({ do: 'migrate', page: 'buf[0]' }, 'kernel'),
  alone({ do: 'ksm-merge', page: 'buf[0]', with: 'buf[1]' }, 'kernel'),
  alone({ do: 'uprobe', page: 'buf[0]' }, 'app', { kind: 'file', protection: 'r' }),
  alone({ do: 'writeback', region: 'buf' }, 'kernel', { kind: 'file' }),
  alone({ do: 'thp-split', region: 'buf' }, 'app', { huge: true }),
  alone({ do: 'thp-split', region: 'buf' }, 'app', { huge: true, kind: 'file' }),
  alone({ do: 'collapse', region: 'buf' }),
  alone({ do: 'age', region: 'buf' }, 'kernel', {}, { accounts: ['accessed'] }),
]
const SCENES: readonly Scenario[] = [...SCENARIOS, ...BUGS.map(bug => bug.scenario), ...others]

const labOf = (scenario: Scenario, kernel: KernelId, arch: Arch): Lab =>
  buildLab(scenario, presetOf(kernel, arch, usualDriver(kernel)))

/** Where our programs stand, in any kernel. */
const PLACES: readonly CodePlace[] = [
  ...new Map(
    (
      [
        ['4.15', 'x86'],
        ['6.14', 'x86'],
        ['6.14', 'arm64'],
      ] as const
    )
      .flatMap(([kernel, arch]) => SCENES.flatMap(scenario => labOf(scenario, kernel, arch).programs))
      .flatMap(program => program.ops)
      .map(({ fn, file, stack }) => [`${stack} ${fn} ${file}`, { fn, file, stack }]),
  ).values(),
]

const textsOf = ({ fn, file, stack }: CodePlace): string[] => [fn, file, ...stack]

const SHOWN = new Map(
  KERNEL_IDS.map(kernel => [
    kernel,
    [...new Set(ARCHS.flatMap(arch => PLACES.flatMap(place => textsOf(placeIn({ kernel, arch }, place)))))],
  ]),
)

describe('names by kernel', () => {
  it('every line names something that our programs have', () => {
    const asks = scenarioOf({
      cpus: [app()],
      regions: [buf({ present: 'none' })],
      devices: [gpu({ do: 'read', page: 'buf[0]' })],
    })
    // What is no program: the fault worker, and CPUs that are interrupted.
    const answers = [
      runAlone(labOf(asks, '6.1', 'x86'), 1),
      runAlone(labOf(alone({ do: 'munmap', region: 'buf' }), '6.1', 'x86')),
    ]
    const ours = new Set([...answers.flatMap(run => run.film.map(fnOf)), ...PLACES.flatMap(textsOf)])
    for (const { fn, stack } of PLACES)
      for (const [i, name] of [...stack, fn].entries()) ours.add(`${stack[i - 1]}>${name}`)
    expect(RENAMED.map(({ name }) => name).filter(name => !ours.has(name))).toEqual([])
  })

  it.each([
    ['folios', /folio/, '6.1'],
    ['the mmap lock', /^mmap_(read|write)_|mmap_lock\.h/, '6.1'],
    ['mm/mmu_gather.c', /mm\/mmu_gather\.c/, '5.5'],
    ['mm/vma.c', /mm\/vma\.c|^vms_/, '6.14'],
    ['the split of tlb_flush_mmu()', /^tlb_flush_mmu_/, '3.18'],
    ['the walk of the reverse map', /page_vma_mapped/, '4.13'],
    ['start and end of the list by themselves', /^mn_hlist_/, '5.5'],
    ['SRCU', /^srcu_/, '3.7'],
  ] as const)('%s: not before their time, and from then on', (_, name, since) => {
    const has = [...SHOWN].flatMap(([kernel, texts]) => (texts.some(text => name.test(text)) ? [kernel] : []))
    expect(has).toEqual(KERNEL_IDS.slice(KERNEL_IDS.indexOf(since)))
  })

  it('the lock of munmap(), by its functions', () => {
    const lock = { fn: 'mmap_write_lock_killable', file: 'include/linux/mmap_lock.h', stack: ['munmap'] }
    expect(placeIn({ kernel: '3.18', arch: 'x86' }, lock)).toEqual({
      fn: 'down_write',
      file: 'include/linux/rwsem.h',
      stack: ['munmap'],
    })
    expect(placeIn({ kernel: '4.13', arch: 'x86' }, lock).fn).toBe('down_write_killable')
    expect(placeIn({ kernel: '6.1', arch: 'x86' }, lock)).toEqual(lock)
  })

  it('a caller that one function has taken in is named once', () => {
    const stack = ['zap_pte_range', 'tlb_flush_mmu', 'tlb_flush_mmu_free']
    const free = { fn: 'tlb_batch_pages_flush', file: 'mm/mmu_gather.c', stack }
    expect(placeIn({ kernel: '3.7', arch: 'x86' }, free)).toEqual({
      fn: 'free_pages_and_swap_cache',
      file: 'mm/swap_state.c',
      stack: ['zap_pte_range', 'tlb_flush_mmu'],
    })
  })
})
