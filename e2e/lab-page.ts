import { expect, type Locator, type Page } from '@playwright/test'

/** What a reader can see and do, in the reader's words. Selectors live here and nowhere else. */
export class LabPage {
  readonly page: Page
  /** The whole place; says when nothing will change by itself any more. */
  readonly main: Locator
  readonly ribbon: Locator
  readonly stage: Locator
  readonly timeline: Locator
  readonly transport: Locator
  /** The sentence of the step that is shown. */
  readonly sentence: Locator
  /** What is spoken to those who listen. */
  readonly spoken: Locator
  /** Complaints about the link that was opened. */
  readonly problems: Locator
  /** The worker was lost and started again. */
  readonly restarted: Locator
  readonly comparison: Locator

  constructor(page: Page) {
    this.page = page
    this.main = page.getByRole('main')
    this.ribbon = page.getByRole('region', { name: /^Phases of/ }).first()
    this.stage = page.getByRole('region', { name: /^Stage/ })
    this.timeline = page.getByRole('region', { name: 'Timeline' })
    this.transport = page.getByRole('region', { name: 'Playback and next moves' })
    this.sentence = page.getByRole('tabpanel').getByRole('heading', { level: 2 })
    this.spoken = page.locator('[data-announcer]')
    this.problems = page.getByRole('status', { name: 'Problems with the link' })
    this.restarted = page.getByRole('status', { name: 'The simulation was restarted' })
    this.comparison = page.getByRole('region', { name: /^Comparison of/ })
  }

  /** Opens a hash (`#/lab?s=…`, `#/traces`) or a query of the lab (`s=…&k=3.18`); nothing: the start. */
  async open(link = ''): Promise<void> {
    const hash = link === '' || link.startsWith('#') ? link : `#/lab?${link}`
    await this.page.goto(`./${hash}`)
    await this.settle()
  }

  /** Until the worker has answered, the film stands, fonts are there and the address is written. */
  async settle(): Promise<void> {
    await this.settledAs(['true'])
  }

  /** Until the picture is final; the address may be behind. */
  async shown(): Promise<void> {
    await this.settledAs(['true', 'shown'])
  }

  private async settledAs(words: readonly string[]): Promise<void> {
    await this.until('main', 'settled', words)
  }

  /**
   * Until the page says one of these words in a data attribute. Asked on every frame: an assertion asks again after 100, 250, 500
   * and then every 1,000 ms.
   */
  protected async until(selector: string, name: string, words: readonly string[]): Promise<void> {
    const said = ([selector, name, words]: readonly [string, string, readonly string[]]) =>
      words.includes(document.querySelector<HTMLElement>(selector)?.dataset[name] ?? '')
    await this.page.waitForFunction(said, [selector, name, words] as const)
  }

  /** Presses keys one after another, as the reader would: each when the picture is final. */
  async press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      await this.page.keyboard.press(key)
      await this.shown()
    }
  }

  /** The hash in the address bar: a link to this very moment. */
  async address(): Promise<string> {
    await this.settle()
    return new URL(this.page.url()).hash
  }

  /** `[3, 12]`: at step 3 of 12. */
  async at(): Promise<readonly [number, number]> {
    const text = (await this.transport.getByText(/^step \d+ of \d+/).textContent()) ?? ''
    const [, at, length] = /step (\d+) of (\d+)/.exec(text) ?? []
    return [Number(at), Number(length)]
  }

  // Moves

  /** The next move of an actor, by its name or any part of what stands on the chip. */
  chip(name: string | RegExp): Locator {
    return this.transport.getByRole('list').getByRole('button', { name })
  }

  async move(name: string | RegExp): Promise<void> {
    await this.chip(name).first().click()
    await this.shown()
  }

  /** Presses the digit that stands on an actor's chip. */
  async chooseByKey(actor: string): Promise<void> {
    const key = await this.chip(new RegExp(`^\\d? ?${actor}\\b`))
      .first()
      .getAttribute('aria-keyshortcuts')
    expect(key, `${actor} can move`).not.toBeNull()
    await this.press(key ?? '')
  }

  /** `Play`, `Pause`, `First step`, `One step back`, `One step on`, `Last step`, `Run on` */
  button(name: string): Locator {
    return this.main.getByRole('button', { name, exact: true })
  }

  // The picture

  /** A phase of the ribbon, by its kernel name. */
  phase(name: string | RegExp): Locator {
    return this.ribbon.getByRole('button', { name })
  }

  get currentPhase(): Locator {
    return this.ribbon.locator('[aria-current=step]')
  }

  /** A physical frame on the stage. */
  frame(pfn: number): Locator {
    return this.stage.locator(`[data-place="frame:${pfn}"]`)
  }

  /** What the IOMMU has cached of a page, by the page's name: `buf[0]`. */
  iotlb(label: string): Locator {
    return this.stage.getByLabel(/^IOTLB/).getByText(label, { exact: true })
  }

  // Beside the stage

  async tab(name: 'Step' | 'State' | 'Rules' | 'Cost' | 'Transcript'): Promise<Locator> {
    await this.page.getByRole('tab', { name: new RegExp(`^${name}`) }).click()
    await this.shown()
    return this.page.getByRole('tabpanel')
  }

  /** A rule in the open tab, by any part of its sentence. */
  rule(sentence: string | RegExp): Locator {
    return this.page.getByRole('tabpanel').getByRole('listitem').filter({ hasText: sentence })
  }

  // The header

  /** By how many pixels what stands in the header reaches over the place it has. */
  headerOverflow(): Promise<number> {
    return this.page.locator('.header-run').evaluate(run => run.scrollWidth - run.clientWidth)
  }

  /** The slider. */
  get kernels(): Locator {
    return this.page.getByRole('group', { name: 'Kernel', exact: true })
  }

  async kernel(label: string): Promise<void> {
    // Not every kernel is written above its stop; its radio button has its name, and lies in what is pressed.
    await this.kernels.getByRole('radio', { name: label, exact: true }).locator('xpath=..').click()
    await this.settle()
  }

  get currentKernel(): Locator {
    return this.kernels.locator('.is-current')
  }

  async scenario(title: string | RegExp): Promise<void> {
    await this.page.getByRole('button', { name: /^Scenario:/ }).click()
    await this.dialog('Scenarios').getByRole('button', { name: title }).click()
    await this.settle()
  }

  get currentScenario(): Locator {
    return this.page.getByRole('button', { name: /^Scenario:/ })
  }

  /** Opens the list of driver, architecture and switches. */
  async setup(): Promise<Locator> {
    await this.page.getByRole('button', { name: /^Switches:/ }).click()
    return this.dialog('Driver, architecture and switches')
  }

  /** Flips one switch, by its label, to one of its values; closes the list again. */
  async flip(label: string | RegExp, value: string): Promise<void> {
    const setup = await this.setup()
    await setup.getByRole('group', { name: label }).getByRole('radio', { name: value, exact: true }).click()
    await this.press('Escape')
  }

  async compare(kernel?: string): Promise<void> {
    if (!(await this.comparison.isVisible())) await this.press('c')
    if (kernel !== undefined) await this.comparison.getByRole('combobox').selectOption({ label: kernel })
    await this.settle()
  }

  /** An open dialog, by its title. */
  dialog(title: string | RegExp): Locator {
    return this.page.getByRole('dialog', { name: title })
  }

  /** Ctrl+K, a few letters, Enter. */
  async command(typed: string): Promise<void> {
    await this.page.keyboard.press('Control+k')
    await this.page.getByRole('combobox', { name: /^Command/ }).fill(typed)
    await this.page.keyboard.press('Enter')
    await this.settle()
  }

  async theme(theme: 'auto' | 'light' | 'dark'): Promise<void> {
    await this.command(`Theme: ${theme}`)
  }

  // Traces

  async goTo(place: 'Lab' | 'Explore' | 'Traces'): Promise<void> {
    await this.page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: place }).click()
    await this.settle()
  }

  /** The row of a recording in the list, by the name of its file without endings: `munmap4_lasttable`. */
  recordingRow(name: string | RegExp): Locator {
    const code = this.page.getByRole('code').filter({ hasText: typeof name === 'string' ? exactly(name) : name })
    return this.page.getByRole('navigation', { name: 'Recordings' }).getByRole('row').filter({ has: code })
  }

  /** Opens a recording that comes with the app, by the name of its file. */
  async recording(name: string | RegExp): Promise<void> {
    await this.recordingRow(name).getByRole('link').first().click()
    await this.settle()
  }

  /** Gives the page a recording of the reader's own. */
  async ownRecording(name: string, contents: Buffer): Promise<void> {
    await this.ownInput.setInputFiles({ name, mimeType: 'text/plain', buffer: contents })
    await this.settle()
  }

  /** The same with a file that is there already: a large one. */
  async ownFile(path: string): Promise<void> {
    await this.ownInput.setInputFiles(path)
    await this.settle()
  }

  private get ownInput(): Locator {
    return this.page.getByLabel('Your own recording', { exact: true }).and(this.page.locator('input'))
  }

  /** Drops a file on the list of recordings, wherever the pointer happens to be. */
  async dropRecording(name: string, contents: string): Promise<void> {
    const dataTransfer = await this.page.evaluateHandle(
      ([file, text]) => {
        const dropped = new DataTransfer()
        dropped.items.add(new File([text], file))
        return dropped
      },
      [name, contents] as const,
    )
    await this.page.getByRole('navigation', { name: 'Recordings' }).dispatchEvent('drop', { dataTransfer })
    await this.settle()
  }

  /** A step of the recorded program, with its verdict. */
  recordedStep(name: string | RegExp): Locator {
    return this.page.getByRole('list', { name: 'What the program did' }).getByRole('button', { name })
  }

  /** How far the comparing of all recordings has got. */
  get compared(): Locator {
    return this.page.getByRole('region', { name: 'Compared with the simulator' })
  }

  /** Until every recording of the list has its verdict. */
  async allCompared(): Promise<void> {
    await expect(this.compared).toContainText(/(\d+) of \1 compared/, { timeout: 60_000 })
  }

  /** Recorded phases beside simulated ones. */
  get strip(): Locator {
    return this.page.getByRole('table', { name: /^Phases as recorded and as simulated/ })
  }

  /** The row of the strip that stands for a recorded phase. */
  stripRow(phase: string): Locator {
    return this.strip.getByRole('row').filter({ has: this.page.getByRole('rowheader', { name: phase, exact: true }) })
  }

  /** The lines of the file around the event that is looked at. */
  get rawLines(): Locator {
    return this.page.getByRole('region', { name: 'Lines of the recording' })
  }

  /** Goes to the next event of an opened recording. */
  async nextEvent(): Promise<void> {
    await this.page
      .getByRole('region', { name: 'The event that is looked at' })
      .getByRole('button', { name: 'Next' })
      .click()
    await this.settle()
  }
}

const exactly = (text: string): RegExp => new RegExp(`^${text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`)
