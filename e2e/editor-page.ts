import { expect, type Locator, type Page } from '@playwright/test'
import { LabPage } from './lab-page.ts'

/** What a reader of the editor can see and do, in the reader's words. */
export class EditorPage {
  readonly page: Page
  readonly lab: LabPage
  readonly form: Locator
  /** The text itself. */
  readonly json: Locator
  readonly preview: Locator
  /** What is wrong with the text. */
  readonly verdict: Locator
  /** The scenario's name and whether it is kept. */
  readonly bar: Locator

  constructor(page: Page) {
    this.page = page
    this.lab = new LabPage(page)
    this.form = page.getByRole('region', { name: 'Form', exact: true })
    this.json = page.getByRole('textbox', { name: 'The scenario as JSON' })
    this.preview = page.getByRole('region', { name: 'Before the first step' })
    this.verdict = page.locator('#json-verdict')
    this.bar = page.getByRole('region', { name: 'Scenario editor' }).locator('.editor-bar')
  }

  /** Opens the editor, with what a query names: `s=munmap-plain`. */
  async open(query = ''): Promise<void> {
    await this.lab.open(query === '' ? '#/edit' : `#/edit?${query}`)
  }

  /** A field of the form by its label. */
  field(label: string): Locator {
    return this.form.getByLabel(label, { exact: true })
  }

  async write(label: string, value: string): Promise<void> {
    await this.field(label).fill(value)
    await this.lab.settle()
  }

  /** Replaces a part of the JSON by another, as one who types would. */
  async type(part: string, by: string): Promise<void> {
    const text = await this.json.inputValue()
    expect(text, 'the text to replace').toContain(part)
    await this.json.fill(text.replace(part, () => by))
    await this.lab.settle()
  }

  /** The value that stands in the JSON. */
  async value(): Promise<{
    readonly batchSize?: number
    readonly cpus?: readonly { readonly script: readonly { readonly do: string }[] }[]
  }> {
    return JSON.parse(await this.json.inputValue())
  }

  /** Opens the list of what is saved and what to start from. */
  async list(): Promise<Locator> {
    await this.bar.getByRole('button', { name: 'Open or start…' }).click()
    return this.page.getByRole('dialog', { name: 'Open or start a scenario' })
  }

  /** The handle by which an action is moved. */
  handle(sentence: string): Locator {
    return this.form.getByRole('button', { name: new RegExp(`^Move action \\d+: ${sentence}`) })
  }
}
