import { type KeyboardEvent, type ReactNode, useId, useRef } from 'react'

export interface TabEntry<Id extends string> {
  readonly id: Id
  readonly title: string
  /** A number beside the title, and what it counts. */
  readonly note?: { readonly short: string; readonly long: string }
  readonly render: () => ReactNode
}

interface Props<Id extends string> {
  readonly label: string
  readonly tabs: readonly TabEntry<Id>[]
  readonly current: Id
  readonly onChoose: (id: Id) => void
}

/** The ARIA tabs pattern: arrows move between tabs, one Tab stop for all of them, one panel drawn. */
export function Tabs<Id extends string>({ label, tabs, current, onChoose }: Props<Id>) {
  const list = useRef<HTMLDivElement>(null)
  const base = useId()
  const index = tabs.findIndex(t => t.id === current)
  const shown = tabs[index]

  const onKey = (event: KeyboardEvent) => {
    const to = target(event.key, index, tabs.length)
    const next = to === null ? undefined : tabs[to]
    if (next === undefined || to === null) return
    event.preventDefault()
    onChoose(next.id)
    list.current?.querySelectorAll<HTMLElement>('[role=tab]')[to]?.focus()
  }
  return (
    <section className="tabs" aria-label={label}>
      <div ref={list} className="tab-list" role="tablist" aria-label={label} onKeyDown={onKey}>
        {tabs.map(tab => (
          <button
            key={tab.id}
            type="button"
            role="tab"
            id={`${base}-${tab.id}`}
            aria-selected={tab.id === current}
            aria-controls={`${base}-panel`}
            tabIndex={tab.id === current ? 0 : -1}
            onClick={() => onChoose(tab.id)}
          >
            {tab.title}
            {tab.note !== undefined && (
              <span className="tab-note">
                {tab.note.short}
                <span className="unseen"> {tab.note.long}</span>
              </span>
            )}
          </button>
        ))}
      </div>
      {shown !== undefined && (
        <div
          className="tab-panel"
          role="tabpanel"
          id={`${base}-panel`}
          aria-labelledby={`${base}-${shown.id}`}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a panel that scrolls must be reachable by keyboard
          tabIndex={0}
        >
          {shown.render()}
        </div>
      )}
    </section>
  )
}

function target(key: string, index: number, count: number): number | null {
  switch (key) {
    case 'ArrowRight':
      return (index + 1) % count
    case 'ArrowLeft':
      return (index + count - 1) % count
    case 'Home':
      return 0
    case 'End':
      return count - 1
    default:
      return null
  }
}
