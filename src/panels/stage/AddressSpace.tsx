import { hexAddr, type Vpn } from '../../core/units.ts'
import type { MmView, VmaView } from '../../core/view/world.ts'
import { Cells } from '../shared/Cells.tsx'
import { Mark } from '../shared/Mark.tsx'
import { pageWords } from '../shared/words.ts'
import { Cell } from './Cell.tsx'
import { type Region, regionsOf, type Segment } from './strip.ts'

/** The address space as a strip of pages, VMA by VMA. */
export function AddressSpace({ mm }: { readonly mm: MmView }) {
  const regions = regionsOf(mm.pages, mm.vmas)
  return (
    <section className="space" aria-label="Address space">
      {regions.map(region => (
        <RegionStrip key={region.start} region={region} />
      ))}
    </section>
  )
}

function RegionStrip({ region }: { readonly region: Region }) {
  const { vma } = region
  const gone = vma !== null && !vma.mapped
  return (
    <div className="region" style={{ flexGrow: region.segments.length }}>
      <p className="region-head">
        <b className={gone ? 'region-gone' : ''}>{vma?.label ?? 'no VMA'}</b>
        <span>{vma === null ? '' : vmaText(vma, gone)}</span>
        <span className="mono region-address">{addressText(region.start)}</span>
      </p>
      <Cells label={`Pages of ${vma?.label ?? 'the hole'} from ${hexAddr(region.start)}`} className="pages">
        {region.segments.map(segment => (
          <Page key={segment.first.vpn} segment={segment} from={region.start} />
        ))}
      </Cells>
    </div>
  )
}

function Page({ segment, from }: { readonly segment: Segment; readonly from: Vpn }) {
  const { first, count } = segment
  const named =
    first.pfn === null ? '' : first.state === 'unmapped' ? `, was frame ${first.pfn}` : `, frame ${first.pfn}`
  const what = count === 1 ? first.label : `${count} pages from ${first.label}`
  return (
    <Cell
      use={first.state}
      className="page mono"
      place={`page:${first.vpn}`}
      pfn={first.pfn}
      vpn={first.vpn}
      style={{ flexGrow: Math.min(4, Math.log2(count) + 1) }}
      label={`${what}: ${pageWords[first.state]}${count === 1 ? `${named}${first.soft === undefined ? '' : `, ${first.soft}`}` : ''}`}
    >
      <span>{count === 1 ? first.vpn - from : `${first.vpn - from} to ${first.vpn - from + count - 1}`}</span>
      <Mark kind={first.state} />
    </Cell>
  )
}

/** `0x7ffe_4000_0000`: groups of four, so that a class can read it aloud. */
export function addressText(vpn: Vpn): string {
  const digits = hexAddr(vpn).slice(2)
  return `0x${digits.replace(/\B(?=(?:[0-9a-f]{4})+$)/g, '_')}`
}

/** `rw- file`, `VMA removed`; of the kernel's own memory, which is in no VMA, that it is the kernel's. */
function vmaText({ kind, protection }: VmaView, gone: boolean): string {
  if (kind === 'kernel') return gone ? 'kernel, unmapped' : 'kernel'
  if (gone) return 'VMA removed'
  return kind === 'anon' ? protection : `${protection} ${kind}`
}
