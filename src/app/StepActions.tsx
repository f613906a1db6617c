import { useHandles, useLab } from './lab-context.ts'
import { bugsHash, exploreHash, labHash, patchHash } from './route.ts'
import { otherSettings, runCommand } from './run-command.ts'

/** What can be done from this step: at the start the moments worth seeing, later the same schedule on another kernel. */
export function StepActions() {
  const atStart = useLab(s => s.snapshot?.at === 0)
  return atStart ? <Moments /> : <Elsewhere />
}

function Moments() {
  const scenario = useLab(s => s.run?.scenario ?? null)
  if (scenario === null) return null
  return (
    <div className="step-actions">
      <p className="first-keys">
        A kernel changes a mapping while TLBs, devices or guests still hold the old one. ▶ or <kbd>Space</kbd> plays a
        run, <kbd>→</kbd> makes one step. Or decide who moves next: <kbd>1</kbd> to <kbd>9</kbd>, the moves at the
        bottom.
      </p>
      {scenario.lookFor !== '' && (
        <p>
          <b>Look for:</b> {scenario.lookFor}
        </p>
      )}
      {scenario.breaks.length > 0 && (
        <>
          <h3>Moments to open</h3>
          <ul>
            {scenario.breaks.map(moment => (
              <li key={moment.what}>
                <a href={labHash(moment.link)}>{moment.what}</a>
              </li>
            ))}
          </ul>
        </>
      )}
      <Onward />
    </div>
  )
}

/** Where to go from the first step: the places in the order in which a newcomer makes sense of them. */
function Onward() {
  const link = useLab(s => s.snapshot?.link ?? null)
  return (
    <>
      <h3>Where to go from here</h3>
      <ul>
        <li>
          <a href={exploreHash(link)}>Explore</a>: search every interleaving of this scenario, not just one run.
        </li>
        <li>
          <a href={bugsHash(null)}>Bugs</a>: the same machine with the mistakes that real kernels made.
        </li>
        <li>
          <a href={patchHash('')}>Patch</a>: why Linux 3.19 got a callback between unmap and free.
        </li>
      </ul>
    </>
  )
}

function Elsewhere() {
  const { store } = useHandles()
  const broken = useLab(s => s.snapshot?.world.rules.some(r => r.verdict !== 'holds') ?? false)
  const kernel = useLab(s => otherSettings(s)?.kernel ?? null)
  const label = useLab(s => s.catalogue?.kernels.find(k => k.id === kernel)?.label ?? kernel)
  if (!broken || kernel === null) return null
  const replay = () => {
    void store.getState().change({ kernel })
  }
  return (
    <p className="step-actions">
      <button type="button" onClick={replay}>
        Replay this schedule on {label}
      </button>
      <button type="button" onClick={() => runCommand(store, { do: 'compare' })}>
        Compare
      </button>
    </p>
  )
}
