import { EACH_TOLD, IN_ORDER_BY_PAGE, MAPPED, PAIRED } from '../promises.ts'
import { did, isCall, type Kind, ofPairs } from './kind.ts'

const moves = did('try_to_migrate', 'set_migration_pte', 'remove_migration_pte')
const called = isCall('move_pages', 'migrate_pages', 'mbind')

/** Pages moved to other frames: try_to_migrate() mm/rmap.c, migrate_pages() mm/migrate.c */
export const migrate: Kind = {
  name: 'migrate',
  title: 'migration',
  is: s => moves(s) || (called(s) && s.did.has('invalidate-range-started')),
  range: ofPairs,
  promises: [MAPPED, EACH_TOLD, IN_ORDER_BY_PAGE, PAIRED],
}
