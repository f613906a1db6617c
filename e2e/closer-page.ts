import type { Locator } from '@playwright/test'
import { LabPage } from './lab-page.ts'

export type Look = 'Outcomes' | 'Danger' | 'Cost' | 'Why is it safe?' | 'Smallest case' | 'Graph'

/** The card of closer looks at a question: what all its runs have in common, in the reader's words. */
export class CloserPage extends LabPage {
  readonly card = this.page.getByRole('region', { name: 'A closer look' })
  /** What a look says, once it is taken. */
  readonly look = this.card.locator('.closer-look')

  /** As a reader would who is after one answer: the matrix, which fills by itself, waits. */
  override async open(link = ''): Promise<void> {
    await super.open(link)
    const pause = this.page.getByRole('button', { name: 'Pause', exact: true })
    if (await pause.isVisible()) await pause.click()
  }

  /** Opens a tab of the card, and waits for its answer. */
  async take(look: Look): Promise<Locator> {
    await this.ask(look)
    await this.until('.closer-look', 'study', ['done'])
    return this.card.getByRole('tabpanel')
  }

  /** Opens a tab of the card and presses its button. */
  async ask(look: Look): Promise<void> {
    await this.card.getByRole('tab', { name: look, exact: true }).click()
    await this.look.getByRole('button', { name: 'Look', exact: true }).click()
  }
}
