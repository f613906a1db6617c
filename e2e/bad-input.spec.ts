import { writeFile } from 'node:fs/promises'
import { expect, test } from '@playwright/test'
import { LabPage } from './lab-page.ts'

const CASES: readonly { link: string; says: RegExp; opens: RegExp }[] = [
  {
    link: 's=munmap-plian',
    says: /there is no scenario “munmap-plian”/,
    opens: /munmap\(\) while a GPU shares the page table/,
  },
  { link: 's=munmap-plain&k=2.4', says: /there is no kernel “2\.4”/, opens: /munmap\(\) while a GPU/ },
  {
    link: 's=munmap-plain&sw=drainWalks:false',
    says: /there is no switch “drainWalks”/,
    opens: /munmap\(\) while a GPU/,
  },
  { link: 's=munmap-plain&r=00090', says: /there is no actor 9/, opens: /munmap\(\) while a GPU/ },
  { link: 's=munmap-plain&r=33333&at=99999', says: /cannot move|not in this run/, opens: /munmap\(\) while a GPU/ },
  { link: 's=munmap-plain&r=000&c=00000000.1.AAA&v=1', says: /goes another way/, opens: /munmap\(\) while a GPU/ },
  { link: 's=%E0%A4%A', says: /%/, opens: /munmap/ },
  { link: 's=<script>alert(1)</script>', says: /there is no scenario/, opens: /munmap/ },
  { link: 's=own&x=AAAA', says: /scenario/, opens: /munmap/ },
]

test('a link that is wrong, the first or the next, says what is wrong and opens what works', async ({ page }) => {
  const errors: string[] = []
  page.on('pageerror', error => errors.push(error.message))
  page.on('dialog', dialog => void dialog.dismiss().then(() => errors.push('a dialog opened')))
  const lab = new LabPage(page)
  for (const { link, says, opens } of CASES) {
    await lab.open(link)
    await expect(lab.problems, link).toContainText(says)
    await expect(lab.currentScenario, link).toContainText(opens)
    expect(errors, link).toEqual([])
  }
})

test('a link whose run has changed names the first step that differs', async ({ page }) => {
  const lab = new LabPage(page)
  await lab.open('s=munmap-forced-flush&k=3.18&d=naive&r=0003002*70*412&at=19')
  const hash = await lab.address()
  // As if made by a version in which the sixth step led elsewhere.
  const forged = hash.replace(
    /c=(.)(.{7})\.1\.(.{5})(.)/,
    (_, first: string, sum: string, head: string, sixth: string) =>
      `c=${first === '0' ? '1' : '0'}${sum}.1.${head}${sixth === 'z' ? 'y' : 'z'}`,
  )
  expect(forged).not.toBe(hash)
  await lab.open('#/lab')
  await lab.open(forged)
  await expect(lab.problems).toContainText('schedule step 6: the run goes another way')
})

test('a 50 MB text that is no trace gets a located message', async ({ page }, info) => {
  const lab = new LabPage(page)
  await lab.open('#/traces')
  const file = info.outputPath('novel.txt')
  await writeFile(file, Buffer.alloc(50_000_000, 'It was a dark and stormy night.\n'))
  await lab.ownFile(file)
  await expect(lab.main).toContainText(/line 1\b/)
  await expect(lab.main).toContainText(/no event|not .*trace|no trace/i)
})

test('a truncated trace is read as far as it goes, and says where it ends', async ({ page, request }) => {
  const lab = new LabPage(page)
  await lab.open('#/traces')
  const whole = await (await request.get('traces/munmap4.trace.txt')).body()
  await lab.ownRecording('cut.txt', whole.subarray(0, 9_000))
  await expect(lab.main).toContainText(/munmap 4 pages/)
})
