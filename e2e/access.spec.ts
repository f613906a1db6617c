import { test } from '@playwright/test'
import { accessibleInLightAndDark, fitsTheWindow, SIZES } from './for-everybody.ts'
import { LabPage } from './lab-page.ts'

const VIEWS: readonly { name: string; open: (lab: LabPage) => Promise<unknown> }[] = [
  { name: 'the lab at its start', open: lab => lab.open() },
  {
    name: 'the lab at a use after free',
    open: lab => lab.open('s=munmap-forced-flush&k=3.18&d=naive&r=0003002*70*412&at=19'),
  },
  {
    name: 'the State tab',
    open: async lab => {
      await lab.open('s=munmap-page-table&k=3.18&d=naive&r=00030*53002*400012*7&at=21')
      await lab.tab('State')
    },
  },
  {
    name: 'Rules and problems of a link',
    open: async lab => {
      await lab.open('s=munmap-page-table&k=3.l8&r=0009')
      await lab.tab('Rules')
    },
  },
  {
    name: 'the Transcript, page requests in their queue',
    open: async lab => {
      await lab.open('s=pasid-reuse&r=2*d')
      await lab.tab('Transcript')
    },
  },
  {
    name: 'a comparison',
    open: async lab => {
      await lab.open('s=munmap-forced-flush&k=3.18&d=naive&r=0003002*70*412&at=19')
      await lab.compare('6.1')
    },
  },
  {
    name: 'the switches',
    open: async lab => {
      await lab.open('s=munmap-plain&sw=drainsWalks:false')
      await lab.setup()
    },
  },
  {
    name: 'the keys',
    open: async lab => {
      await lab.open()
      await lab.press('?')
    },
  },
  {
    name: 'a recording',
    open: async lab => {
      await lab.open('#/traces')
      await lab.recording(/^munmap4_lasttable\b/)
    },
  },
]

for (const view of VIEWS) {
  test(`axe finds nothing: ${view.name}`, async ({ page }) => {
    const lab = new LabPage(page)
    await view.open(lab)
    await accessibleInLightAndDark(page)
  })
}

test('nothing is wider than the window, on a projector or a phone', async ({ page }) => {
  const lab = new LabPage(page)
  for (const view of VIEWS.slice(0, 2)) {
    await view.open(lab)
    for (const size of SIZES) {
      await page.setViewportSize(size)
      await fitsTheWindow(page, `${view.name}, ${size.width}×${size.height}`)
    }
  }
  await lab.open('s=accessed-bits')
  await fitsTheWindow(page, 'a script that is longer than its line, on a phone')
})
