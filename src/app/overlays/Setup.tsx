import { useState } from 'react'
import { type SwitchRow, switchesFound, switchRows } from '../../store/selectors.ts'
import type { SettingsChange, SwitchCard } from '../../worker/lab-api.ts'
import { Dialog } from '../Dialog.tsx'
import { useHandles, useLab } from '../lab-context.ts'

const GROUPS: readonly { readonly id: SwitchCard['group']; readonly title: string }[] = [
  { id: 'kernel', title: 'Kernel' },
  { id: 'driver', title: 'IOMMU driver' },
  { id: 'hardware', title: 'Hardware' },
  { id: 'scenario', title: 'Scenario' },
]

/** Driver, architecture and every single switch; those that differ from the preset are marked. */
export function Setup() {
  const { store } = useHandles()
  const catalogue = useLab(s => s.catalogue)
  const run = useLab(s => s.run)
  const [typed, setTyped] = useState('')
  if (catalogue === null || run === null) return null

  const alter = (settings: SettingsChange) => {
    const { change, setPlaying } = store.getState()
    setPlaying(false)
    void change(settings)
  }
  const rows = switchRows({ catalogue, run })
  const found = switchesFound(rows, typed)
  return (
    <Dialog name="setup" title="Driver, architecture and switches" from="header">
      <div className="setup-choices">
        <Choice
          label="IOMMU driver"
          options={catalogue.drivers}
          value={run.settings.driver}
          onChange={driver => alter({ driver })}
        />
        <Choice
          label="Architecture"
          options={catalogue.archs}
          value={run.settings.arch}
          onChange={arch => alter({ arch })}
        />
        <button type="button" disabled={run.changed.length === 0} onClick={() => alter({ switches: null })}>
          All switches back to the preset
        </button>
      </div>
      <search className="setup-find">
        <label>
          <b>Find a switch</b>
          <input
            type="search"
            placeholder="batch, mremap, B09 …"
            value={typed}
            onChange={event => setTyped(event.target.value)}
          />
        </label>
        <p role="status" className="muted">
          {found.length} of {rows.length} switches
        </p>
      </search>
      {GROUPS.map(group => {
        const inGroup = found.filter(row => row.card.group === group.id)
        return inGroup.length === 0 ? null : (
          <section key={group.id} className="switch-group">
            <h3>{group.title}</h3>
            {inGroup.map(row => (
              <Switch
                key={row.card.id}
                row={row}
                onChange={value => alter({ switches: { [row.card.id]: String(value) } })}
              />
            ))}
          </section>
        )
      })}
    </Dialog>
  )
}

interface ChoiceProps {
  readonly label: string
  readonly options: readonly { readonly id: string; readonly label: string; readonly what: string }[]
  readonly value: string
  readonly onChange: (id: string) => void
}

function Choice({ label, options, value, onChange }: ChoiceProps) {
  const chosen = options.find(o => o.id === value)
  return (
    <label className="setup-choice">
      <b>{label}</b>
      <select value={value} onChange={event => onChange(event.target.value)}>
        {options.map(o => (
          <option key={o.id} value={o.id}>
            {o.label}
          </option>
        ))}
      </select>
      <span className="muted">{chosen?.what}</span>
    </label>
  )
}

interface SwitchProps {
  readonly row: SwitchRow
  readonly onChange: (value: boolean | string) => void
}

function Switch({ row, onChange }: SwitchProps) {
  const { card, value, changed } = row
  return (
    <fieldset className={changed ? 'switch is-changed' : 'switch'}>
      <legend>
        {card.label}
        {changed && <span className="switch-changed">differs from the preset</span>}
      </legend>
      <p className="muted">{card.what}</p>
      <div className="switch-values">
        {card.values.map(option => (
          <label key={String(option.value)}>
            <input
              type="radio"
              name={`switch-${card.id}`}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
            />
            {option.label}
          </label>
        ))}
      </div>
    </fieldset>
  )
}
