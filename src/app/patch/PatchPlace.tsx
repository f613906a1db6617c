import { useEffect, useLayoutEffect, useMemo } from 'react'
import { useStore } from 'zustand'
import { DRIVERS } from '../../core/policy/catalogue.ts'
import { CLAIMS } from '../../core/studies/patch/claim-list.ts'
import { driversFor, toggled } from '../../core/studies/patch/series.ts'
import { GAPS } from '../../core/studies/patch/subjects.ts'
import { GapCard } from '../../panels/patch/GapCard.tsx'
import '../../panels/patch/patch.css'
import { Switches } from '../../panels/patch/Switches.tsx'
import { count } from '../explore/answer.ts'
import { useHandles, useLab } from '../lab-context.ts'
import { ProblemList } from '../Notices.tsx'
import { labHash } from '../route.ts'
import { Claims } from './Claims.tsx'
import { ClaimsTable } from './ClaimsTable.tsx'
import { driverWritten, linkUnder, type PatchChoice, patchQuery, readPatch } from './patch-link.ts'
import { patchAnswers } from './patch-session.ts'
import { claimWanted, gapAnswer, gapWanted } from './questions.ts'

const TITLES = { B01: 'Gap 1: a page is freed before end()', B02: 'Gap 2: page tables are freed after end()' } as const

/** The patch that added invalidate_range: three switches, two gaps, and each of its claims put to every run. */
export default function PatchPlace() {
  const { store } = useHandles()
  const query = useLab(s => s.patch)
  const { patch: choice, problems } = useMemo(() => readPatch(query), [query])
  const looked = useStore(patchAnswers, s => s.looked)
  useAsked(choice)

  const gaps = GAPS.map(gap => ({ ...gap, ...gapAnswer({ looked }, gapWanted(choice, gap)) }))
  const choose = (next: PatchChoice) => store.getState().setPatch(patchQuery(next))
  return (
    <section className="patch" aria-label="The patch">
      <header className="patch-lead">
        <h2>Unmapped, not yet freed: three patches, two gaps</h2>
        <p>
          An IOMMU that walks the page table of a process keeps translations of its own. Who tells it, between the unmap
          and the free? Switch each patch of 2014 on or off; every interleaving is searched again.
        </p>
      </header>
      {problems.length > 0 && (
        <div className="sheet" role="status" aria-label="Problems with the link">
          <ProblemList problems={problems} />
        </div>
      )}
      <Switches
        series={choice.series}
        driver={choice.driver}
        verdicts={gaps.map(gap => gap.answer?.verdict.kind ?? null)}
        drivers={DRIVERS.map(d => ({
          ...d,
          refused: driversFor(choice.series).includes(d.id) ? '' : 'Without 3/3 there is no callback to subscribe to.',
        }))}
        onPatch={patch => {
          const series = toggled(choice.series, patch)
          // A driver written for one side of the callback has nothing to do on the other.
          const crossed = series.includes(3) !== choice.series.includes(3)
          choose({ series, driver: crossed ? driverWritten(series) : choice.driver })
        }}
        onDriver={driver => choose({ ...choice, driver })}
      />
      {gaps.map(({ id, scenario, answer, failed }) => (
        <GapCard
          key={id}
          title={TITLES[id]}
          bug={id}
          gap={answer}
          failed={failed}
          href={labHash(answer?.link ?? linkUnder(choice, scenario))}
          count={count}
        />
      ))}
      <Claims choice={choice} />
      <ClaimsTable choice={choice} />
    </section>
  )
}

/** Asks what the page shows: both gaps, and the claims that are revealed. The page has settled when all of it is answered. */
function useAsked(choice: PatchChoice): void {
  const { store } = useHandles()
  const revealed = useStore(patchAnswers, s => s.revealed)
  const wanted = useMemo(
    () => [
      ...GAPS.map(gap => gapWanted(choice, gap)),
      ...CLAIMS.filter(c => revealed.includes(c.id)).map(claim => claimWanted(choice, claim)),
    ],
    [choice, revealed],
  )
  useEffect(() => patchAnswers.getState().want(wanted), [wanted])
  const busy = useStore(patchAnswers, s => wanted.some(w => (s.looked[w.key]?.phase ?? 'waiting') === 'waiting'))
  const reading = useLab(s => s.reading)
  useLayoutEffect(() => {
    if (reading !== busy) store.getState().setReading(busy)
  }, [store, reading, busy])
}
