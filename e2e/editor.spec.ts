import { readFile } from 'node:fs/promises'
import { expect, test } from '@playwright/test'
import { EditorPage } from './editor-page.ts'
import { accessible, accessibleInLightAndDark, fitsTheWindow } from './for-everybody.ts'

test('a shipped scenario is changed in the form: text and machine follow, and a reload finds it', async ({ page }) => {
  const editor = new EditorPage(page)
  await editor.open('s=munmap-plain')
  await expect(editor.bar).toContainText('Not changed yet')
  await expect(editor.preview).toContainText(
    /Linux 6\.1 · \d+ actors · \d+ bytes a state · \d+ references, all resolve/,
  )

  await editor.write('Batch size', '1')
  expect((await editor.value()).batchSize).toBe(1)
  await editor.write('Frames', '20')
  await expect(editor.preview).toContainText('Physical memory · 20 frames')
  await editor.write('Title', 'Two pages, one at a time')
  await expect(editor.bar).toContainText('Saved in this browser')

  await page.reload()
  await editor.lab.settle()
  await expect(editor.bar).toContainText('Two pages, one at a time')
  await expect(editor.field('Batch size')).toHaveValue('1')
})

test('JSON that is broken is left as it is, says where and how to mend it, and costs neither form nor machine', async ({
  page,
}) => {
  const editor = new EditorPage(page)
  await editor.open('s=munmap-plain')
  await editor.type('"batchSize": 16,', '"batchSize": 16')
  const broken = await editor.json.inputValue()
  await expect(editor.verdict).toContainText(/Line \d+, column 3.*Write a comma before it/)
  await expect(editor.form).toContainText(/The form waits.*at line \d+/)
  await expect(editor.field('Batch size')).toBeDisabled()
  await expect(editor.field('Batch size')).toHaveValue('16')
  await expect(editor.preview).toContainText('Last good preview')
  await expect(editor.preview).toContainText('CPU 0')

  await page.reload()
  await editor.lab.settle()
  await expect(editor.json).toHaveValue(broken)

  await editor.type('"batchSize": 16', '"batchSize": 0, "batchsize": 7,')
  await expect(editor.verdict).toContainText('0 is too small')
  await expect(editor.form).toContainText('0 is too small. Write 1 or more.')
  await expect(editor.form).toContainText('There is no such name here')
  await editor.form.getByRole('button', { name: 'Remove “batchsize”' }).click()
  await editor.write('Batch size', '2')
  await expect(editor.verdict).toContainText('No problems')
  await expect(editor.preview).not.toContainText('Last good preview')
})

test('a problem leads to its place in the text and to its field', async ({ page }) => {
  const editor = new EditorPage(page)
  await editor.open('s=munmap-plain')
  await editor.type('"page": "buf[1]"', '"page": "bug[1]"')
  await expect(editor.preview).toContainText(/1 of \d+ references does not resolve/)
  await editor.verdict.getByRole('button', { name: /^Line/ }).click()
  await expect(editor.json).toBeFocused()
  const chosen = await editor.json.evaluate((area: HTMLTextAreaElement) =>
    area.value.slice(area.selectionStart, area.selectionEnd),
  )
  expect(chosen).toBe('"bug[1]"')
  await editor.verdict.getByRole('button', { name: /^cpus/ }).click()
  await expect(page.locator(':focus')).toHaveValue('bug[1]')
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.type('buf[1]')
  await expect(editor.verdict).toContainText('No problems')
})

test('a script is put into another order by keys, by dragging, and back', async ({ page }) => {
  const editor = new EditorPage(page)
  await editor.open('s=dontneed')
  const before = await editor.json.inputValue()
  const script = async () => {
    const { cpus } = await editor.value()
    return cpus?.[0]?.script.map(action => action.do)
  }
  expect(await script()).toEqual(['madvise-dontneed', 'write'])
  await editor.handle('madvise-dontneed buf').focus()
  await page.keyboard.press('ArrowDown')
  expect(await script()).toEqual(['write', 'madvise-dontneed'])
  await expect(page.locator(':focus')).toHaveText(/^Move action 2: madvise-dontneed buf/)

  await editor.handle('madvise-dontneed buf').dragTo(editor.handle('write buf\\[0\\]').first())
  expect(await script()).toEqual(['madvise-dontneed', 'write'])
  await page.keyboard.press('ControlOrMeta+z')
  await page.keyboard.press('ControlOrMeta+z')
  await expect(editor.json).toHaveValue(before)
})

test('a scenario goes away as a file and a link, comes back from both, and is run', async ({ page, context }) => {
  const editor = new EditorPage(page)
  await editor.open('new')
  await editor.write('Title', 'Mine alone')
  await editor.write('Name in links', 'mine-alone')
  const text = await editor.json.inputValue()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    editor.bar.getByRole('button', { name: 'Save as a file' }).click(),
  ])
  expect(download.suggestedFilename()).toBe('mine-alone.json')
  const file = await readFile(await download.path())
  expect(file.toString()).toBe(text)

  const list = await editor.list()
  await list.getByRole('button', { name: 'Delete Mine alone' }).click()
  await expect(editor.bar).toContainText('“Mine alone” was deleted.')
  await editor.list()
  await list
    .getByLabel('A file')
    .setInputFiles({ name: 'x.json', mimeType: 'application/json', buffer: Buffer.concat([file, Buffer.from('\n')]) })
  await expect(editor.bar).toContainText('Mine alone')
  await editor.bar.getByRole('button', { name: 'Bring it back' }).click()
  await expect(editor.json).toHaveValue(text)

  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await editor.bar.getByRole('button', { name: 'Copy link' }).click()
  await expect(editor.bar).toContainText('in your clipboard')
  const link = await page.evaluate(() => navigator.clipboard.readText())
  const elsewhere = new EditorPage(await context.browser()!.newPage())
  await elsewhere.page.goto(link)
  await elsewhere.lab.settle()
  await expect(elsewhere.json).toHaveValue(text)
  await expect(elsewhere.bar).toContainText('Not changed yet')

  await elsewhere.bar.getByRole('link', { name: 'Run in the Lab' }).click()
  await expect(elsewhere.lab.currentScenario).toContainText('Mine alone')
  await elsewhere.page.goBack()
  await elsewhere.lab.settle()
  await elsewhere.bar.getByRole('link', { name: 'Explore' }).click()
  await expect(elsewhere.page.getByRole('region', { name: 'Every interleaving' })).toBeVisible()
  await elsewhere.page.close()
})

test('a browser that keeps nothing says so, and the address keeps the scenario', async ({ page }) => {
  await page.addInitScript(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException('no room', 'QuotaExceededError')
    }
  })
  const editor = new EditorPage(page)
  await editor.open('s=munmap-plain')
  await editor.write('Title', 'Kept by the address')
  await expect(editor.bar).toContainText('Not saved: the storage of this browser is full')
  await page.reload()
  await editor.lab.settle()
  await expect(editor.bar).toContainText('Kept by the address')
})

test('axe finds nothing in the editor, whatever is wrong in it and however it is dressed', async ({ page }) => {
  const editor = new EditorPage(page)
  await editor.open('s=dontneed')
  await editor.type('"batchSize": 16', '"mystery": 1, "batchSize": 0')
  await accessible(page, { part: '.editor' })
  await editor.type('{', '{{')
  await accessibleInLightAndDark(page, { part: '.editor' })
})

test('nothing is wider than the window, and the form is whole on a phone', async ({ page }) => {
  const editor = new EditorPage(page)
  await page.setViewportSize({ width: 390, height: 844 })
  await editor.open('s=munmap-plain')
  for (const side of ['Form', 'JSON', 'Preview']) {
    await page.getByRole('button', { name: side, exact: true }).click()
    await fitsTheWindow(page, side)
  }
})
