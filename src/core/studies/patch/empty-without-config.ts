import { besideWithout, patched } from './changes-no-run.ts'
import { type Claim, TOO_LARGE } from './claim.ts'

export const emptyWithoutConfig = {
  id: 'empty-without-config',
  name: 'without CONFIG_MMU_NOTIFIER no run changes',
  never: 'nothing to compare',
  question: 'In a kernel built without CONFIG_MMU_NOTIFIER: are all runs the same with these patches and without them?',
  why: 'Where notifiers are not built in, the series adds no step to any run.',
  parts: [
    {
      id: 'without',
      about: '',
      counted: 'moves',
      all: true,
      of: policy => patched({ ...policy, configMmuNotifier: false }),
      check: besideWithout,
      says: {
        yes: 'Yes: both graphs are the same, move by move.',
        no: 'No: the runs part.',
        'never-asked': 'No patch is in: there is nothing to compare.',
        undecided: TOO_LARGE,
      },
    },
    {
      id: 'with',
      about: 'Held against it: the same kernels, built with it.',
      counted: 'moves',
      all: true,
      of: patched,
      check: besideWithout,
      says: {
        yes: 'The same there too, as long as no driver can be called.',
        no: 'There they part.',
        'never-asked': 'No patch is in: there is nothing to compare.',
        undecided: TOO_LARGE,
      },
    },
  ],
} as const satisfies Claim
