// @ts-check
/*
 * Runs in the page, before anything of the page does. What it answers is measured by the clock of the page, from the event that
 * the reader's hand made, or from a call that stands for it: loading the page is never part of it.
 */
;(() => {
  /** @type {number} */
  let clicked = 0
  addEventListener(
    'click',
    event => {
      clicked = event.timeStamp
    },
    { capture: true },
  )

  /** @param {string} selector @returns {string} */
  const textOf = selector => document.querySelector(selector)?.textContent ?? ''
  const headline = () => textOf('.hunt strong')
  /** @param {string} label */
  const huntButton = label => {
    const buttons = document.querySelectorAll('.hunt button')
    return /** @type {HTMLElement | undefined} */ ([...buttons].find(b => b.textContent === label))
  }
  /** @param {string} name */
  const counter = name => {
    const all = [...document.querySelectorAll('.hunt dl > div')]
    return all.find(div => div.querySelector('dt')?.textContent === name)?.querySelector('dd')?.textContent ?? ''
  }
  /** @param {string} name */
  const number = name => Number(counter(name).replaceAll(',', ''))

  /** When the document is seen to be so. @param {() => boolean} so @returns {Promise<number>} */
  const until = so =>
    new Promise(resolve => {
      const look = () => {
        if (!so()) return
        observer.disconnect()
        resolve(performance.now())
      }
      const observer = new MutationObserver(look)
      observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true })
      look()
    })

  /** When the frame that shows it has been drawn. @returns {Promise<number>} */
  const drawn = () =>
    new Promise(resolve => {
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel()
        port1.onmessage = () => resolve(performance.now())
        port2.postMessage(null)
      })
    })

  const answered = () => !['', 'Not searched yet.', 'Searching…'].includes(headline()) && !searching()
  const searching = () => huntButton('Cancel') !== undefined
  const playable = () =>
    document.querySelector('main')?.dataset.settled === 'true' &&
    /step 0 of [1-9]/.test(textOf('[aria-label="Playback and next moves"]')) &&
    document.querySelector('[aria-label="Play"][aria-disabled="false"]') !== null

  Object.assign(globalThis, {
    bench: {
      searching,
      /** One search from its start to its verdict: what the reader waits for, and what the worker says of it. */
      search: async () => {
        const from = performance.now()
        huntButton('Search every interleaving')?.click()
        const to = await until(answered)
        const said = { verdict: headline(), states: number('states'), seconds: Number(counter('seconds')) }
        return { ...said, wall: (to - from) / 1000 }
      },
      /** Milliseconds from the last click until its effect has been drawn. @param {'playable' | 'answered' | 'cancelled'} what */
      sinceClick: async what => {
        const so = { playable, answered, cancelled: () => headline() === 'Cancelled.' }[what]
        await until(so)
        return (await drawn()) - clicked
      },
      /** Milliseconds between one report of a search under way and the next, for so many milliseconds. @param {number} milliseconds */
      reports: async milliseconds => {
        /** @type {number[]} */
        const times = []
        const end = performance.now() + milliseconds
        while (performance.now() < end && searching()) {
          const before = counter('states')
          times.push(await until(() => counter('states') !== before || !searching()))
        }
        return times.slice(1).map((time, i) => time - Number(times[i]))
      },
    },
  })
})()
