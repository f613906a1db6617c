import { describe, expect, it } from 'vitest'
import { commandOf, type KeyPress } from './keys.ts'

const press = (keys: string): KeyPress => {
  const parts = keys.split(' ')
  const has = (name: string) => parts.includes(name)
  const key = parts.at(-1) === 'Space' ? ' ' : parts.at(-1)!
  return { key, shiftKey: has('Shift'), ctrlKey: has('Ctrl'), metaKey: has('Meta'), altKey: has('Alt') }
}
const on = (focus: Parameters<typeof commandOf>[1]) => (keys: string) => commandOf(press(keys), focus)

describe('keys', () => {
  it.each([
    ['Space', { do: 'play' }],
    ['ArrowRight', { do: 'step', by: 1 }],
    ['ArrowLeft', { do: 'step', by: -1 }],
    ['Shift ArrowRight', { do: 'phase', by: 1 }],
    ['Shift ArrowLeft', { do: 'phase', by: -1 }],
    ['Home', { do: 'home' }],
    ['End', { do: 'end' }],
    ['3', { do: 'choose', nth: 3 }],
    ['-', { do: 'speed', by: -1 }],
    ['Shift +', { do: 'speed', by: 1 }],
    ['c', { do: 'compare' }],
    ['Shift ?', { do: 'keys' }],
    ['Ctrl k', { do: 'palette' }],
    ['Meta k', { do: 'palette' }],
    ['Escape', { do: 'close' }],
  ])('%s on the page', (keys, command) => expect(on('page')(keys)).toEqual(command))

  it('stay with the browser when they are its own', () => {
    for (const keys of ['Ctrl c', 'Ctrl ArrowLeft', 'Alt ArrowLeft', 'Meta 1', 'Tab', 'Enter', 'F5', 'ArrowDown', '0'])
      expect(on('page')(keys), keys).toBeNull()
  })

  it('are letters while someone types', () => {
    for (const keys of ['Space', 'c', '1', '-', 'ArrowLeft', 'Home', '?']) expect(on('text')(keys), keys).toBeNull()
    expect(on('text')('Escape')).toEqual({ do: 'close' })
    expect(on('text')('Ctrl k')).toEqual({ do: 'palette' })
  })

  it('move a choice while it has the focus', () => {
    for (const keys of ['Space', 'ArrowLeft', 'ArrowRight', 'Shift ArrowRight', 'Home', 'End', '1'])
      expect(on('choice')(keys), keys).toBeNull()
    expect(on('choice')('?')).toEqual({ do: 'keys' })
  })

  it('pull a slider, and leave the rest', () => {
    for (const keys of ['ArrowLeft', 'ArrowRight', 'Home', 'End']) expect(on('slider')(keys), keys).toBeNull()
    expect(on('slider')('Space')).toEqual({ do: 'play' })
    expect(on('slider')('Shift ArrowRight')).toEqual({ do: 'phase', by: 1 })
  })

  it('press a button with Space, and step beside it with arrows', () => {
    expect(on('button')('Space')).toBeNull()
    expect(on('button')('ArrowRight')).toEqual({ do: 'step', by: 1 })
    expect(on('button')('2')).toEqual({ do: 'choose', nth: 2 })
  })
})
