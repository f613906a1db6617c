import type { Option } from '../../core/policy/catalogue.ts'
import type { DriverKind } from '../../core/runs/settings.ts'
import { PATCHES, type Patch, type Series } from '../../core/studies/patch/series.ts'
import { kernelSentence, PATCH_TEXTS } from './words.ts'

interface Props {
  readonly series: Series
  readonly driver: DriverKind
  readonly drivers: readonly (Option<DriverKind> & { readonly refused: string })[]
  onPatch(patch: Patch): void
  onDriver(driver: DriverKind): void
}

/** The series as three switches, and the driver that is there to be told. */
export function Switches({ series, driver, drivers, onPatch, onDriver }: Props) {
  return (
    <section className="patch-card patch-switches" aria-label="The three patches">
      <ul className="patch-list">
        {PATCHES.map(patch => (
          <li key={patch}>
            <PatchSwitch patch={patch} on={series.includes(patch)} onToggle={() => onPatch(patch)} />
          </li>
        ))}
      </ul>
      <p className="patch-kernel" role="status">
        {kernelSentence(series)}
      </p>
      <fieldset className="patch-drivers">
        <legend>The IOMMU’s driver</legend>
        {drivers.map(d => (
          <label
            key={d.id}
            title={d.refused === '' ? d.what : d.refused}
            className={d.refused === '' ? '' : 'is-refused'}
          >
            <input
              type="radio"
              name="patch-driver"
              value={d.id}
              checked={d.id === driver}
              disabled={d.refused !== ''}
              onChange={() => onDriver(d.id)}
            />
            {d.label}
          </label>
        ))}
        <p className="muted">{drivers.find(d => d.id === driver)?.what}</p>
      </fieldset>
    </section>
  )
}

interface SwitchProps {
  readonly patch: Patch
  readonly on: boolean
  onToggle(): void
}

function PatchSwitch({ patch, on, onToggle }: SwitchProps) {
  const { title, commit, what, needs } = PATCH_TEXTS[patch]
  const id = `patch-${patch}-what`
  return (
    <div className={on ? 'patch-switch is-on' : 'patch-switch'}>
      <button type="button" role="switch" aria-checked={on} aria-describedby={id} onClick={onToggle}>
        <span className="patch-knob" aria-hidden="true" />
        <span className="patch-number">{patch}/3</span>
        <span className="patch-title">{title}</span>
        <span className="patch-state" aria-hidden="true">
          {on ? 'on' : 'off'}
        </span>
      </button>
      <p id={id}>
        {what}{' '}
        <span className="muted">
          {commit === null ? 'Commit id not verified' : <code>{commit}</code>}
          {needs === '' ? '' : `; ${needs}`}.
        </span>
      </p>
    </div>
  )
}
