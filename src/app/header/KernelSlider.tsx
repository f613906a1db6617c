import { useMemo } from 'react'
import type { KernelCard } from '../../worker/lab-api.ts'
import { useHandles, useLab } from '../lab-context.ts'
import { releasesOf, ticksOf } from './kernel-ticks.ts'
import './kernels.css'

/** The eras side by side, oldest first: one radio group, so arrows walk through history. The schedule is followed in each. */
export function KernelSlider() {
  const { store } = useHandles()
  const kernels = useLab(s => s.catalogue?.kernels ?? null)
  const current = useLab(s => s.run?.settings.kernel ?? null)
  const releases = useMemo(() => releasesOf(kernels ?? []), [kernels])
  const ticks = useMemo(() => ticksOf(releases, current), [releases, current])
  if (kernels === null) return null

  const choose = (kernel: string) => {
    const { change, setPlaying } = store.getState()
    setPlaying(false)
    void change({ kernel })
  }
  const here = kernels.findIndex(k => k.id === current)
  return (
    <fieldset className="kernels">
      <legend className="unseen">Kernel</legend>
      {releases.map((release, r) => {
        const tick = ticks.get(r)
        const holds = release.stops.some(k => k.id === current)
        return (
          <span
            key={release.name}
            className={release.stops.length > 1 ? 'release is-series' : 'release'}
            style={{ flexGrow: release.stops.length }}
          >
            {release.stops.map((k, i) => (
              <label key={k.id} title={hintOf(k, kernels)} className={classOf(k, release.from + i, here)}>
                <input
                  type="radio"
                  className="unseen"
                  name="kernel"
                  value={k.id}
                  checked={k.id === current}
                  onChange={() => choose(k.id)}
                />
                <span className="unseen">{k.label}</span>
                <span className="kernel-dot" />
              </label>
            ))}
            {tick !== undefined && (
              <span aria-hidden="true" className={`release-tick at-${tick.align}${holds ? ' is-here' : ''}`}>
                {tick.text}
              </span>
            )}
          </span>
        )
      })}
    </fieldset>
  )
}

const hintOf = ({ label, what, sameAs }: KernelCard, kernels: readonly KernelCard[]): string => {
  const twin = kernels.find(k => k.id === sameAs)
  return `${label}: ${what}${twin === undefined ? '' : ` Every run is as in ${twin.label}.`}`
}

/** Kernels up to the chosen one are filled: it has all that they brought. A dot brings something, a bar nothing that is modelled. */
const classOf = (k: KernelCard, at: number, here: number): string =>
  `kernel${at <= here ? ' is-past' : ''}${at === here ? ' is-current' : ''}${k.sameAs === null ? '' : ' is-same'}`
