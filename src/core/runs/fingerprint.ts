import type { Run } from './run.ts'

/** Raised whenever the same scenario and schedule may lead to other states than before. Old links then say so. */
export const SEMANTICS = 1

const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_'
/** Samples at the most, so that the link of a long run stays short. */
const SAMPLES = 96

/**
 * `1f2e3d4c` or `1f2e3d4c.2.aZ09`: the checksum of the end state, then the distance between samples and one character per
 * sampled state, so that a replay which ends elsewhere can name the step where it left.
 */
export function fingerprintOf(run: Run): string {
  const end = run.checksumAt(run.length)
  if (run.length === 0) return end
  const stride = Math.ceil(run.length / SAMPLES)
  let samples = ''
  for (let at = stride; at <= run.length; at += stride) samples += sample(run, at)
  return `${end}.${stride.toString(36)}.${samples}`
}

const sample = (run: Run, at: number): string => DIGITS.charAt(Number.parseInt(run.checksumAt(at).slice(-2), 16) & 63)

/** The first sampled step at which the run differs from the fingerprint, or 0 when it does not. */
export function firstDifference(
  run: Run,
  fingerprint: string,
): { readonly from: number; readonly to: number } | undefined {
  const [end, strideText = '', samples = ''] = fingerprint.split('.')
  if (end === run.checksumAt(run.length)) return undefined
  const stride = Number.parseInt(strideText, 36)
  if (!Number.isSafeInteger(stride) || stride < 1) return { from: 0, to: run.length }
  for (let i = 0; i < samples.length; i++) {
    const at = (i + 1) * stride
    if (at > run.length) break
    if (samples.charAt(i) !== sample(run, at)) return { from: at - stride + 1, to: at }
  }
  return { from: run.length, to: run.length }
}

export const isFingerprint = (text: string): boolean =>
  /^[0-9a-f]{8}(\.[0-9a-z]{1,4}\.[0-9A-Za-z_-]{0,128})?$/.test(text)
