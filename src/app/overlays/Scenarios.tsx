import type { RunLink, ScenarioCard } from '../../worker/lab-api.ts'
import { Dialog } from '../Dialog.tsx'
import { useHandles, useLab } from '../lab-context.ts'
import { labHash } from '../route.ts'
import { OwnScenario } from './OwnScenario.tsx'

/** Every scenario with what it is for, what to look for, and the moments at which it breaks. */
export function Scenarios() {
  const scenarios = useLab(s => s.catalogue?.scenarios)
  return (
    <Dialog name="scenarios" title="Scenarios" from="header">
      <ul className="scenario-list">
        {scenarios?.map(card => (
          <Scenario key={card.id} card={card} />
        ))}
      </ul>
      <OwnScenario />
    </Dialog>
  )
}

function Scenario({ card }: { readonly card: ScenarioCard }) {
  const { store } = useHandles()
  const current = useLab(s => s.run?.custom === null && s.run.scenario.id === card.id)
  const open = (link: RunLink) => {
    const { show, setPlaying, open } = store.getState()
    show('none')
    setPlaying(false)
    void open(link)
  }
  return (
    <li className={current ? 'scenario is-current' : 'scenario'}>
      <button
        type="button"
        className="scenario-open"
        aria-current={current || undefined}
        onClick={() => open({ scenario: card.id })}
      >
        {card.title}
      </button>
      <p>{card.purpose}</p>
      <p className="muted">
        <b>Look for:</b> {card.lookFor}
        {card.bugs.length > 0 && <span className="scenario-bugs"> {card.bugs.join(', ')}</span>}
      </p>
      {card.breaks.length > 0 && (
        <ul className="scenario-breaks">
          {card.breaks.map(moment => (
            <li key={moment.what}>
              <a
                href={labHash(moment.link)}
                onClick={event => {
                  if (event.ctrlKey || event.metaKey || event.shiftKey) return
                  event.preventDefault()
                  open(moment.link)
                }}
              >
                {moment.what}
              </a>
            </li>
          ))}
        </ul>
      )}
    </li>
  )
}
