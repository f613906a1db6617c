import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createEditLab } from '../../worker/edit-lab.ts'
import { packText } from '../packed.ts'
import type { Checker } from './checker.ts'
import { type DraftShelf, keptDrafts, NO_SHELF } from './drafts.ts'
import { createEditorStore } from './editor-store.ts'
import { emptyText } from './empty.ts'
import { put } from './json-edit.ts'

const lab = createEditLab()
const materials = lab.materials()

const checker: Checker = {
  materials: () => Promise.resolve({ ok: true, value: materials }),
  check: (text, kernel) => Promise.resolve({ ok: true, value: lab.check(text, kernel) }),
}

const LOST = { ok: false as const, why: 'it could not be loaded' }

/** A shelf that holds so many characters. */
function shelfOf(room = Number.POSITIVE_INFINITY): DraftShelf & { readonly items: Map<string, string> } {
  const items = new Map<string, string>()
  return {
    items,
    get length() {
      return items.size
    },
    key: i => [...items.keys()][i] ?? null,
    getItem: key => items.get(key) ?? null,
    setItem: (key, value) => {
      if (value.length > room) throw new DOMException('no room', 'QuotaExceededError')
      items.set(key, value)
    },
    removeItem: key => void items.delete(key),
  }
}

async function open(query: string | null, shelf: DraftShelf = shelfOf(), asked = checker) {
  let clock = 0
  let ids = 0
  const store = createEditorStore({
    shelf,
    checker: asked,
    now: () => {
      clock += 10_000
      return clock
    },
    newId: () => `id${keptDrafts(shelf).length}-${ids++}`,
    emptyText,
  })
  await store.getState().begin(query, '6.1')
  return { store, shelf, now: () => store.getState(), settle: () => new Promise(done => setTimeout(done, 0)) }
}

describe('the editor', () => {
  it('starts from a shipped scenario, and keeps nothing until something is changed', async () => {
    const { now, shelf, settle } = await open('s=munmap-plain')
    await settle()
    expect(now().draft?.title).toMatch(/^munmap\(\)/)
    expect(now().preview?.title).toBe(now().draft?.title)
    expect(keptDrafts(shelf)).toEqual([])
  })

  it('starts from an empty scenario that can be run', async () => {
    const { now, settle } = await open('new')
    await settle()
    expect(now().checked?.problems).toEqual([])
    expect(now().preview?.actors).toContain('CPU 0')
  })

  it('keeps each change at once: who comes back finds it', async () => {
    const { now, shelf } = await open('s=munmap-plain')
    now().write(put(now().history.text, ['title'], 'Mine'), 'title')
    const again = await open(null, shelf)
    expect(again.now().draft).toMatchObject({ title: 'Mine', stored: true })
    expect(again.now().history.text).toBe(now().history.text)
    expect((await open(`d=${now().draft?.id}`, shelf)).now().draft?.title).toBe('Mine')
  })

  it('keeps a text that is no JSON as well, under its last title, and the last machine that could be built', async () => {
    const { now, shelf, settle } = await open('s=munmap-plain')
    await settle()
    const { preview, history } = now()
    now().write(`${history.text.slice(0, 200)}, oops`, 'json')
    await settle()
    expect(now().reading.fault?.line).toBeGreaterThan(1)
    expect(now().checked?.problems).toHaveLength(1)
    expect(now().preview).toBe(preview)
    expect(keptDrafts(shelf)).toMatchObject([{ title: preview?.title, text: now().history.text }])
    now().undo()
    await settle()
    expect(now().previewText).toBe(history.text)
  })

  it('says that the storage is full, and goes on', async () => {
    const { now, settle } = await open('s=munmap-plain', shelfOf(100))
    now().write(put(now().history.text, ['batchSize'], 3), 'batchSize')
    await settle()
    expect(now().unkept).toBe('the storage of this browser is full')
    expect(now().checked?.problems).toEqual([])
    expect((await open('s=munmap-plain', NO_SHELF)).now().draft).not.toBeNull()
  })

  it('says that a text is too long to keep, and reads none that others wrote too long', async () => {
    const shelf = shelfOf()
    const { now } = await open('new', shelf)
    now().write(' '.repeat(600_000), 'json')
    expect(now().unkept).toBe('it is too long')
    shelf.setItem('mmu-notifier-lab/draft/1/x', JSON.stringify({ title: 't', changed: 1, text: ' '.repeat(600_000) }))
    expect(keptDrafts(shelf)).toEqual([])
  })

  it('deletes a scenario, and brings it back', async () => {
    const { now, shelf } = await open('s=munmap-plain')
    now().take('{"title":"One"}', 'one')
    now().take('{"title":"Two"}', 'two')
    const two = now().draft?.id ?? ''
    now().remove(two)
    expect(now().draft?.title).toBe('One')
    expect(keptDrafts(shelf).map(d => d.title)).toEqual(['One'])
    now().bringBack()
    expect(now().draft).toMatchObject({ id: two, title: 'Two' })
    expect(keptDrafts(shelf).map(d => d.title)).toEqual(['Two', 'One'])
  })

  it('takes a scenario from a link, and knows it again', async () => {
    const { now, shelf } = await open(`s=own&x=${packText('{"title":"From afar"}')}`)
    expect(now().draft).toMatchObject({ title: 'From afar', stored: false })
    now().take('{"title":"From afar"}', 'x')
    const again = await open(`s=own&x=${packText('{"title":"From afar"}')}`, shelf)
    expect(again.now().draft).toMatchObject({ stored: true, id: now().draft?.id })
  })

  it.each(['d=gone', 's=munmap-plian', 's=own&x=AAAA', 'x=%%%', '&&&'])(
    'opens something for %j, and says why not that',
    async query => {
      const { now } = await open(query)
      expect(now().notice).toMatch(/Opened instead/)
      expect(now().history.text).not.toBe('')
    },
  )

  it('follows another window that changes the same scenario; that is a step to take back', async () => {
    const { now, shelf } = await open('new')
    now().write(put(now().history.text, ['title'], 'Here'), 'title')
    const here = now().history.text
    const there = await open(`d=${now().draft?.id}`, shelf)
    there.now().write(put(here, ['title'], 'There'), 'title')
    now().lookAgain(now().draft?.id ?? null)
    expect(now().draft?.title).toBe('There')
    now().undo()
    expect(now().history.text).toBe(here)
  })

  it('goes on when the worker is lost: the text can still be written and is kept', async () => {
    const shelf = shelfOf()
    const { now } = await open('s=munmap-plain', shelf, {
      materials: () => Promise.resolve(LOST),
      check: () => Promise.resolve(LOST),
    })
    expect(now().failure).toBe('it could not be loaded')
    now().write('{"title":"Without a form"}', 'json')
    expect(keptDrafts(shelf)).toMatchObject([{ title: 'Without a form' }])
  })

  it('checks the newest text, however many were typed meanwhile', async () => {
    let asked = 0
    const { now, settle } = await open('new', shelfOf(), {
      ...checker,
      check: async (text, kernel) => {
        asked++
        await Promise.resolve()
        return { ok: true, value: lab.check(text, kernel) }
      },
    })
    for (let i = 1; i <= 50; i++) now().write(put(now().history.text, ['batchSize'], i), 'batchSize')
    await settle()
    expect(now().checkedText).toBe(now().history.text)
    expect(asked).toBeLessThan(5)
  })

  it('never throws, whatever is in the storage or the address', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.oneof(fc.string(), fc.json()), async (query, item) => {
        const shelf = shelfOf()
        shelf.setItem('mmu-notifier-lab/draft/1/a', item)
        const { now } = await open(query, shelf, { ...checker, check: () => Promise.resolve(LOST) })
        expect(now().draft).not.toBeNull()
      }),
      { numRuns: 100 },
    )
  })
})
