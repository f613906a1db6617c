import { expect, test } from '@playwright/test'
import { LabPage } from './lab-page.ts'

const NAIVE = 's=munmap-forced-flush&k=3.18&d=naive'
/** The GPU fills the IOTLB between start() and the PTE clear; the batch is full; the page is freed and taken; the GPU writes. */
const STORY = '0003002*70*412'

test.describe('munmap with a full batch', () => {
  test('in 3.18 a reader drives the GPU into a page of another process, with the keyboard alone', async ({ page }) => {
    const lab = new LabPage(page)
    await lab.open()
    await lab.command('munmap() with a full batch')
    await lab.command('Linux 3.18')
    await expect(lab.currentKernel).toHaveText(/3\.18/)
    await lab.press('Home')

    const who = [
      ...['CPU 0', 'CPU 0', 'CPU 0', 'IOMMU', 'CPU 0', 'CPU 0'],
      ...Array<string>(7).fill('GPU 0'),
      ...['CPU 0', 'CPU 0', 'CPU 0', 'CPU 0', 'CPU 1', 'GPU 0'],
    ]
    for (const actor of who) await lab.chooseByKey(actor)

    await expect(lab.sentence).toContainText('GPU 0 writes buf[0] in pfn 5. pfn 5 belongs to other: use after free.')
    await expect(lab.spoken).toContainText('use after free')
    await expect(lab.frame(5)).toContainText('other')
    await lab.tab('Rules')
    await expect(lab.rule('No access reaches a freed frame')).toContainText('broken')
  })

  test('in 6.1 the same schedule cannot be followed past the invalidate, or ends safe, and says which', async ({
    page,
  }) => {
    const lab = new LabPage(page)
    await lab.open(`${NAIVE}&r=${STORY}&at=19`)
    await lab.compare('6.1')
    await expect(lab.comparison).toContainText('Followed to the end. In 6.1 no rule is broken.')

    // A walk that is still under way when the PTE is cleared: the IOMMU of 6.1 drains it before it says that it is done.
    await lab.open(`${NAIVE}&r=0003002*50*4122&at=18`)
    await lab.compare('6.1')
    await expect(lab.comparison).toContainText('This schedule cannot be followed further in 6.1')
    await expect(lab.comparison).toContainText('it drains walks first, and one for GPU 0 is under way')
  })

  test('the first patch of the series alone changes nothing', async ({ page }) => {
    const lab = new LabPage(page)
    await lab.open(`${NAIVE}&r=${STORY}&at=19`)
    await lab.compare('3.19 1/3')
    await expect(lab.comparison).toContainText('Both runs are the same, step by step.')
  })

  test('callbacks that a kernel does not make are drawn as holes', async ({ page }) => {
    const lab = new LabPage(page)
    await lab.open(`${NAIVE}&r=${STORY}&at=0`)
    await expect(lab.phase(/no callback here/)).toHaveCount(2)
    await lab.kernel('6.1')
    await expect(lab.phase(/no callback here/)).toHaveCount(0)
    await expect(lab.phase(/invalidate_range\b/)).not.toHaveCount(0)
  })
})

test.describe('munmap of the last page of a page table', () => {
  for (const driver of ['naive', 'empty-table']) {
    test(`in 3.18 with driver ${driver} the IOMMU walks a freed page table into the kernel`, async ({ page }) => {
      const lab = new LabPage(page)
      await lab.open(`s=munmap-page-table&k=3.18&d=${driver}&r=00030*53002*400012*7&at=27`)
      await expect(lab.problems).toBeHidden()
      await expect(lab.sentence).toContainText('pfn 0 belongs to the kernel: use after free.')
      await lab.tab('Rules')
      await expect(lab.rule('No walk reads a freed page-table page')).toContainText('broken')
    })
  }

  test('in 3.19 the table is told of before it is freed, unless the IOMMU keeps its walk cache', async ({ page }) => {
    const lab = new LabPage(page)
    await lab.open('s=munmap-page-table&k=3.18&d=naive&r=00030*53002*400012*7&at=27')
    await lab.compare('3.19')
    await expect(lab.comparison).toContainText(/In 3\.19 no rule is broken|cannot be followed further in 3\.19/)
    await lab.press('c')

    await lab.open('s=munmap-page-table&k=3.19&d=notifier&sw=invalidateKind:leaf&r=0*42*50002230*630012*4&at=29')
    await lab.tab('Rules')
    await expect(lab.rule('No walk reads a freed page-table page')).toContainText('broken')
  })
})
