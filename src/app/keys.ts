/** What a key asks for, in words: the same list drives the keyboard, the sheet of keys and the palette. */
export type Command =
  | { readonly do: 'play' }
  | { readonly do: 'step'; readonly by: 1 | -1 }
  | { readonly do: 'phase'; readonly by: 1 | -1 }
  | { readonly do: 'home' }
  | { readonly do: 'end' }
  | { readonly do: 'choose'; readonly nth: number }
  | { readonly do: 'speed'; readonly by: 1 | -1 }
  | { readonly do: 'compare' }
  | { readonly do: 'keys' }
  | { readonly do: 'palette' }
  | { readonly do: 'close' }

/** The part of a KeyboardEvent that decides. */
export interface KeyPress {
  readonly key: string
  readonly shiftKey: boolean
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
}

/** Where the key was pressed: a widget with keys of its own keeps them. */
export type Focus = 'page' | 'text' | 'choice' | 'slider' | 'button'

/**
 * The command of a key, or null when it belongs to the browser or to what has the focus. Text fields keep every key but
 * Escape and the palette's; a list, tab or radio keeps its arrows, Home, End and Space, a slider all but Space; a button
 * keeps Space.
 */
export function commandOf(press: KeyPress, focus: Focus): Command | null {
  const { key } = press
  if ((press.ctrlKey || press.metaKey) && !press.altKey && key.toLowerCase() === 'k') return { do: 'palette' }
  if (press.ctrlKey || press.metaKey || press.altKey) return null
  if (key === 'Escape') return { do: 'close' }
  if (focus === 'text') return null
  if (focus === 'choice' && (key.startsWith('Arrow') || key === 'Home' || key === 'End' || key === ' ')) return null
  if (focus === 'slider' && !press.shiftKey && (key.startsWith('Arrow') || key === 'Home' || key === 'End')) return null
  if (focus === 'button' && key === ' ') return null
  if (/^[1-9]$/.test(key)) return focus === 'choice' ? null : { do: 'choose', nth: Number(key) }
  switch (key) {
    case ' ':
      return { do: 'play' }
    case 'ArrowRight':
      return press.shiftKey ? { do: 'phase', by: 1 } : { do: 'step', by: 1 }
    case 'ArrowLeft':
      return press.shiftKey ? { do: 'phase', by: -1 } : { do: 'step', by: -1 }
    case 'Home':
      return { do: 'home' }
    case 'End':
      return { do: 'end' }
    case '-':
    case '_':
      return { do: 'speed', by: -1 }
    case '+':
    case '=':
      return { do: 'speed', by: 1 }
    case 'c':
    case 'C':
      return { do: 'compare' }
    case '?':
      return { do: 'keys' }
    default:
      return null
  }
}

/** Which keys the element would miss. `closest` looks outwards: a span in a button is a button. */
export function focusOf(target: EventTarget | null): Focus {
  if (!(target instanceof Element)) return 'page'
  const within = (selector: string) => target.closest(selector) !== null
  if (within('input:not([type=radio], [type=checkbox], [type=range], [type=button]), textarea, [contenteditable]'))
    return 'text'
  if (within('[role=slider], input[type=range]')) return 'slider'
  if (within('select, input, [role=tab], [role=listbox], [role=radio], [role=menu]')) return 'choice'
  if (within('button, a[href], summary, [role=button]')) return 'button'
  return 'page'
}

interface KeyRow {
  readonly keys: readonly string[]
  readonly what: string
}

/** The sheet of keys: where, what to press, and what it does. */
export const KEY_SHEET: readonly { readonly where: string; readonly rows: readonly KeyRow[] }[] = [
  {
    where: 'Everywhere',
    rows: [
      { keys: ['Ctrl K'], what: 'Find a command, scenario, bug, kernel or place' },
      { keys: ['?'], what: 'This sheet' },
      { keys: ['Esc'], what: 'Close what is open, leave Present' },
    ],
  },
  {
    where: 'Lab',
    rows: [
      { keys: ['Space'], what: 'Play or pause' },
      { keys: ['←', '→'], what: 'One step back or ahead; at the end, one more step of the fair schedule' },
      { keys: ['Shift ←', 'Shift →'], what: 'Previous or next phase' },
      { keys: ['Home', 'End'], what: 'First or last step of the run' },
      { keys: ['1', '…', '9'], what: 'Choose the n-th move that is ready' },
      { keys: ['-', '+'], what: 'Slower or faster' },
      { keys: ['C'], what: 'Compare with another kernel' },
      { keys: ['[', ']'], what: 'On the timeline: show more or less of the run; 0 for the usual view' },
    ],
  },
  {
    where: 'Explore',
    rows: [
      { keys: ['←', '→', '↑', '↓'], what: 'In the matrix and the graph: from one cell or state to the next' },
      { keys: ['Enter'], what: 'Watch a shortest run to it' },
      { keys: ['-', '+'], what: 'On the graph: zoom; 0 shows all of it' },
    ],
  },
  {
    where: 'Edit',
    rows: [
      { keys: ['Ctrl Z', 'Ctrl Y'], what: 'Undo or redo' },
      { keys: ['↑', '↓'], what: 'On the handle of an item: move it up or down' },
    ],
  },
]
