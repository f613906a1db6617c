import { useMemo, useState } from 'react'
import { encodeSchedule, type Schedule } from '../../../core/runs/schedule.ts'
import { type StateGraph, scheduleTo, statesAlong } from '../../../core/studies/state-graph.ts'
import { GraphCanvas } from './GraphCanvas.tsx'
import { GraphLegend } from './GraphLegend.tsx'
import { GroupsTable } from './GroupsTable.tsx'
import './graph.css'
import { sceneOfGroups, sceneOfStates } from './scene.ts'
import { spokenOf, wordsOfGroup, wordsOfState } from './words.ts'

interface Props {
  readonly graph: StateGraph
  /** The run in the lab, when it is one of this graph. */
  readonly labRun: Schedule | null
  /** Where a run can be watched: its schedule as text. */
  readonly hrefOf: (schedule: string) => string
  readonly onFollow: (href: string) => void
  /** A number as people read it. */
  readonly count: (n: number) => string
}

const NO_PATH: readonly number[] = []

type Mode = 'states' | 'groups'
type Run = 'found' | 'lab' | 'none'

/** What the reader last looked at: still there when they come back from a run. */
interface Memory {
  mode: Mode
  run: Run
  readonly current: Record<Mode, number>
}
const memories = new WeakMap<StateGraph, Memory>()

function memoryOf(graph: StateGraph, hasLabRun: boolean): Memory {
  const known = memories.get(graph)
  if (known !== undefined) return known
  const fresh: Memory = {
    mode: graph.every === null ? 'groups' : 'states',
    run: graph.found !== null ? 'found' : hasLabRun ? 'lab' : 'none',
    current: { states: 0, groups: 0 },
  }
  memories.set(graph, fresh)
  return fresh
}

/** Everything that can be reached as one picture, with what there is to say of each place in it. */
export function StateGraphPicture({ graph, labRun, hrefOf, onFollow, count }: Props) {
  const memory = memoryOf(graph, labRun !== null)
  const [, redraw] = useState(0)
  const change = (apply: () => void) => {
    apply()
    redraw(n => n + 1)
  }
  const { every, found, grouping } = graph
  const mode: Mode = every === null ? 'groups' : memory.mode
  const [hovered, hover] = useState<number | null>(null)
  const [spoken, speak] = useState('')

  const scene = useMemo(
    () => (mode === 'states' && every !== null ? sceneOfStates(every) : sceneOfGroups(graph)),
    [graph, every, mode],
  )
  const labStates = useMemo(
    () => (every === null || labRun === null ? null : statesAlong(every, labRun)),
    [every, labRun],
  )
  const path =
    memory.run === 'found'
      ? ((mode === 'states' ? found?.states : found?.groups) ?? NO_PATH)
      : memory.run === 'lab' && mode === 'states'
        ? (labStates ?? NO_PATH)
        : NO_PATH
  const current = memory.current[mode]
  const described = hovered !== null && hovered < scene.nodes ? hovered : current
  const wordsOf = (node: number) =>
    mode === 'states' && every !== null
      ? wordsOfState(every, graph.rules, node, count)
      : wordsOfGroup(graph, node, count)
  const runTo = (node: number) =>
    mode === 'states' && every !== null ? encodeSchedule(scheduleTo(every, node)) : (graph.runs[node] ?? '')
  const stepsTo = (node: number) => (mode === 'states' ? every?.depth[node] : grouping.groups[node]?.first) ?? 0

  const words = wordsOf(described)
  return (
    <div className="graph-look" data-mode={mode}>
      <p className="graph-summary">
        <b>{count(graph.states)} states</b>, {count(graph.moves)} moves, at most {count(graph.deepest)} steps from the
        start.{' '}
        {mode === 'groups' && (
          <>
            <b>Grouped</b>: {count(grouping.groups.length)} groups by steps, by where {graph.cpu} stands, and by the
            worst that is true. {every === null && 'There are too many states to draw each by itself. '}
            Sizes follow the number of states.
          </>
        )}
      </p>
      <div className="graph-tools">
        {every !== null && (
          <fieldset>
            <legend className="unseen">What a sign stands for</legend>
            {(['states', 'groups'] as const).map(m => (
              <label key={m}>
                <input
                  type="radio"
                  name="graph-mode"
                  checked={mode === m}
                  onChange={() => {
                    hover(null)
                    change(() => {
                      memory.mode = m
                    })
                  }}
                />
                {m === 'states' ? 'Every state' : 'Grouped'}
              </label>
            ))}
          </fieldset>
        )}
        {(found !== null || labStates !== null) && (
          <label>
            Highlight{' '}
            <select
              value={memory.run}
              onChange={event =>
                change(() => {
                  memory.run = event.target.value as Run
                })
              }
            >
              {found !== null && (
                <option value="found">
                  {found.what === 'harm' ? 'a shortest run that uses freed memory' : 'a shortest run that gets stuck'}
                </option>
              )}
              {labStates !== null && <option value="lab">the run in the lab</option>}
              <option value="none">no run</option>
            </select>
          </label>
        )}
      </div>
      <GraphLegend tally={graph.tally} count={count} />
      <div className="graph-body">
        <GraphCanvas
          scene={scene}
          label={`State graph, ${mode === 'states' ? `${count(graph.states)} states` : `${count(grouping.groups.length)} groups of states`}`}
          path={path}
          current={current}
          described={described}
          count={count}
          onHover={hover}
          onMove={node => {
            hover(null)
            change(() => {
              memory.current[mode] = node
            })
            speak(spokenOf(wordsOf(node)))
          }}
          onFollow={node => onFollow(hrefOf(runTo(node)))}
        />
        <div className="graph-words">
          <h3>{words.title}</h3>
          {words.facts.map(fact => (
            <p key={fact}>{fact}</p>
          ))}
          {words.lists.map(list => (
            <div key={list.title}>
              <h4>{list.title}</h4>
              <ul>
                {list.items.map(item => (
                  <li key={item}>{item}</li>
                ))}
              </ul>
            </div>
          ))}
          <p>
            <a href={hrefOf(runTo(described))}>
              Watch<span className="unseen"> a shortest run to it</span>
            </a>{' '}
            <span className="muted">{stepsTo(described) === 1 ? '1 step' : `${stepsTo(described)} steps`}</span>
          </p>
        </div>
        <p className="unseen" role="status">
          {spoken}
        </p>
      </div>
      <GroupsTable graph={graph} hrefOf={group => hrefOf(graph.runs[group] ?? '')} count={count} />
    </div>
  )
}
