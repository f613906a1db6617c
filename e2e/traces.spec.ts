import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { expect, test } from '@playwright/test'
import { LabPage } from './lab-page.ts'

const recorded = (name: string): string =>
  readFileSync(new URL(`../public/traces/${name}.trace.txt`, import.meta.url), 'utf8')

/** munmap, shrinking brk, madvise(MADV_DONTNEED): whatever of these is shipped, the simulation must come to the same order. */
const MODELLED = [
  'munmap4',
  'munmap4_lasttable',
  'munmap4_smp',
  'munmap4_lazycpu',
  'munmap_2m',
  'munmap_600',
  'munmap_shared_dirty',
  'munmap_pinned',
  'munmap_11000',
  'brk',
  'dontneed8',
  'dontneed8_smp',
  'thp_split',
  'thp_dontneed',
  'stress-5m',
  'pv-munmap4_lasttable',
  'pv-munmap_2m',
  'k612-munmap4',
  'k612-munmap4_lasttable',
  'k612-dontneed8',
  'k612-thp_split',
]

test('the list compares every recording with the simulator and says what came of it', async ({ page }) => {
  const lab = new LabPage(page)
  await lab.open('#/traces')
  await lab.allCompared()
  await expect(lab.compared).toContainText(/ 0 differing, 0 not simulated/)
  for (const name of MODELLED) await expect(lab.recordingRow(name), name).toContainText(/same (order|in part)/)
  await expect(lab.recordingRow('exit_live')).toContainText('Meant: exit-call')
  await expect(lab.recordingRow('munmap4_lasttable').getByRole('cell')).toHaveText(['4', '4', '3', /same order/])
})

test('comparing can be stopped and taken up again', async ({ page }) => {
  const lab = new LabPage(page)
  let answer: () => void = () => undefined
  const held = new Promise<void>(resolve => {
    answer = resolve
  })
  await page.route('**/munmap_2m.trace.txt', async route => {
    await held
    await route.continue().catch(() => undefined)
  })
  await page.goto('./#/traces')
  await expect(lab.compared).toContainText(/4 of 33 compared.*Now: munmap_2m/)
  await lab.compared.getByRole('button', { name: 'Stop' }).click()
  await expect(lab.compared).toContainText('Stopped.')
  await lab.settle()
  await expect(lab.recordingRow('munmap_2m')).toContainText('waiting')
  answer()
  await lab.compared.getByRole('button', { name: 'Go on' }).click()
  await lab.allCompared()
  // What is known stays known for the visit.
  await lab.goTo('Lab')
  await lab.goTo('Traces')
  await expect(lab.compared).toContainText(/33 of 33 compared/)
})

test('a recorded munmap of Linux 6.1 plays beside the simulated one and agrees with it', async ({ page }) => {
  const lab = new LabPage(page)
  await lab.open('#/traces')
  await lab.recording('munmap4_lasttable')
  await expect(lab.recordedStep(/munmap 4 pages/)).toContainText('same order')
  await expect(lab.stripRow('start(UNMAP)')).toContainText(/4 of 4 mapped.*refcount 1/)
  await expect(lab.stripRow('end')).toContainText(/4 of 4 unmapped, none freed.*refcount 1 · map count 0/)
  await expect(lab.stripRow('invalidate_range:outside')).toContainText('3 of 3 tables unlinked, none freed')
  await expect(lab.strip.getByRole('row').last()).toContainText('freed 4 pages and 3 page tables')
})

test('any event leads to its line in the file', async ({ page }) => {
  const lab = new LabPage(page)
  const line =
    recorded('munmap4')
      .split('\n')
      .findIndex(l => l.includes('mn_invalidate_range_end:')) + 1
  await lab.open('#/traces')
  await lab.recording('munmap4')
  await lab.stripRow('end').getByRole('button').click()
  await expect(lab.rawLines.locator('[aria-current]')).toContainText('mn_invalidate_range_end:')
  await expect(lab.rawLines.locator('[aria-current]')).toHaveText(new RegExp(`^${line}`))
  await lab.nextEvent()
  await expect(lab.rawLines.locator('[aria-current]')).not.toHaveText(new RegExp(`^${line}`))
})

test('what is not simulated says so, and why: events were lost', async ({ page }) => {
  const lab = new LabPage(page)
  await lab.open('#/traces')
  const lines = recorded('munmap4').split('\n')
  const from = lines.findIndex(l => l.includes(' tlb_finish_mmu: '))
  lines.splice(from, 9, 'CPU:0 [LOST 9 EVENTS]')
  await lab.ownRecording('lost.txt', Buffer.from(lines.join('\n')))
  const munmap = lab.recordedStep(/munmap 4 pages/)
  await munmap.click()
  await lab.settle()
  await expect(munmap).toContainText('not simulated')
  await expect(lab.main).toContainText(`events of CPU 0 were lost in its course (line ${from + 1})`)
})

test('a link opens a step of a recording, and says when there is none', async ({ page }) => {
  const lab = new LabPage(page)
  await lab.open('#/traces')
  await lab.recording('munmap4')
  await lab.recordedStep(/touch 4 pages/).click()
  await lab.settle()
  const link = await lab.address()
  expect(link).toMatch(/munmap4.*2/)
  await page.goto('about:blank')
  await lab.open(link)
  await expect(lab.recordedStep(/touch 4 pages/)).toHaveAttribute('aria-current', 'step')

  await lab.open(link.replace(/2$/, '9'))
  await expect(lab.main).toContainText(/names a step “9”; this recording has steps 1 to 3/)
  await lab.open(link.replace('munmap4', 'munmap5'))
  await expect(lab.main).toContainText(/a recording “munmap5”, and there is none of that name. Did it mean munmap4\?/)
})

test('a recording of one’s own that was tampered with differs, and says where', async ({ page }) => {
  const lab = new LabPage(page)
  await lab.open('#/traces')
  // A page is made to be freed before the CPUs have flushed.
  const text = recorded('munmap4')
  const [freed = ''] = /^.* mm_page_free: .*\n/m.exec(text) ?? []
  const tampered = text.replace(freed, '').replace(/^.* flush_tlb_mm_range: /m, `${freed}$&`)
  await lab.ownRecording('mine.txt', Buffer.from(tampered))
  await expect(lab.recordedStep(/munmap 4 pages/)).toContainText('differs')
  await expect(lab.main).toContainText(/First difference: .*free_pages/)
  await expect(lab.strip.getByRole('row').filter({ hasText: 'first difference' })).toContainText('free_pages')
})

test('a recording may be dropped anywhere on the page', async ({ page }) => {
  const lab = new LabPage(page)
  await lab.open('#/traces')
  await lab.dropRecording('mine.txt', recorded('brk'))
  await expect(lab.recordedStep(/shrink the heap/)).toContainText('same order')
})

test('a packed recording that was cut off shows what is there, and says what is not', async ({ page }) => {
  const lab = new LabPage(page)
  await lab.open('#/traces')
  const text = recorded('munmap_2m')
  await lab.ownRecording('mine.gz', gzipSync(text))
  await expect(lab.recordedStep(/munmap 1280 pages/)).toContainText('same order')

  await lab.open('#/traces')
  await page.reload()
  await lab.settle()
  const packed = gzipSync(text)
  await lab.ownRecording('cut.gz', packed.subarray(0, Math.round(packed.length * 0.8)))
  await expect(lab.main).toContainText('gzip data is damaged or cut off')
  await expect(lab.main).toContainText(/announces 1451 events and \d+ are there/)
})

test('a file that is no recording is refused with a place', async ({ page }) => {
  const lab = new LabPage(page)
  await lab.open('#/traces')
  await lab.ownRecording('holiday.mp4', Buffer.alloc(5_000_000, 'not a trace '))
  await expect(page.getByRole('alert')).toContainText(/holiday.mp4 could not be read: line 1, column 1:/)
  await lab.ownRecording('notes.json', Buffer.from('{}'))
  await expect(page.getByRole('alert')).toContainText('this looks like JSON')
  await page.getByRole('button', { name: 'All recordings' }).click()
  await expect(lab.compared).toBeVisible()
})
