import type { BrokenRun } from '../../../core/studies/why-safe-answer.ts'

interface Props<Link> {
  readonly run: BrokenRun & { readonly link: Link }
  readonly href: (link: Link) => string
  /** What is seen, for those who hear the link alone. */
  readonly what: string
  /** What precedes: `Without it: broken`. */
  readonly lead: string
}

/** In how many steps a rule is broken, and the way to watch that run. */
export function Watch<Link>({ run, href, what, lead }: Props<Link>) {
  return (
    <p className="why-watch">
      <b>
        {lead} in {run.steps} steps
      </b>
      <a className="press" href={href(run.link)} aria-label={`Watch it: ${what}`}>
        Watch it
      </a>
    </p>
  )
}
