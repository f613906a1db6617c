import { expect, test } from '@playwright/test'
import { CloserPage } from './closer-page.ts'
import { accessible } from './for-everybody.ts'

/** The tab that says where each rule is kept, in the reader's words. */
class WhyPage extends CloserPage {
  ruleOf(sentence: string) {
    return this.look.getByRole('listitem').filter({ has: this.page.getByRole('heading', { name: sentence }) })
  }
}

test('3.19 rests on the callback in the forced flush: without it the run breaks, in the lab, and it can be put back', async ({
  page,
}) => {
  const why = new WhyPage(page)
  await why.open('#/explore?s=munmap-forced-flush&k=3.19')
  await why.take('Why is it safe?')
  const rule = why.ruleOf('No access reaches a freed frame')
  await expect(rule).toContainText('holds')
  await expect(rule).toContainText('zap_pte_range')
  await expect(rule).toContainText('__mmu_notifier_invalidate_range()')
  await accessible(page, { part: '.why' })

  await rule.getByRole('link', { name: /Watch it: I1 without the call of invalidate_range in/ }).click()
  await why.settle()
  const notice = page.getByRole('region', { name: 'Left out of this kernel' })
  await expect(notice).toContainText('This run leaves out the call of invalidate_range')
  await why.press('End')
  await why.tab('Rules')
  await expect(why.rule('No access reaches a freed frame')).toContainText('A frame was used')

  await notice.getByRole('button', { name: 'Put it back' }).click()
  await why.settle()
  await expect(notice).toHaveCount(0)
  await expect(why.rule('No access reaches a freed frame')).not.toContainText('A frame was used')
  expect(await why.address()).not.toContain('w=')
})

test('3.18 is not safe, and the tab leads to the run that shows it and to the kernel that mends it', async ({
  page,
}) => {
  const why = new WhyPage(page)
  await why.open('#/explore?s=munmap-forced-flush&k=3.18')
  await why.take('Why is it safe?')
  const rule = why.ruleOf('No access reaches a freed frame')
  await expect(rule).toContainText('does not hold')
  await expect(rule).toContainText('Holds from 3.19 on.')
  await expect(rule.getByRole('link', { name: /^Watch it/ })).toHaveCount(1)
  await rule.getByRole('link', { name: 'See it in 3.19' }).click()
  await why.settle()
  await expect(why.currentKernel).toHaveText('3.19')
})
