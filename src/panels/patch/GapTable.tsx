import type { Gap } from '../../core/studies/patch/gap.ts'
import { reachOf, stageNote, standingWords } from './words.ts'

/** The picture as a table: a row for each phase. */
export function GapTable({ gap }: { readonly gap: Gap }) {
  const first = (words: readonly string[]) => words[0] ?? ''
  return (
    <div className="patch-scroll">
      <table className="patch-table">
        <thead>
          <tr>
            <th scope="col">phase of munmap()</th>
            <th scope="col">pair</th>
            <th scope="col">call</th>
            <th scope="col">{gap.what === 'page' ? gap.page : `page table of ${gap.page}`}</th>
            <th scope="col">the IOMMU, in some run</th>
          </tr>
        </thead>
        <tbody>
          {gap.stages.map(stage => (
            <tr key={stage.phase.id}>
              <th scope="row">
                <code>{stage.phase.title}</code>
              </th>
              <td>{stage.pair ? 'open' : 'none'}</td>
              <td>{stageNote(stage) || 'none'}</td>
              <td>{stage.lives.map(l => first(standingWords(gap, l.life).life)).join(', then ')}</td>
              <td>{stage.lives.map(l => first(standingWords(gap, reachOf(l)).reach)).join(', then ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
