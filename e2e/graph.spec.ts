import { readFileSync } from 'node:fs'
import { expect, type Locator, type Page, test } from '@playwright/test'
import { CloserPage } from './closer-page.ts'
import { accessible, fitsTheWindow } from './for-everybody.ts'

/** The state graph among the closer looks, in the reader's words. */
class GraphPage extends CloserPage {
  /** The picture: one Tab stop, arrow keys inside. */
  readonly picture: Locator
  /** What there is to say of the state that the keys stand on. */
  readonly words: Locator
  readonly told: Locator

  constructor(page: Page) {
    super(page)
    this.picture = page.getByRole('application', { name: /^State graph/ })
    this.words = page.locator('.graph-words')
    this.told = page.locator('.graph-look [role=status]')
  }

  async openGraph(hash: string): Promise<void> {
    await this.open(hash)
    await this.take('Graph')
  }

  /** `1,782` of `1,782 states` → 1782 */
  async states(): Promise<number> {
    const text = await this.look.getByText(/^[\d,]+ states$/).innerText()
    return Number(text.replace(/\D/g, ''))
  }
}

const FORCED = '#/explore?s=munmap-forced-flush&k=3.18&d=naive&a=x86'

test('keys lead through the graph to where freed memory is used, and Enter watches how', async ({ page }) => {
  const graph = new GraphPage(page)
  await graph.openGraph(FORCED)
  await graph.picture.focus()
  await page.keyboard.press('ArrowRight')
  await expect(graph.told).toContainText('1 step from the start')
  await page.keyboard.press('End')
  await expect(graph.words).toContainText('Broken: “No access reaches a freed frame” (I1).')
  const steps = Number(/(\d+) steps from/.exec(await graph.words.innerText())?.[1])

  await page.keyboard.press('Enter')
  await graph.settle()
  expect(await graph.at()).toEqual([0, steps])
  await graph.press('End')
  await graph.tab('Rules')
  await expect(graph.rule('No access reaches a freed frame')).toContainText('A frame was used')

  await page.goBack()
  await graph.settle()
  await expect(graph.words).toContainText(`${steps} steps from the start`)
})

test('a drag moves the picture, a click on a state watches a run to it', async ({ page }) => {
  const graph = new GraphPage(page)
  await graph.openGraph(FORCED)
  await graph.picture.scrollIntoViewIfNeeded()
  const box = await graph.picture.boundingBox()
  if (box === null) throw new Error('it is drawn')
  await page.mouse.move(box.x + 300, box.y + 200)
  await page.mouse.down()
  await page.mouse.move(box.x + 360, box.y + 180, { steps: 4 })
  await page.mouse.up()
  expect(await graph.address()).toContain('#/explore')

  // The states that are farthest away stand at the right edge; somewhere down that edge the pointer meets the first of them.
  const far = box.x + box.width - 19
  for (let y = box.y + 120; y < box.y + box.height && (await graph.words.innerText()).includes('The start'); y += 6) {
    await page.mouse.move(far, y)
  }
  const steps = Number(/(\d+) steps from/.exec(await graph.words.innerText())?.[1])
  expect(steps).toBeGreaterThan(20)
  await page.mouse.down()
  await page.mouse.up()
  await graph.settle()
  expect(await graph.at()).toEqual([0, steps])
})

test('the graph can be taken along, as many states and moves as are shown', async ({ page }) => {
  const graph = new GraphPage(page)
  await graph.openGraph(FORCED)
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    graph.look.getByRole('button', { name: 'Download AUT' }).click(),
  ])
  expect(file.suggestedFilename()).toBe('munmap-forced-flush-3.18.aut')
  const [head, ...moves] = readFileSync(await file.path(), 'utf8')
    .trimEnd()
    .split('\n')
  expect(head).toBe(`des (0, ${moves.length}, ${await graph.states()})`)
  await expect(graph.look).toContainText(`${moves.length.toLocaleString('en-GB')} moves`)
})

test('more states than can be drawn one by one are grouped, on a phone too, and can be read as a table', async ({
  page,
}) => {
  await page.setViewportSize({ width: 390, height: 844 })
  await page.emulateMedia({ colorScheme: 'dark' })
  const graph = new GraphPage(page)
  await graph.openGraph('#/explore?s=munmap-plain&k=6.1')
  expect(await graph.states()).toBeGreaterThan(5_000)
  await expect(graph.look).toContainText('There are too many states to draw each by itself.')
  await accessible(page, { part: '.graph-look' })

  const table = graph.look.getByText(/^All \d+ groups as a table$/)
  await table.click()
  const rows = graph.look.getByRole('row')
  await expect(rows).toHaveCount(1 + Number(/\d+/.exec(await table.innerText())?.[0]))
  await fitsTheWindow(page)
  await rows.last().getByRole('link').click()
  await graph.settle()
  expect((await graph.at())[1]).toBeGreaterThan(20)
})
