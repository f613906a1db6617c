import { expect, it } from 'vitest'
import { costFacts } from './cost-facts.ts'

const measure = (title: string, absent: string | null = null) => ({ title, unit: 'commands', absent })

it('costs stand side by side, and what only one side can show says why', () => {
  const costs = {
    here: [measure('IOTLB commands'), measure('Tables', 'not by RCU'), measure('IPIs', 'one CPU')],
    there: [measure('IOTLB commands'), measure('Tables'), measure('IPIs', 'one CPU')],
    rows: [
      { here: [0, 0, 0], there: [0, 0, 0] },
      { here: [2, 0, 0], there: [1, 3, 0] },
    ],
  }
  expect(costFacts(costs, 1)).toEqual([
    { group: 'Cost', name: 'IOTLB commands', here: '2', there: '1', same: false },
    { group: 'Cost', name: 'Tables, commands', here: 'not by RCU', there: '3', same: false },
  ])
  expect(costFacts(costs, 0).map(f => f.same)).toEqual([true, false])
  expect(costFacts(costs, 7)).toEqual([])
})
