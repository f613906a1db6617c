import type { Option } from '../../core/policy/catalogue.ts'
import type { DriverKind } from '../../core/runs/settings.ts'
import type { Gap } from '../../core/studies/patch/gap.ts'
import { PATCHES, type Patch, type Series } from '../../core/studies/patch/series.ts'
import { Mark } from '../shared/Mark.tsx'
import { kernelSentence, PATCH_TEXTS, VERDICT_MARKS, VERDICTS } from './words.ts'

interface Props {
  readonly series: Series
  readonly driver: DriverKind
  /** How each gap stands; null until it is known. */
  readonly verdicts: readonly (Gap['verdict']['kind'] | null)[]
  readonly drivers: readonly (Option<DriverKind> & { readonly refused: string })[]
  onPatch(patch: Patch): void
  onDriver(driver: DriverKind): void
}

/** The series as three switches, and the driver that is there to be told. */
export function Switches({ series, driver, verdicts, drivers, onPatch, onDriver }: Props) {
  return (
    <section className="sheet patch-switches" aria-label="The three patches">
      <ul className="patch-list">
        {PATCHES.map(patch => (
          <li key={patch}>
            <PatchSwitch patch={patch} on={series.includes(patch)} onToggle={() => onPatch(patch)} />
          </li>
        ))}
      </ul>
      <div className="patch-summary" role="status">
        <p className="patch-kernel">{kernelSentence(series)}</p>
        {verdicts.map((verdict, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: gaps are numbered
          <p key={i} className={`patch-verdict is-${verdict ?? 'unknown'}`}>
            {verdict !== null && <Mark kind={VERDICT_MARKS[verdict]} />} Gap {i + 1}:{' '}
            {verdict === null ? 'searching' : VERDICTS[verdict].toLowerCase()}
          </p>
        ))}
      </div>
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
            {d.refused === '' ? '' : ' (needs 3/3)'}
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
