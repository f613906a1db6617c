import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createLabStore } from '../store/lab-store.ts'
import { connectTo } from '../store/testing/fake-connection.ts'
import { createFakeLab } from '../store/testing/fake-lab.ts'
import { type AddressBar, keepAddress } from './address.ts'

const CPU = { actor: 0, alternative: 0 }

/** An address bar with a history that can be looked into. */
function fakeBar(hash = '') {
  const pages = [hash]
  let at = 0
  const listeners = new Set<() => void>()
  const go = (to: number) => {
    at = to
    for (const listener of [...listeners]) listener()
  }
  const bar: AddressBar = {
    location: {
      get hash() {
        return pages[at] ?? ''
      },
    },
    history: {
      pushState: (_s, _t, url) => void pages.splice(++at, pages.length, String(url)),
      replaceState: (_s, _t, url) => void pages.splice(at, 1, String(url)),
    },
    addEventListener: (_type, listener) => void listeners.add(listener),
    removeEventListener: (_type, listener) => void listeners.delete(listener),
  }
  return { bar, pages, back: () => go(at - 1), type: (url: string) => go(pages.push(url) - 1) }
}

async function setUp() {
  const store = createLabStore(() => connectTo(createFakeLab()))
  const fake = fakeBar()
  const address = keepAddress(store, fake.bar)
  await store.getState().begin({ scenario: 'fake-munmap', schedule: '0011' }, [])
  await vi.advanceTimersByTimeAsync(1000)
  return { ...fake, store, address, now: () => store.getState(), wait: () => vi.advanceTimersByTimeAsync(1000) }
}

describe('the address bar', () => {
  beforeEach(() => {
    vi.useFakeTimers()
    return () => vi.useRealTimers()
  })

  it('holds this very moment, without a page of history for each step', async () => {
    const { now, wait, pages } = await setUp()
    await now().seek(2)
    await wait()
    await now().move(CPU)
    await wait()
    expect(pages).toEqual(['#/lab?s=fake-munmap&r=000&at=3&v=1'])
  })

  it('is not written while the film plays, nor more often than browsers allow', async () => {
    const { now, wait, pages, address } = await setUp()
    now().setPlaying(true)
    await now().seek(1)
    await wait()
    expect(pages.at(-1)).toContain('at=4')
    now().setPlaying(false)
    expect(pages.at(-1)).toContain('at=1')
    await now().seek(2)
    await now().seek(3)
    expect(pages.at(-1)).toContain('at=1')
    expect(address.due()).toBe(true)
    await wait()
    expect(pages.at(-1)).toContain('at=3')
    expect(address.due()).toBe(false)
  })

  it('has a page for each scenario, so that Back leads to where one was', async () => {
    const { now, wait, pages, back } = await setUp()
    await now().seek(2)
    await wait()
    await now().open({ scenario: 'fake-exit' })
    await wait()
    expect(pages).toHaveLength(2)
    back()
    await wait()
    expect(now().snapshot).toMatchObject({ at: 2, length: 4 })
    expect(pages).toHaveLength(2)
  })

  it('opens what is pasted into it, and says what was wrong with it', async () => {
    const { now, wait, pages, type } = await setUp()
    type('#/lab?s=fake-exit&at=soon')
    await wait()
    expect(now().run?.scenario.id).toBe('fake-exit')
    expect(now().problems.map(p => p.at)).toEqual(['link, part at'])
    expect(pages.at(-1)).toBe('#/lab?s=fake-exit&r=&at=0&v=1')
  })

  it('leads to the search of every run and back without losing this one', async () => {
    const { now, wait, type, back, pages } = await setUp()
    type('#/explore?s=fake-munmap')
    await wait()
    expect(now()).toMatchObject({ place: 'explore', snapshot: { at: 4, length: 4 } })
    expect(pages.at(-1)).toBe('#/explore?s=fake-munmap')
    type('#/explore?s=fake-exit&at=soon')
    await wait()
    expect(now().run?.scenario.id).toBe('fake-exit')
    expect(now().problems.map(p => p.at)).toEqual(['link, part at'])
    back()
    await wait()
    expect(now()).toMatchObject({ place: 'explore', run: { scenario: { id: 'fake-munmap' } } })
  })

  it('holds what was followed from the start, and never the run before in its place', async () => {
    const { now, wait, type, pages, address } = await setUp()
    type('#/explore?s=fake-munmap')
    await wait()
    const written: string[] = []
    const stop = address.subscribe(() => written.push(pages.at(-1) ?? ''))
    type('#/lab?s=fake-exit')
    await vi.advanceTimersByTimeAsync(1)
    stop()
    expect(now().run?.scenario.id).toBe('fake-exit')
    expect(address.due()).toBe(false)
    expect(pages.at(-1)).toBe('#/lab?s=fake-exit&r=&at=0&v=1')
    expect(written.filter(hash => hash.includes('fake-munmap'))).toEqual([])
  })

  it('shows a run and its place together, or the place alone when the run takes long', async () => {
    const { now, wait, type, store } = await setUp()
    type('#/explore?s=fake-munmap')
    await wait()
    const seen = new Set<string>()
    const stop = store.subscribe(s => seen.add(`${s.run?.scenario.id} in ${s.place}`))
    type('#/lab?s=fake-exit')
    await wait()
    stop()
    expect([...seen]).toEqual(['fake-munmap in explore', 'fake-exit in explore', 'fake-exit in lab'])

    type('#/explore?s=fake-munmap')
    await wait()
    store.setState({ open: () => new Promise(() => undefined) })
    type('#/lab?s=fake-exit')
    expect(now().place).toBe('explore')
    await wait()
    expect(now().place).toBe('lab')
  })

  it('leads to the traces and back without losing the run', async () => {
    const { now, wait, type, back } = await setUp()
    type('#/traces?open=munmap4.trace.txt')
    await wait()
    expect(now()).toMatchObject({ place: 'traces', recording: 'munmap4.trace.txt' })
    back()
    await wait()
    expect(now().place).toBe('lab')
    expect(now().snapshot?.at).toBe(4)
  })

  it('leads to the editor and back without losing the run; what is edited replaces what was', async () => {
    const { now, wait, type, back, pages } = await setUp()
    type('#/edit?s=fake-munmap')
    await wait()
    expect(now()).toMatchObject({ place: 'edit', editing: 's=fake-munmap' })
    now().edit('d=1')
    await wait()
    expect(pages.at(-1)).toBe('#/edit?d=1')
    back()
    await wait()
    expect(now().place).toBe('lab')
    expect(now().snapshot?.at).toBe(4)
  })
})
