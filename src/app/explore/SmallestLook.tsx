import { encodeSchedule } from '../../core/runs/schedule.ts'
import { smallestMarkdown } from '../../core/studies/smaller-text.ts'
import { Smallest } from '../../panels/explore/Smallest.tsx'
import type { StudyAnswer } from '../../worker/study-api.ts'
import { exploreHash, labHash } from '../route.ts'
import { count, readable } from './answer.ts'
import { Copying } from './Copying.tsx'
import { useCopy } from './use-copy.ts'

/** The smallest case, to be watched, searched and taken along; or why there is none. */
export function SmallestLook({ answer }: { readonly answer: StudyAnswer<'smaller'> }) {
  const { copied, copy } = useCopy()
  if (answer.kind === 'holds')
    return <p>There is nothing to make smaller: no rule is broken in any of {count(answer.states)} states.</p>
  if (answer.kind === 'undecided')
    return (
      <p>
        There is nothing to make smaller yet: nothing was found in the first {count(answer.states)} states, and the rest
        were not looked at.
      </p>
    )
  const { found, watch, given, json } = answer
  const givenHref = given === null ? null : labHash(given)
  return (
    <Smallest
      found={found}
      hrefOf={schedule => labHash({ ...watch, schedule: encodeSchedule(schedule) })}
      given={givenHref}
      readable={readable}
    >
      <div className="explore-exports">
        <a className="press is-strong" href={labHash(watch)}>
          Watch the smallest case
        </a>
        <a className="press" href={exploreHash(watch)}>
          Explore it
        </a>
        <button type="button" className="press" onClick={() => void copy('The scenario in JSON', json)}>
          Copy scenario JSON
        </button>
        <button
          type="button"
          className="press"
          onClick={() => void copy('The smallest case in Markdown', markdownOf(answer))}
        >
          Copy Markdown
        </button>
        <Copying copied={copied} />
      </div>
    </Smallest>
  )
}

function markdownOf({ found, watch, given }: Extract<StudyAnswer<'smaller'>, { kind: 'smallest' }>): string {
  const { kernel, driver, arch, switches = {} } = watch
  const settings = [
    `Linux ${kernel}`,
    driver,
    arch,
    ...Object.entries(switches).map(([id, value]) => `${id}: ${value}`),
  ]
  const whole = (hash: string): string => new URL(hash, location.href).href
  const links = { watch: whole(labHash(watch)), given: given === null ? null : whole(labHash(given)) }
  return smallestMarkdown(found, found.scenario.title, settings.join(' · '), links)
}
