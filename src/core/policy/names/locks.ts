import { first, type Names, withFile } from './name.ts'

const RWSEM = 'include/linux/rwsem.h'

/** mmap_sem up to 5.7, mmap_lock since (the wrappers are of 5.8). Killable writers: 4.7. Locks of page tables: 3.14. Of the file: 3.0, 3.19. */
export const LOCK_NAMES: Names = {
  mmap_write_lock: withFile('down_write', RWSEM, ['6.1', 'mmap_write_lock']),
  mmap_write_lock_killable: withFile(
    'down_write',
    RWSEM,
    ['4.13', 'down_write_killable', RWSEM],
    ['6.1', 'mmap_write_lock_killable'],
  ),
  mmap_write_unlock: withFile('up_write', RWSEM, ['6.1', 'mmap_write_unlock']),
  mmap_read_lock: withFile('down_read', RWSEM, ['6.1', 'mmap_read_lock']),
  mmap_read_trylock: withFile('down_read_trylock', RWSEM, ['6.1', 'mmap_read_trylock']),
  mmap_read_unlock: withFile('up_read', RWSEM, ['6.1', 'mmap_read_unlock']),
  pmd_lock: first('spin_lock', ['3.18', 'pmd_lock']),
  i_mmap_lock_write: withFile(
    'spin_lock',
    'include/linux/spinlock.h',
    ['3.7', 'mutex_lock', 'include/linux/mutex.h'],
    ['3.19-1of3', 'i_mmap_lock_write'],
  ),
  i_mmap_unlock_write: withFile(
    'spin_unlock',
    'include/linux/spinlock.h',
    ['3.7', 'mutex_unlock', 'include/linux/mutex.h'],
    ['3.19-1of3', 'i_mmap_unlock_write'],
  ),
  folio_lock: first('lock_page', ['6.6', 'folio_lock']),
  folio_trylock: first('trylock_page', ['6.1', 'folio_trylock']),
  srcu_read_lock: withFile('rcu_read_lock', 'include/linux/rcupdate.h', ['3.7', 'srcu_read_lock']),
  srcu_read_unlock: withFile('rcu_read_unlock', 'include/linux/rcupdate.h', ['3.7', 'srcu_read_unlock']),
  'mmu_notifier_unregister>synchronize_srcu': withFile('synchronize_rcu', 'kernel/rcupdate.c', [
    '3.7',
    'synchronize_srcu',
  ]),
}
