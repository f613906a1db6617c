import * as v from 'valibot'
import { LIMITS } from '../core/scenarios/scenario.ts'
import { flag, inRegion, list, oneOf, page, text, whole } from './schema-parts.ts'

const reads = oneOf('Access one page.', ['read', 'write'])

export const consumer = v.variant('kind', [
  v.strictObject({
    kind: oneOf('hmm, odp: a driver that mirrors pages of the app in a page table of its device.', ['hmm', 'odp']),
    name: text('How it is called: GPU 0.', 24),
    ...inRegion,
    script: list(
      'What the device does, in order.',
      v.variant('do', [
        v.strictObject({ do: reads, page: page('A page that is mirrored: buf[0].') }),
        v.strictObject({
          do: oneOf('The driver begins to mirror, first of all; or gives the mirror up, last of all.', [
            'insert',
            'remove',
          ]),
        }),
      ]),
      LIMITS.scriptLength,
    ),
  }),
  v.strictObject({
    kind: oneOf('gpu: a GPU whose driver holds pages by reference, and gives them back itself.', ['gpu']),
    name: text('How it is called: GPU 0.', 24),
    userptr: flag('Its driver has subscribed to the mm: start() unbinds pages and gives them back.'),
    driver: list(
      'What its driver does, in order.',
      v.strictObject({
        do: oneOf('Pin and map one page, or unmap it and give it back.', ['bind', 'release']),
        page: page('A page of the app: buf[0].'),
      }),
      LIMITS.scriptLength,
    ),
    script: list(
      'What the GPU does, in order.',
      v.strictObject({ do: reads, page: page('A page of the app: buf[0].') }),
      LIMITS.scriptLength,
    ),
  }),
  v.strictObject({
    kind: oneOf('kvm: a VM whose memory is the app’s.', ['kvm']),
    name: text('How it is called: VM 0.', 24),
    memslots: list(
      'Which pages of the app are guest memory.',
      v.strictObject({
        gfn: whole('Number of the first guest page.', 0, 2 ** 20 - 1),
        ...inRegion,
        absent: flag('Not there yet: the action memslot creates it.'),
      }),
      LIMITS.memslots,
    ),
    vcpus: list(
      'Its vCPUs: what the guest does on each.',
      v.strictObject({
        script: list(
          'What it does, in order.',
          v.strictObject({ do: reads, page: page('A page of a memslot, or the APIC page: buf[0].') }),
          LIMITS.scriptLength,
        ),
      }),
      LIMITS.vcpus,
    ),
    pfnCache: v.exactOptional(
      v.pipe(
        v.strictObject({
          page: page('A page of a memslot: buf[0].'),
          script: list('What KVM does with it, in order.', v.strictObject({ do: reads }), LIMITS.scriptLength),
        }),
        v.description('A guest page that KVM uses by its frame number.'),
      ),
    ),
    apicPage: v.exactOptional(
      page('Page behind the guest’s APIC-access page: the processor has its physical address from the VMCS.'),
    ),
  }),
])
