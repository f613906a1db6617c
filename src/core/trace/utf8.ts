/** Bytes made into text at once: a function may not have many more arguments, and short strings are fast to search. */
export const LATIN1_PIECE = 8192
const codes: number[] = Array.from({ length: LATIN1_PIECE }, () => 0)

/**
 * Up to LATIN1_PIECE bytes as text, one character a byte: ftrace is ASCII but for task names and markers, which `utf8` mends
 * one by one. By way of an array, because engines pass the elements of one on as arguments much faster than those of bytes.
 */
export function latin1(bytes: Uint8Array): string {
  const n = bytes.length
  const into = n === LATIN1_PIECE ? codes : codes.slice(0, n)
  for (let i = 0; i < n; i++) into[i] = bytes[i] ?? 0
  return String.fromCharCode.apply(null, into)
}

/** `text`, whose characters are bytes, decoded as UTF-8; as it is when it is not UTF-8. */
export function utf8(text: string): string {
  let out = ''
  for (let i = 0; i < text.length; ) {
    const first = text.charCodeAt(i)
    const length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
    if (length === 1) {
      out += text[i++]
      continue
    }
    if (first < 0xc2 || first > 0xf4 || i + length > text.length) return text
    let code = first & (0x7f >> length)
    for (let k = 1; k < length; k++) {
      const next = text.charCodeAt(i + k)
      if (next < 0x80 || next > 0xbf) return text
      code = (code << 6) | (next & 0x3f)
    }
    if (code > 0x10ffff) return text
    out += String.fromCodePoint(code)
    i += length
  }
  return out
}
