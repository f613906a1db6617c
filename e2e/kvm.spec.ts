import { expect, test } from '@playwright/test'
import { accessible } from './for-everybody.ts'
import { LabPage } from './lab-page.ts'

/** A guest has found its page, and a munmap has begun: mmu_lock is held. */
const IN_PROGRESS = 's=kvm-fault&k=6.6&r=2*40*5&at=9'

test('a guest fault meets an invalidation: it waits for mmu_lock, starts over, and the guest finds nothing', async ({
  page,
}) => {
  const lab = new LabPage(page)
  await lab.open(IN_PROGRESS)
  const vm = lab.stage.locator('[data-place="consumer:0"]')
  await expect(vm.getByRole('heading', { name: 'VM 0' })).toBeVisible()
  await expect(vm.locator('[data-place="consumer:0:mmu_lock"]')).toContainText('CPU 0')
  await expect(vm.locator('[data-place="consumer:0:mmu_invalidate_in_progress"]')).toContainText('1: ram[0]')
  await expect(vm.locator('[data-place="thread:vCPU 0"]')).toContainText('4 of 5: check')

  await lab.move(/^\d? ?vCPU 0/)
  await expect(lab.sentence).toHaveText(/vCPU 0 starts over with ram\[0\]: an invalidation of it is in progress/i)
  await expect(vm.locator('[data-place="thread:vCPU 0"]')).toContainText('1 of 5: guest access')

  const state = await lab.tab('State')
  await expect(state.getByRole('table', { name: /^VM 0/ })).toContainText('mmu_invalidate_in_progress')
  await expect(state.getByRole('table', { name: /^SPTEs of VM 0/ })).toContainText('gfn 0x10')
  await accessible(page)
})

test('a bug of KVM ends where it says: its card on the stage tells of the harm', async ({ page }) => {
  const lab = new LabPage(page)
  await lab.open('#/bugs/B16')
  await expect(page.getByText('Broken.', { exact: true })).toBeVisible()
  await expect(page.locator('[data-place="consumer:0"]')).toContainText('Use after free')
})
