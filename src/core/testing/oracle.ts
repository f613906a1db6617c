import { get } from '../machine/cells.ts'
import type { SimEvent } from '../machine/event.ts'
import { USE } from '../machine/setup.ts'
import type { Lab } from '../scenarios/build.ts'
import { type Level, type Pfn, tableBase, type Vpn } from '../units.ts'

/** What the oracle thinks of one step. */
export interface Opinion {
  readonly usedAfterFree: boolean
  readonly walkedAfterFree: boolean
}

/**
 * Decides whether accesses and walks were lawful from events alone: it knows how the run began, and never sees a state.
 * A frame is a page's from the moment it is mapped until it is freed, however long ago it was unmapped.
 */
export class Oracle {
  private readonly owner = new Map<Pfn, string>()

  constructor(lab: Lab) {
    const { shape, vpns } = lab.setup
    for (let n = 0; n < shape.sizes.frames; n++) {
      const pfn = n as Pfn
      const use = get(lab.initial, shape.use, pfn)
      const purpose = get(lab.initial, shape.purpose, pfn) - 1
      const place = shape.places[purpose]
      if (use === USE.anon || use === USE.file) this.owner.set(pfn, page(vpns[purpose] as Vpn))
      else if (use === USE.table && place !== undefined) this.owner.set(pfn, table(place.level, place.base))
      else if (use === USE.reserved) this.owner.set(pfn, 'kernel')
    }
  }

  watch(events: readonly SimEvent[]): Opinion {
    let usedAfterFree = false
    let walkedAfterFree = false
    for (const e of events) {
      switch (e.type) {
        case 'pte-set':
          this.owner.set(e.pfn, page(e.vpn))
          break
        case 'table-allocated':
          this.owner.set(e.pfn, table(e.level, e.vpn))
          break
        case 'page-allocated':
          this.owner.set(e.pfn, e.owner)
          break
        case 'page-freed':
        case 'table-freed':
          this.owner.delete(e.pfn)
          break
        case 'device-accessed':
        case 'cpu-accessed':
        case 'guest-accessed':
          if (this.owner.get(e.pfn) !== page(e.vpn)) usedAfterFree = true
          break
        case 'walk-read':
          if (this.owner.get(e.table) !== table(e.level, e.vpn)) walkedAfterFree = true
          break
      }
    }
    return { usedAfterFree, walkedAfterFree }
  }
}

const page = (vpn: Vpn): string => `page ${vpn}`
const table = (level: Level, vpn: Vpn): string => (level === 'PGD' ? 'PGD' : `${level} ${tableBase(level, vpn)}`)
