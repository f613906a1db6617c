import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import type { Span } from '../../core/base/json.ts'
import { useSize } from '../shared/use-size.ts'
import { Sign } from './signs.tsx'
import './json-text.css'

export interface LineMark {
  /** Counted from 1. */
  readonly line: number
  readonly kind: 'problem' | 'here'
}

export interface JsonTextProps {
  readonly text: string
  readonly marks: readonly LineMark[]
  /** Something to show: a new object each time. */
  readonly show: Span | null
  readonly invalid: boolean
  /** Id of what says what is wrong. */
  readonly describedBy: string
  readonly onChange: (text: string) => void
  /** Where the cursor stands. */
  readonly onCursor: (at: number) => void
  readonly onUndo: () => void
  readonly onRedo: () => void
}

/** Height of a line in pixels: the same in json-text.css. */
const LINE = 18
const PADDING = 6

/** The text itself, with numbers beside its lines and marks on those that something is wrong with. */
export function JsonText(props: JsonTextProps) {
  const { text, marks, show, invalid, describedBy, onChange, onCursor, onUndo, onRedo } = props
  const box = useRef<HTMLDivElement>(null)
  const area = useRef<HTMLTextAreaElement>(null)
  const { height } = useSize(box, { width: 400, height: 400 })
  const [top, setTop] = useState(0)
  const lines = useMemo(() => text.split('\n').length, [text])
  const typed = useRef(text)

  // Written by the form, or taken back: the cursor stays at what changed instead of jumping to the end.
  useLayoutEffect(() => {
    const before = typed.current
    typed.current = text
    if (before === text || area.current === null || document.activeElement !== area.current) return
    let end = 0
    while (end < text.length && text[text.length - 1 - end] === before[before.length - 1 - end]) end++
    const at = Math.max(0, text.length - end)
    area.current.setSelectionRange(at, at)
  }, [text])

  // biome-ignore lint/correctness/useExhaustiveDependencies: only what is asked for moves the view, not what is typed
  useEffect(() => {
    if (show === null || area.current === null) return
    const line = text.slice(0, show.from).split('\n').length - 1
    const { scrollTop, clientHeight } = area.current
    const y = line * LINE
    if (y < scrollTop || y > scrollTop + clientHeight - 3 * LINE) {
      area.current.scrollTop = Math.max(0, y - clientHeight / 3)
    }
  }, [show])

  useEffect(() => {
    const node = area.current
    if (node === null) return
    // The browser's own undo knows nothing of what the form wrote.
    const onBefore = (event: InputEvent) => {
      if (event.inputType !== 'historyUndo' && event.inputType !== 'historyRedo') return
      event.preventDefault()
      if (event.inputType === 'historyUndo') onUndo()
      else onRedo()
    }
    node.addEventListener('beforeinput', onBefore)
    return () => node.removeEventListener('beforeinput', onBefore)
  }, [onUndo, onRedo])

  const first = Math.max(0, Math.floor((top - PADDING) / LINE))
  const last = Math.min(lines, first + Math.ceil(height / LINE) + 2)
  const wrong = new Set(marks.filter(m => m.kind === 'problem').map(m => m.line))
  return (
    <div className="json" ref={box}>
      <div className="json-back" aria-hidden="true">
        {marks
          .filter(m => m.line > first && m.line <= last)
          .map(m => (
            <div
              key={`${m.kind} ${m.line}`}
              className={`json-mark is-${m.kind}`}
              style={{ transform: `translateY(${PADDING + (m.line - 1) * LINE - top}px)` }}
            />
          ))}
        {Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i + 1).map(line => (
          <div
            key={line}
            className={wrong.has(line) ? 'json-number is-wrong' : 'json-number'}
            style={{ transform: `translateY(${PADDING + (line - 1) * LINE - top}px)` }}
          >
            {wrong.has(line) && <Sign name="warn" />}
            {line}
          </div>
        ))}
      </div>
      <textarea
        ref={area}
        className="json-area"
        aria-label="The scenario as JSON"
        aria-invalid={invalid}
        aria-describedby={describedBy}
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        wrap="off"
        value={text}
        onChange={event => {
          typed.current = event.target.value
          onChange(event.target.value)
        }}
        onSelect={event => onCursor(event.currentTarget.selectionStart)}
        onScroll={event => setTop(event.currentTarget.scrollTop)}
      />
    </div>
  )
}
