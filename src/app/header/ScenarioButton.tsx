import { Icon } from '../icons.tsx'
import { useHandles, useLab } from '../lab-context.ts'

/** Names the scenario that is open; opens the list of all. */
export function ScenarioButton() {
  const { store } = useHandles()
  const scenario = useLab(s => s.run?.scenario ?? null)
  return (
    <button
      type="button"
      className="scenario-button"
      aria-haspopup="dialog"
      title={scenario?.purpose}
      disabled={scenario === null}
      onClick={() => store.getState().show('scenarios')}
    >
      <span className="unseen">Scenario: </span>
      <span className="scenario-name">{scenario?.title ?? 'Loading'}</span>
      <Icon name="down" />
    </button>
  )
}
