import { type DragEvent, type KeyboardEvent, useRef, useState } from 'react'
import type { ListField } from '../../core/base/form.ts'
import { type JsonPath, pathText } from '../../core/base/json-path.ts'
import { problemsBelow, useForm } from './form-context.ts'
import { freshFor } from './fresh.ts'
import { oneOf } from './hints.ts'
import { InnerField } from './inner-field.tsx'
import { ObjectView } from './ObjectView.tsx'
import { sentenceOf, summaryOf } from './sentence.ts'
import { Sign } from './signs.tsx'

interface Props {
  readonly field: ListField
  readonly path: JsonPath
  readonly items: readonly unknown[]
}

/** How an item is called in what is said and read. */
const oneIn = (path: JsonPath): string => (path.at(-1) === 'script' ? 'action' : oneOf(String(path.at(-1) ?? 'item')))

/**
 * Parts in an order: the actions of a script, CPUs, regions. Each is a sentence that opens to its fields. Drag one by its
 * handle, or move it with the arrow keys while the handle has the focus.
 */
export function Items({ field, path, items }: Props) {
  const { insert, remove, move, whole, say, problems } = useForm()
  const list = useRef<HTMLOListElement>(null)
  const script = field.item.kind === 'variant' || path.at(-1) === 'script'
  const [toggled, setToggled] = useState<ReadonlySet<number>>(new Set())
  const [dragged, setDragged] = useState<number | null>(null)
  const [over, setOver] = useState<number | null>(null)
  const one = oneIn(path)
  const textOf = (item: unknown) => (script ? sentenceOf(item) : summaryOf(item)) || one

  /** Which items are toggled after one at `from` is where `to` was: null is nowhere. */
  const follow = (from: number | null, to: number | null) => {
    const flags = Array.from({ length: items.length }, (_, i) => toggled.has(i))
    const [flag = script] = from === null ? [] : flags.splice(from, 1)
    if (to !== null) flags.splice(to, 0, flag)
    setToggled(new Set(flags.flatMap((on, i) => (on ? [i] : []))))
  }
  const focus = (i: number, what: string) =>
    list.current?.querySelectorAll<HTMLElement>(`:scope > li > ${what}`)[i]?.focus()
  const place = (i: number, to: number) => {
    if (to < 0 || to >= items.length || to === i) return
    move(path, i, to)
    follow(i, to)
    say(`${textOf(items[i])}: now ${one} ${to + 1} of ${items.length}.`)
  }
  const add = (at: number, value: unknown, said: string) => {
    insert(path, at, value)
    follow(null, at)
    say(said)
  }
  const take = (i: number) => {
    remove([...path, i])
    follow(i, null)
    say(`${textOf(items[i])}: removed. Control Z brings it back.`)
    if (items.length > 1) focus(Math.min(i, items.length - 2), '.handle')
    else list.current?.parentElement?.querySelector<HTMLElement>('.add-item')?.focus()
  }
  const onKey = (event: KeyboardEvent, i: number) => {
    const to = event.key === 'ArrowUp' ? i - 1 : event.key === 'ArrowDown' ? i + 1 : null
    if (to === null) return
    event.preventDefault()
    if (to < 0 || to >= items.length) return
    place(i, to)
    focus(to, '.handle')
  }
  const onDrop = (event: DragEvent, to: number) => {
    if (dragged === null) return
    event.preventDefault()
    event.stopPropagation()
    place(dragged, to)
    setDragged(null)
    setOver(null)
  }

  return (
    <div className={script ? 'items is-script' : 'items'}>
      <ol ref={list}>
        {items.map((item, i) => {
          const inner = [...path, i]
          const at = pathText(inner)
          const wrong = problemsBelow(problems, at)
          const text = textOf(item)
          const open = toggled.has(i) === script
          const mark = over === i && dragged !== null && dragged !== i ? (dragged < i ? ' is-after' : ' is-before') : ''
          return (
            <li
              // biome-ignore lint/suspicious/noArrayIndexKey: what stands at a place is what its fields are about
              key={i}
              className={`item${wrong > 0 ? ' has-problem' : ''}${dragged === i ? ' is-dragged' : ''}${mark}`}
              data-at={at}
              data-label={`${one} ${i + 1}`}
              onDragOver={event => {
                if (dragged === null) return
                event.preventDefault()
                event.stopPropagation()
                setOver(i)
              }}
              onDrop={event => onDrop(event, i)}
            >
              <button
                type="button"
                className="handle"
                draggable
                title="Drag, or press ↑ ↓"
                aria-keyshortcuts="ArrowUp ArrowDown"
                onKeyDown={event => onKey(event, i)}
                onDragStart={event => {
                  event.stopPropagation()
                  event.dataTransfer.effectAllowed = 'move'
                  event.dataTransfer.setData('text/plain', text)
                  setDragged(i)
                }}
                onDragEnd={() => {
                  setDragged(null)
                  setOver(null)
                }}
              >
                <Sign name="grip" />
                <span className="unseen">
                  Move {one} {i + 1}: {text}
                </span>
              </button>
              <details
                open={open}
                onToggle={event => {
                  const next = new Set(toggled)
                  if (event.currentTarget.open === script) next.add(i)
                  else next.delete(i)
                  if (event.currentTarget.open !== open) setToggled(next)
                }}
              >
                <summary>
                  <span className="item-number">{i + 1}</span> <span className="item-text">{text}</span>
                  {wrong > 0 && (
                    <span className="item-wrong">
                      <Sign name="warn" />
                      {wrong}
                      <span className="unseen"> {wrong === 1 ? 'problem' : 'problems'}</span>
                    </span>
                  )}
                </summary>
                <div className="item-fields">
                  {field.item.kind === 'object' && typeof item === 'object' && item !== null && !Array.isArray(item) ? (
                    <ObjectView field={field.item} path={inner} value={item} label={text} bare />
                  ) : (
                    <InnerField field={field.item} path={inner} value={item} label={`${one} ${i + 1}`} />
                  )}
                </div>
              </details>
              <div className="item-tools">
                <Tool sign="up" words={`Move ${one} ${i + 1} up`} off={i === 0} onClick={() => place(i, i - 1)} />
                <Tool
                  sign="down"
                  words={`Move ${one} ${i + 1} down`}
                  off={i === items.length - 1}
                  onClick={() => place(i, i + 1)}
                />
                <Tool
                  sign="copy"
                  words={`Copy ${one} ${i + 1}`}
                  off={items.length >= field.most}
                  onClick={() => add(i + 1, item, `${text}: copied.`)}
                />
                <Tool sign="remove" words={`Remove ${one} ${i + 1}`} off={false} onClick={() => take(i)} />
              </div>
            </li>
          )
        })}
      </ol>
      {items.length < field.most && (
        <button
          type="button"
          className="form-button add-item"
          data-adds={pathText([...path, items.length])}
          onClick={() => {
            const fresh = freshFor(field.item, pathText([...path, 0]).replaceAll(/\[\d+\]/g, '[]'), whole)
            add(items.length, fresh, `${one} ${items.length + 1} added.`)
          }}
        >
          <Sign name="add" /> Add {/^[aeiou]/i.test(one) ? 'an' : 'a'} {one}
        </button>
      )}
    </div>
  )
}

interface ToolProps {
  readonly sign: 'up' | 'down' | 'copy' | 'remove'
  readonly words: string
  readonly off: boolean
  readonly onClick: () => void
}

function Tool({ sign, words, off, onClick }: ToolProps) {
  return (
    <button type="button" className="form-button icon" title={words} disabled={off} onClick={onClick}>
      <Sign name={sign} />
      <span className="unseen">{words}</span>
    </button>
  )
}
