/** What a reader chooses before a run: the kernel, the IOMMU driver, the architecture, and single switches. */
export interface Settings {
  readonly kernel: KernelId
  readonly driver: DriverKind
  readonly arch: Arch
  /** Only those that differ from what kernel, architecture and scenario preset. */
  readonly switches: Readonly<Record<string, SwitchValue>>
}

/** Oldest first: a kernel keeps what earlier ones brought, until a later one changes it. */
export const KERNEL_IDS = [
  '2.6.27',
  '3.7',
  '3.18',
  '3.19-1of3',
  '3.19-2of3',
  '3.19',
  '4.13',
  '4.15',
  '4.19',
  '5.5',
  '6.1',
  '6.6',
  '6.14',
  '6.19',
] as const
export type KernelId = (typeof KERNEL_IDS)[number]

export const DRIVER_KINDS = ['naive', 'empty-table', 'notifier'] as const
export type DriverKind = (typeof DRIVER_KINDS)[number]

export const ARCHS = ['x86', 'arm64'] as const
export type Arch = (typeof ARCHS)[number]

export type SwitchValue = boolean | string
