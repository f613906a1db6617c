import type { Machine } from '../machine/cells.ts'
import type { Setup } from '../machine/setup.ts'
import { LISTED, listedAt, mayLeave } from '../machine/subscriptions.ts'
import type { ProgramBuilder } from '../threads/program.ts'
import type { PictureFact } from './picture.ts'

/** The first operation of a thread of a consumer that somebody registers in the course of the run: until then there is nothing to use. */
export function waitForRegistration(
  s: Setup,
  asm: ProgramBuilder,
  consumer: number,
  op: { readonly fn: string; readonly file: string; readonly label: string },
): void {
  const name = (): string => s.consumers[consumer]?.name ?? ''
  asm.op({
    ...op,
    why: 'Nothing is mapped for it before it hears of invalidations.',
    needs: [
      {
        on: [s.resources.openPairs],
        holds: m => listedAt(s.shape, m, consumer) !== LISTED.notYet,
        as: 'reads',
      },
    ],
    blocked: () => `${name()} has not subscribed yet`,
    run: (_m, _emit, next) => next,
  })
}

const LISTED_TEXT: Readonly<Record<number, string>> = {
  [LISTED.in]: 'in the list',
  [LISTED.notYet]: 'not there yet',
  [LISTED.out]: 'out of the list',
  [LISTED.put]: 'to be freed',
  [LISTED.freed]: 'freed',
}

/** Where its subscription is, for those who watch; nothing where nobody comes or goes. */
export function listedFacts(s: Setup, consumer: number, m: Machine): PictureFact[] {
  if (!mayLeave(s.shape)) return []
  const at = listedAt(s.shape, m, consumer)
  const busy = at === LISTED.out || at === LISTED.put
  return [{ name: 'mmu_notifier', short: 'notifier', value: LISTED_TEXT[at] ?? '', busy }]
}
