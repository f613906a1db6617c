import type { PictureEntry } from '../consumers/picture.ts'
import type { Machine } from '../machine/cells.ts'
import { pageLabel, pageVpn, type Setup, toPfn } from '../machine/setup.ts'
import { leafState } from './entries.ts'
import type { ConsumerEntryView, ConsumerView } from './world.ts'

/** Every consumer, each of its entries held against the page table as it is now. */
export const consumerViews = (s: Setup, m: Machine): ConsumerView[] =>
  s.consumers.map(({ name, picture }, index) => {
    const { lists, ...rest } = picture(m)
    return {
      index,
      name,
      ...rest,
      lists: lists.map(({ title, entries }) => ({ title, entries: entries.map(entry => entryView(s, m, entry)) })),
    }
  })

const entryView = (s: Setup, m: Machine, { page, tag, pfn, writable }: PictureEntry): ConsumerEntryView => ({
  vpn: pageVpn(s, page),
  label: pageLabel(s, page),
  tag,
  entry: pfn < 0 ? null : { pfn: toPfn(pfn), writable, state: leafState(s, m, page, pfn) },
})
