import { deflateSync, inflateSync, strFromU8, strToU8 } from 'fflate'

/** What a custom scenario may grow to when it is unpacked. */
export const UNPACKED_LIMIT = 256 * 1024

/** Text as compressed base64url: only letters, digits, `-` and `_`, so that any mail program leaves it whole. */
export function packText(text: string): string {
  if (packedLast.text !== text) packedLast = { text, packed: pack(text) }
  return packedLast.packed
}

/** A run's scenario is packed again for the link of every step: once is enough. */
let packedLast: { readonly text: string | null; readonly packed: string } = { text: null, packed: '' }

function pack(text: string): string {
  const bytes = deflateSync(strToU8(text), { level: 9 })
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** The text, or in a few words why there is none. A bomb is stopped at the limit: the output buffer cannot grow. */
export function unpackText(packed: string): { readonly text: string } | { readonly why: string } {
  if (!/^[\w-]*$/.test(packed)) return { why: 'holds characters that do not belong there' }
  try {
    const binary = atob(packed.replaceAll('-', '+').replaceAll('_', '/'))
    const bytes = Uint8Array.from(binary, c => c.charCodeAt(0))
    const unpacked = inflateSync(bytes, { out: new Uint8Array(UNPACKED_LIMIT + 1) })
    if (unpacked.length > UNPACKED_LIMIT) return { why: `is larger than ${UNPACKED_LIMIT / 1024} kB when unpacked` }
    return { text: strFromU8(unpacked) }
  } catch {
    return { why: 'cannot be unpacked: it is cut off or damaged' }
  }
}
